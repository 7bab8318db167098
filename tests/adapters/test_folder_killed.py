"""The program is killed by SIGKILL at every named step and started again: nothing lost, nothing doubled."""

import os
import re
from pathlib import Path

import pytest

from docaxis.domain import wire
from docaxis.domain.envelope import Attachment, BlobReference
from tests.adapters.desk import DRAFT, KILLED, ROOT, Desk, package, signed
from tests.adapters.standin import SENDER, StandInHub, until
from tests.adapters.words import KEY, effect, request, status

pytestmark = [pytest.mark.broker, pytest.mark.slow]

LARGE = os.urandom(7_500_000)
STEPS = sorted(
    {
        step
        for file in (ROOT / "adapters").glob("*.py")
        for step in re.findall(r'failpoint\("([a-z-]+)"\)', file.read_text())
    }
)
AGAIN = ["job-made:2", "source-moved:2", "source-moved:3", "before-send:2", "after-send:2", "before-move-out:2"]
AGAIN += ["delivery-written:2", "folder-renamed:2", "attachment-written:2", "attachment-written:3"]
AGAIN += ["control-handed-over:2", "control-handed-over:3", "after-arrived:2"]


def test_there_are_steps():
    assert len(STEPS) >= 20


# By default a short form: some of the steps alone, and all of them one after another on one desk below.
SHORT = STEPS[::4]


@pytest.mark.parametrize(
    "step", [*SHORT, *(pytest.param(one, marks=pytest.mark.long) for one in STEPS + AGAIN if one not in SHORT)]
)
async def test_killed_and_started_again(step: str, tmp_path: Path, hub: StandInHub):
    desk = Desk(tmp_path, hub)
    desk.set_up()
    incoming = await put_everything(desk)
    assert await desk.once(step) == KILLED, f"{step} is never passed"
    assert await desk.once() == 0
    await check_everything(desk, incoming)


async def test_killed_again_and_again(tmp_path: Path, hub: StandInHub):
    """One desk, killed at each step of the way in turn, then left alone."""
    way = [
        "job-built",
        "job-made",
        "source-moved",
        "sources-moved",
        "reason-written",
        "attachment-stored",
        "before-send",
    ]
    way += ["after-send", "folder-begun", "attachment-written", "folder-built", "folder-intended", "folder-renamed"]
    way += ["delivery-written", "before-journal", "after-journal", "receipt-journalled", "receipt-written"]
    desk = Desk(tmp_path, hub)
    desk.set_up()
    incoming = await put_everything(desk)
    deaths = {step: await desk.once(step) for step in way}
    assert list(deaths.values()).count(KILLED) >= 12, deaths
    assert await desk.once() == 0
    await check_everything(desk, incoming)


async def test_killed_again_and_again_amid_words(tmp_path: Path, hub: StandInHub):
    """The same, at each step of what the control queue brings and of what is told by the program itself."""
    way = ["withdrawal-marked", "withdrawal-told", "withdrawal-noted", "control-handed-over", "status-half-written"]
    way += ["report-half-written", "control-journalled", "before-arrived", "after-arrived"]
    desk = Desk(tmp_path, hub)
    desk.set_up()
    incoming = await put_everything(desk)
    deaths = {step: await desk.once(step) for step in way}
    assert list(deaths.values()).count(KILLED) >= 8, deaths
    assert await desk.once() == 0
    await check_everything(desk, incoming)


async def put_everything(desk: Desk) -> list[bytes]:
    """Two documents to send, one that cannot be sent, two that arrive, one that is taken back, and words about others."""
    desk.put("large.bin", LARGE)
    desk.put("báo cáo.pdf", b"%PDF-1.7\n%%EOF\n")
    desk.put("draft.toml", DRAFT.replace('["báo cáo.pdf"]', '["báo cáo.pdf", "large.bin"]'))
    desk.put("ready.edxml", signed(package(number="1", priority=1)))
    desk.put("bent.edxml", signed(package()).replace("họp".encode(), "hỏp".encode()))
    blob = os.urandom(400_000)
    desk.hub.blobs[wire.digest_of(blob)] = blob
    by_reference = Attachment("9", "lớn.bin", blob=BlobReference(wire.digest_of(blob), len(blob)))
    inline = Attachment("8", "tệp.pdf", content=b"%PDF-1.7\n%%EOF\n")
    incoming = [signed(package(inline, by_reference, subject=f"Đến số {number}")) for number in (1, 2)]
    await desk.hub.deliver(incoming[0], lane="urgent")
    await desk.hub.deliver(incoming[1], claim=True)
    await desk.hub.deliver(signed(package(subject="Gửi nhầm")), key=KEY, sequence=2)
    await desk.hub.pass_on(request(), effect("withdrawing", sequence=2))
    await desk.hub.pass_on(status("03", author=f"{SENDER}1"), effect("advanced"))
    await desk.hub.report("r1")
    return incoming


async def check_everything(desk: Desk, incoming: list[bytes]) -> None:
    hub = desk.hub
    assert desk.names("outbox") == desk.names("sending") == []
    assert desk.names("sent") == ["draft", "ready"]
    assert desk.names("refused") == ["bent"]
    assert desk.names("refused/bent") == ["bent.edxml", "bent.reason.txt"]
    wanted = ["draft.edxml", "draft.receipt.txt", "draft.receipt.xml", "draft.toml", "báo cáo.pdf", "large.bin"]
    assert desk.names("sent/draft") == sorted(wanted)
    assert desk.names("sent/ready") == ["ready.edxml", "ready.receipt.txt", "ready.receipt.xml"]
    assert (desk.folder / "sent/draft/large.bin").read_bytes() == LARGE
    assert hub.blobs[wire.digest_of(LARGE)] == LARGE
    # The hub may have got a message twice, but never a document under two ids or with two bodies.
    assert len({(one.message_id, one.digest) for one in hub.arrived}) == 2
    assert {one.digest for one in hub.arrived} == {
        wire.digest_of((desk.folder / f"sent/{name}/{name}.edxml").read_bytes()) for name in ("draft", "ready")
    }
    folders = [desk.folder / "inbox" / name for name in desk.names("inbox")]
    assert sorted((folder / "package.edxml").read_bytes() for folder in folders) == sorted(incoming)
    for folder in folders:
        assert {one.name for one in folder.iterdir()} == {
            "package.edxml", "delivery-note.xml", "delivery-note.txt", "tệp.pdf", "lớn.bin",
        }  # fmt: skip
        assert (folder / "lớn.bin").stat().st_size == 400_000
    await until(lambda: set(hub.fetched) == {("urgent", 1), ("normal", 1)})
    await until(lambda: set(hub.withdrawn) == {("normal", 2)})
    assert [await hub.depth(kind) for kind in ("urgent", "normal", "receipts", "control")] == [0, 0, 0, 0]
    # An arrival is told once for each delivery: however often it was sent, it is one message with the same octets.
    assert len({(one.message_id, one.digest) for one in hub.statuses}) == 2
    assert desk.names("recalls") == ["withdrawn.txt"]
    assert (desk.folder / "recalls/withdrawn.txt").read_text().count("\n") == 1
    [about] = desk.names("statuses")
    assert len(desk.names(f"statuses/{about}")) == 3
    assert (desk.folder / f"statuses/{about}/timeline.txt").read_text().count("\n") == 1
    assert len(desk.names("reports")) == 2
    assert list((desk.folder / "inbox/.arriving").iterdir()) == []
