"""Who attends a web endpoint: receiving lasts as long as the lease, never longer, and begins anew after trouble."""

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from docaxis.desk import attending
from docaxis.desk.attending import attend
from docaxis.desk.endpoint import CERTIFICATE_FILE, KEY_FILE, SETTINGS_FILE, Shelf
from docaxis.hub.ports import StoreUnavailable
from tests.simulator import Country
from tests.waiting import eventually

ENDPOINT = cast("Any", SimpleNamespace(settings=SimpleNamespace(id="e-h01")))


class FakeLeases:
    """Says what `says` says: True, False or an exception."""

    lease_s = 0.15

    def __init__(self) -> None:
        self.says: bool | Exception = True
        self.released = 0

    async def take(self, endpoint: str) -> bool:
        assert endpoint == "e-h01"
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def release(self, endpoint: str) -> None:
        assert endpoint == "e-h01"
        self.released += 1


class Receiving:
    """Stands in for receiving: counts how often it began and whether it is under way; `trouble` ends the next one."""

    def __init__(self) -> None:
        self.begun = 0
        self.active = False
        self.trouble: Exception | None = None

    async def __call__(self, endpoint: object) -> None:
        assert endpoint is ENDPOINT
        self.begun += 1
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        self.active = True
        try:
            await asyncio.Event().wait()
        finally:
            self.active = False

    async def is_active(self) -> bool:
        return self.active

    async def is_quiet(self) -> bool:
        return not self.active


@pytest.fixture
def receiving(monkeypatch: pytest.MonkeyPatch) -> Receiving:
    fake = Receiving()
    monkeypatch.setattr(attending, "receive", fake)
    monkeypatch.setattr(attending, "TROUBLE_WAIT_S", 0.05)
    return fake


async def test_receiving_ends_with_the_lease_and_begins_with_the_next(receiving: Receiving) -> None:
    leases = FakeLeases()
    task = asyncio.create_task(attend(ENDPOINT, leases))
    await eventually("receiving", receiving.is_active)
    await asyncio.sleep(3 * leases.lease_s)
    assert receiving.begun == 1
    leases.says = False
    await eventually("the end", receiving.is_quiet)
    leases.says = True
    await eventually("receiving again", receiving.is_active)
    assert receiving.begun == 2
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert not receiving.active
    assert leases.released >= 1


async def test_a_lease_that_cannot_be_renewed_ends_by_itself(receiving: Receiving) -> None:
    leases = FakeLeases()
    task = asyncio.create_task(attend(ENDPOINT, leases))
    await eventually("receiving", receiving.is_active)
    # The database is away: nobody may believe to have the lease longer than it lasts.
    leases.says = StoreUnavailable("away")
    await eventually("the end", receiving.is_quiet)
    leases.says = True
    await eventually("receiving again", receiving.is_active)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_trouble_while_receiving_gives_the_lease_up_and_begins_anew(receiving: Receiving) -> None:
    leases = FakeLeases()
    receiving.trouble = RuntimeError("a full disk")
    task = asyncio.create_task(attend(ENDPOINT, leases))
    await eventually("receiving after the trouble", receiving.is_active)
    assert (receiving.begun, leases.released) == (2, 1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_folder_is_read_again_when_its_files_change_and_left_out_while_unusable(tmp_path: Path) -> None:
    country, folder = Country(), tmp_path / "e-h01"
    folder.mkdir()
    shelf = Shelf(tmp_path)
    issued = country.issued("H01")
    (folder / "hub.cert.pem").write_bytes(country.hub.certificate_pem())
    (folder / SETTINGS_FILE).write_text(
        '[endpoint]\nid = "e-h01"\nqueue_token = "0"\n[broker]\nurl = "amqp://127.0.0.1/"\n'
        '[hub]\nurl = "http://127.0.0.1"\ncertificate_file = "hub.cert.pem"\n'
        f'[signing]\norgan_id = "H01"\nkey_file = "{KEY_FILE}"\ncertificate_file = "{CERTIFICATE_FILE}"\n'
        '[state]\ndir = "state"\n'
    )
    (folder / KEY_FILE).write_bytes(issued.key_pem())
    assert shelf.read() == {}
    (folder / CERTIFICATE_FILE).write_bytes(issued.certificate_pem())
    first = shelf.read()["H01"]
    assert shelf.read()["H01"] is first
    (folder / CERTIFICATE_FILE).write_bytes(country.authority.issue("H01", key=issued.key).certificate_pem())
    assert shelf.read()["H01"].version != first.version
    # A certificate for another key would make packages that nobody believes.
    (folder / CERTIFICATE_FILE).write_bytes(country.issued("H05").certificate_pem())
    assert shelf.read() == {}
    assert Shelf(tmp_path / "nowhere").read() == {}
