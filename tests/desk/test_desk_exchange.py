"""The desk on a real broker: it sends sealed packages, takes what comes, says 01 by itself, and honours withdrawals."""

import pytest

from docaxis.desk.desk import WebDesk
from docaxis.domain.status import StatusCode
from docaxis.web.desk import DeskError
from tests.axis import Axis
from tests.desk.conftest import ON_THE_WEB, desk_of
from tests.desk.letters import accepted, again, letter, upload
from tests.simulator import SENDER
from tests.waiting import eventually

pytestmark = pytest.mark.broker


async def test_a_letter_is_sealed_sent_and_arrives_at_the_other_web_endpoint(axis: Axis, desk: WebDesk) -> None:
    message_id = await desk.send(letter(files=[await upload(axis)]))
    story = await accepted(axis, message_id)
    document = story.document
    assert (document.sender, document.code_number, document.code_notation) == (SENDER, "12", "CV-VP")
    assert document.document_id == "G22,2026/11/20,12/CV-VP"

    async def arrived() -> bool:
        return any(one.code is StatusCode.ARRIVED for one in (await again(axis, document)).statuses)

    await eventually("status 01 of H01", arrived)
    story = await again(axis, document)
    assert [(one.organ_id, one.code) for one in story.statuses] == [("H01", StatusCode.ARRIVED)]
    transport = {one.organ_id: one.transport for one in story.deliveries}
    assert transport == {"H01": "fetched", "H05": "dispatched"}


async def test_a_received_letter_is_accepted_and_refused_by_hand(axis: Axis, desk: WebDesk) -> None:
    document = (await accepted(axis, await desk.send(letter(files=[await upload(axis)])))).document
    with pytest.raises(DeskError, match="needs a reason"):
        await desk.report("H01", document, StatusCode.REFUSED)
    for code, reason in ((StatusCode.ACCEPTED, ""), (StatusCode.FINISHED, "")):
        await accepted_status(axis, await desk.report("H01", document, code, reason))
    delivery = next(one for one in (await again(axis, document)).deliveries if one.organ_id == "H01")
    assert delivery.status is StatusCode.FINISHED


async def accepted_status(axis: Axis, message_id: str, endpoint: str = "e-h01") -> None:
    """Wait until the hub has taken a status."""
    query = f"SELECT outcome, code FROM submissions WHERE message_id = '{message_id}' AND endpoint = '{endpoint}'"  # noqa: S608
    assert await eventually("the status", lambda: axis.ground.rows(query)) == [("accepted", "")]


async def test_recall_of_one_and_of_all(axis: Axis, desk: WebDesk) -> None:
    file = await upload(axis)
    document = (await accepted(axis, await desk.send(letter(files=[file])))).document
    (one,) = await desk.recall(document, ["H05"], "Gửi nhầm nơi nhận")
    await accepted_status(axis, one, "e-g22")
    recalls = {each.organ_id: each.recall for each in (await again(axis, document)).deliveries}
    assert recalls["H05"] is StatusCode.RECALL_ASKED
    (order,) = await desk.recall(document, [], "Sai số liệu")
    await eventually("the order", lambda: _state(axis, document.document_id, "recalled"))
    assert len(order) == 64


async def _state(axis: Axis, document_id: str, wanted: str) -> bool:
    return await axis.ground.rows(f"SELECT state FROM documents WHERE document_id = '{document_id}'") == [(wanted,)]  # noqa: S608


async def test_a_copy_that_waits_for_its_web_endpoint_is_withdrawn_unread(axis: Axis) -> None:
    async with desk_of(axis) as desk:
        sender_only = letter(to=["H05"], files=[await upload(axis)])
        first = (await accepted(axis, await desk.send(sender_only))).document
    # Nobody attends H01 now: the copy stands in its queue, and is asked back before anybody takes it.
    envelope = axis.country.envelope(77, ("H01",))
    await axis.send(axis.country.signed(envelope), "d-77")
    # The desk may have left the receipt of its own letter in the queue; what is unknown yet cannot be taken back.
    while (await axis.receipt())[0].message_id != "d-77":
        pass
    await axis.send(axis.country.signed_status("13", SENDER, "H01", envelope.header.document_id), "back", lane="urgent")
    await axis.receipt()
    async with desk_of(axis, "web-2"):
        query = "SELECT d.state FROM deliveries d JOIN documents o USING (document_key) WHERE o.code_number = '77'"
        await eventually("the withdrawal", lambda: _rows_are(axis, query, [("withdrawn",)]))
    assert await axis.ground.count("submissions WHERE sender = 'H01'") == 0
    assert first.sender == SENDER


async def _rows_are(axis: Axis, query: str, wanted: list[tuple[str, ...]]) -> bool:
    return await axis.ground.rows(query) == wanted


async def test_reply_update_and_replacement(axis: Axis, desk: WebDesk) -> None:
    files = [await upload(axis)]
    first = (await accepted(axis, await desk.send(letter(files=files)))).document
    answer = letter("3", to=[SENDER], files=files, sender="H01", kind="reply", earlier=(first.document_key,))
    reply = await accepted(axis, await desk.send(answer), "H01")
    assert [(one.kind, one.document_id) for one in reply.links] == [("reply", first.document_id)]
    change = letter(
        files=files, to=["H01"], kind="update", earlier=(first.document_key,), removed=("H05",), reason="Sai"
    )
    update = await accepted(axis, await desk.send(change))
    assert [(one.kind, one.document_id) for one in update.links] == [("update", first.document_id)]
    instead = letter("13", files=files, kind="replace", earlier=(first.document_key,), reason="Ban hành lại")
    replacement = await accepted(axis, await desk.send(instead))
    assert [(one.kind, one.document_id) for one in replacement.links] == [("replace", first.document_id)]
    with pytest.raises(DeskError, match="only the sender"):
        await desk.send(letter("9", sender="H01", files=files, kind="update", earlier=(first.document_key,)))


async def test_a_large_file_goes_by_reference(axis: Axis, desk: WebDesk) -> None:
    large = await upload(axis, "Phụ lục.pdf", b"%PDF-1.7\n" + bytes(8_000_000))
    story = await accepted(axis, await desk.send(letter(to=["H01"], files=[await upload(axis), large])))
    assert story.document.size_bytes < 100_000
    assert await axis.ground.rows("SELECT digest FROM attachments") == [(large.digest,)]
    await eventually("the copy", lambda: axis.ground.count("fetch_ranges WHERE endpoint = 'e-h01'"))


async def test_two_processes_never_attend_the_same_web_endpoint(axis: Axis) -> None:
    async with desk_of(axis, "web-1"), desk_of(axis, "web-2") as second:
        # Whoever does not attend may send all the same; the answer is read from the store.
        await accepted(axis, await second.send(letter(files=[await upload(axis)])))
        await eventually("status 01", lambda: axis.ground.count("submissions WHERE sender = 'H01'"))
        # One of the two attends each endpoint, whichever came first.
        for organ_id in ON_THE_WEB:
            queue = await axis.channel.declare_queue(axis.queue_of(organ_id, "normal"), passive=True)
            assert queue.declaration_result.consumer_count == 1
    assert await axis.ground.count("submissions WHERE sender = 'H01'") == 1


async def test_another_process_takes_over_where_the_first_one_ended(axis: Axis) -> None:
    async with desk_of(axis, "web-1"):
        pass
    async with desk_of(axis, "web-2") as second:
        await accepted(axis, await second.send(letter(files=[await upload(axis)])))
        await eventually("status 01", lambda: axis.ground.count("submissions WHERE sender = 'H01'"))
        holders = await axis.ground.rows("SELECT DISTINCT holder FROM leases WHERE name LIKE 'web-endpoint:%'")
        assert holders == [("web-2",)]


async def test_what_cannot_be_sent_is_said_in_words(axis: Axis, desk: WebDesk) -> None:
    file = await upload(axis)
    with pytest.raises(DeskError, match="no web endpoint"):
        await desk.send(letter(sender="H05", files=[file]))
    with pytest.raises(DeskError, match="no package can carry"):
        await desk.send(letter(subject="V/v \x01", files=[file]))
    with pytest.raises(DeskError, match="upload it again"):
        await desk.send(letter(files=[file.__class__("x.pdf", "application/pdf", "sha256:" + "0" * 64, 3)]))
