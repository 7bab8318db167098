"""A document is sent and taken back, with the real hub between two folder programs: before it was fetched, and after."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.client import Client
from adapters.folder import FolderAdapter
from adapters.settings import BrokerSettings, EndpointSettings, HubSettings, SigningSettings
from docaxis.backends.queries import Queries
from docaxis.domain.status import StatusCode
from docaxis.wiring import utc_now
from tests.axis import Axis, lay_ground, serving
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker
RECEIVER = "H01"
PDF = b"%PDF-1.7\n%%EOF\n"
DRAFT = (
    f'to = ["{RECEIVER}"]\nfiles = ["p.pdf"]\nsubject = "Giấy mời"\nnumber = 7\nnotation = "GM"\ndate = 2026-11-20\n'
)
DOCUMENT = f"{SENDER},2026/11/20,7/GM"
RECALL = f'business = "recall"\nupdates = "{DOCUMENT}"\nreason = "Sai ngày họp"\nto = ["{RECEIVER}"]\n'
ASK_BACK = f'document_id = "{DOCUMENT}"\ncode = 13\nto = "{RECEIVER}"\nreason = "Gửi nhầm"\n'


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, RECEIVER))


@pytest.fixture
async def axis(country: Country, vhost: str, database_url: str, tmp_path: Path) -> AsyncIterator[Axis]:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground) as opened:
        yield opened


class Desk:
    """An agency's folder; the program works in it only when it is told to."""

    def __init__(self, axis: Axis, folder: Path, organ_id: str) -> None:
        ground, issued = axis.ground, axis.country.issued(organ_id)
        assert axis.config
        endpoint = endpoint_of(organ_id)
        self.folder = folder / organ_id
        self._settings = EndpointSettings(
            endpoint,
            ground.tokens[endpoint],
            BrokerSettings(ground.broker_url),
            HubSettings(
                f"http://127.0.0.1:{axis.config.http.port}", (axis.country.hub.certificate,), ground.bearers[endpoint]
            ),
            SigningSettings(organ_id, *issued.write(folder / f"{organ_id}-key")),
            state_dir=self.folder / "state",
        )

    def put(self, name: str, content: str | bytes) -> None:
        (self.folder / "outbox").mkdir(parents=True, exist_ok=True)
        (self.folder / "outbox" / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def names(self, folder: str) -> list[str]:
        return sorted(one.name for one in (self.folder / folder).iterdir() if not one.name.startswith("."))

    async def work(self) -> None:
        async with Client(self._settings) as client:
            adapter = FolderAdapter(self._settings, self.folder, client, settle_s=0.05)
            assert await adapter.once(30), [*self.folder.rglob("*.reason.txt")]


@pytest.fixture
def sender(axis: Axis, tmp_path: Path) -> Desk:
    return Desk(axis, tmp_path, SENDER)


@pytest.fixture
def receiver(axis: Axis, tmp_path: Path) -> Desk:
    return Desk(axis, tmp_path, RECEIVER)


async def copy_of(axis: Axis) -> tuple[str, StatusCode | None, StatusCode | None]:
    """The copy's three bands, as the hub's timeline tells them."""
    queries = Queries(axis.ground.database_url)
    try:
        [timeline] = await queries.timelines(DOCUMENT)
        [delivery] = timeline.deliveries
        return delivery.transport, delivery.status, delivery.recall
    finally:
        await queries.close()


async def waits(axis: Axis, organ_id: str, kind: str, count: int = 1) -> None:
    async def there() -> bool:
        return await axis.count(organ_id, kind) == count

    await eventually(f"{count} in {organ_id} {kind}", there)


@pytest.mark.parametrize("taking_back", ["recall.toml", "back.status.toml"])
async def test_taken_back_before_the_endpoint_was_ever_there(
    axis: Axis, sender: Desk, receiver: Desk, taking_back: str
):
    """The endpoint is off: sent, taken back, and only then does it come; no file ever appears in its inbox."""
    sender.put("p.pdf", PDF)
    sender.put("g.toml", DRAFT)
    await sender.work()
    await waits(axis, RECEIVER, "normal")
    sender.put(taking_back, RECALL if taking_back == "recall.toml" else ASK_BACK)
    await sender.work()
    assert sender.names("refused") == []
    await waits(axis, RECEIVER, "control")
    assert (await copy_of(axis))[0] == "withdrawing"

    await receiver.work()
    assert receiver.names("inbox") == []
    assert list((receiver.folder / "inbox/.arriving").iterdir()) == []
    assert receiver.names("recalls") == ["withdrawn.txt"]
    assert DOCUMENT in (receiver.folder / "recalls/withdrawn.txt").read_text()

    await waits(axis, SENDER, "control")
    assert await copy_of(axis) == ("withdrawn", None, StatusCode.RECALL_ASKED)
    await sender.work()
    text = next(file.read_text() for file in (sender.folder / "reports").glob("*withdrawn*.txt"))
    assert "đã được lấy lại khi" in text
    assert DOCUMENT in text


async def test_taken_back_after_it_was_fetched_needs_consent(axis: Axis, sender: Desk, receiver: Desk):
    sender.put("p.pdf", PDF)
    sender.put("g.toml", DRAFT)
    await sender.work()
    await waits(axis, RECEIVER, "normal")
    await receiver.work()
    assert len(receiver.names("inbox")) == 1
    # That it has arrived was told by the program itself.
    await waits(axis, SENDER, "control")
    await sender.work()
    [about] = sender.names("statuses")
    assert "đã đến / arrived" in (sender.folder / "statuses" / about / "timeline.txt").read_text()
    assert await copy_of(axis) == ("fetched", StatusCode.ARRIVED, None)

    sender.put("back.status.toml", ASK_BACK)
    await sender.work()
    await waits(axis, RECEIVER, "control")
    await receiver.work()
    assert len(receiver.names("inbox")) == 1
    [folder] = receiver.names("recalls")
    receiver.put("agree.status.toml", (receiver.folder / "recalls" / folder / "agree.status.toml").read_bytes())
    await receiver.work()
    assert receiver.names("sent") == ["agree.status"]
    await waits(axis, SENDER, "control")
    await sender.work()
    assert len((sender.folder / "statuses" / about / "timeline.txt").read_text().splitlines()) == 2
    assert await copy_of(axis) == ("fetched", StatusCode.ARRIVED, StatusCode.AGREED)


async def test_an_order_with_a_large_file_reaches_who_has_the_document(axis: Axis, sender: Desk, receiver: Desk):
    sender.put("p.pdf", PDF)
    sender.put("g.toml", DRAFT)
    await sender.work()
    await waits(axis, RECEIVER, "normal")
    await receiver.work()
    sender.put("scan.pdf", b"%PDF-1.7\n" + b"x" * 600_000 + b"\n%%EOF\n")
    sender.put("recall.toml", RECALL + 'files = ["scan.pdf"]\n')
    await sender.work()
    await waits(axis, RECEIVER, "control")
    await receiver.work()
    [folder] = receiver.names("recalls")
    sent = (sender.folder / "sent/recall/recall.edxml").read_bytes()
    assert (receiver.folder / "recalls" / folder / "package.edxml").read_bytes() == sent
    assert receiver.names("set-aside") == []
