"""Taking back on a real database: what waits never leaves, the lines stay counted, whoever was faster has won."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from docaxis.backends import flow_tables
from docaxis.backends.blob_rights import register_upload
from docaxis.backends.tables import attachments, deliveries, documents
from docaxis.domain.envelope import Attachment, BlobReference, Business, BusinessDocType, Receiver, ReplacementInfo
from docaxis.hub.judged import Judged
from tests.integration.flow_hub import FlowHub, mask
from tests.simulator import SENDER, endpoint_of

ORDER = "G22,2026/11/21,thu hồi 1"


def recall(hub: FlowHub, document_id: str, to: tuple[str, ...] = ("H01", "H05"), own_id: str = ORDER) -> Judged:
    """Return an order of the sender."""
    return hub.flow(90, Business(BusinessDocType.RECALL, document_id, "Gửi nhầm"), to, own_id)


async def test_an_order_takes_back_each_copy_by_where_it_is(hub: FlowHub) -> None:
    sent = await hub.send(to=("H01", "H05"))
    await hub.fetch(("H05", 1))
    composed = await hub.commit(recall(hub, sent.document_id))
    receipt = hub.receipt(composed.outgoing[0].receipt or b"")
    assert [(one.organ_id, one.act, one.document) for one in receipt.effects] == [
        ("H01", "withdrawing", sent.receipt_id),
        ("H05", "asked", sent.receipt_id),
    ]
    assert composed.outgoing[0].targets == (endpoint_of("H01"), endpoint_of("H05"))
    assert receipt.document_id == ORDER
    assert await hub.copies() == {"H01": ("dispatched", mask(13)), "H05": ("dispatched", mask(13))}
    (document,) = await hub.rows(documents)
    assert (document.state, document.finished_at) == ("recalled", None)
    (link,) = await hub.rows(flow_tables.links)
    assert (link.kind, link.target_key.hex, link.document_key.hex) == ("recall", sent.receipt_id, receipt.receipt_id)
    assert [(row.organ_id, row.code, row.party) for row in await hub.rows(flow_tables.statuses)] == [
        ("H01", 13, "H01"),
        ("H05", 13, "H05"),
    ]


async def test_what_waits_is_withdrawn_and_its_line_counted(hub: FlowHub) -> None:
    hub.window = 0
    first, second = await hub.send(1), await hub.send(2)
    assert await hub.lane("H01") == (0, 0, 2)
    composed = await hub.commit(recall(hub, first.document_id))
    assert composed.outgoing[0].targets == ()
    assert set((await hub.copies(first.receipt_id)).values()) == {("withdrawn", mask(13))}
    assert await hub.lane("H01") == await hub.lane("H05") == (0, 0, 1)
    assert await hub.finished(first.receipt_id)
    released = await hub.store.release_waiting("me", hub.now, 30, endpoint_of("H01"), 10, 10**9)
    assert [one.document_key and one.document_key.hex for one in released] == [second.receipt_id]
    assert await hub.lane("H01") == (1, 0, 0)


async def test_thirteen_takes_one_copy_back_and_leaves_the_document_in_force(hub: FlowHub) -> None:
    sent = await hub.send()
    receipt = await hub.take(hub.status("13", SENDER, "H01", sent.document_id))
    assert [(one.organ_id, one.act) for one in receipt.effects] == [("H01", "withdrawing")]
    assert (await hub.rows(documents))[0].state == "active"
    assert await hub.copies() == {"H01": ("dispatched", mask(13)), "H05": ("dispatched", 0)}
    # An order after it, and the single request after that one.
    assert (await hub.take(recall(hub, sent.document_id))).outcome == "accepted"
    assert (await hub.take(hub.status("13", SENDER, "H05", sent.document_id))).outcome == "accepted"


async def test_the_same_order_twice_has_the_same_receipt_and_another_is_too_late(hub: FlowHub) -> None:
    sent = await hub.send()
    order = recall(hub, sent.document_id)
    composed = await hub.commit(order)
    again = replace(order, arrival=replace(order.arrival, message_id="m-again"))
    repeated = await hub.commit(again)
    assert repeated.outgoing[0].receipt == composed.outgoing[0].receipt
    assert repeated.outgoing[0].targets == ()
    late = await hub.take(recall(hub, sent.document_id, ("H01",), "G22,2026/11/21,thu hồi 2"))
    assert (late.outcome, late.code, late.detail) == ("rejected", "FLW.NOT_ACTIVE", "recalled")
    assert len(await hub.rows(flow_tables.links)) == 1


async def test_same_order_twice_in_a_batch_is_one(hub: FlowHub) -> None:
    sent = await hub.send()
    order = recall(hub, sent.document_id)
    composed = await hub.commit(order, replace(order, arrival=replace(order.arrival, message_id="m-again")))
    assert composed.outgoing[0].receipt == composed.outgoing[1].receipt
    assert [row.outcome for row in composed.batch.submissions] == ["accepted", "repeated"]


@pytest.mark.parametrize(("code", "means"), [("15", 15), ("16", 16), ("03", 15), ("02", 16)])
async def test_an_order_is_answered_by_its_own_id(hub: FlowHub, code: str, means: int) -> None:
    sent = await hub.send(to=("H01",))
    await hub.fetch(("H01", 1))
    await hub.take(recall(hub, sent.document_id, ("H01",)))
    receipt = await hub.take(hub.status(code, "H01", SENDER, ORDER))
    assert [(one.act, one.document) for one in receipt.effects] == [("advanced", sent.receipt_id)]
    assert await hub.copies() == {"H01": ("dispatched", mask(13, means))}
    assert await hub.finished() is (means == 15)


async def test_a_status_and_a_recall_in_one_batch_know_that_it_was_fetched(hub: FlowHub) -> None:
    sent = await hub.send(to=("H01",))
    await hub.fetch(("H01", 1))
    composed = await hub.commit(
        hub.status("15", "H01", SENDER, sent.document_id), hub.status("13", SENDER, "H01", sent.document_id)
    )
    assert [one.act for one in hub.receipt(composed.outgoing[1].receipt or b"").effects] == ["asked"]
    assert await hub.finished()


async def test_a_recall_that_overtakes_its_document_waits_for_it(hub: FlowHub) -> None:
    envelope = hub.country.envelope(1, ("H01",))
    early = recall(hub, envelope.header.document_id, ("H01",))
    receipt = await hub.take(early)
    assert (receipt.outcome, receipt.code) == ("deferred", "FLW.DOCUMENT_UNKNOWN")
    assert receipt.retry_at
    assert receipt.retry_at < hub.now + timedelta(seconds=10)
    await hub.send(1, ("H01",))
    (kept,) = await hub.store.take_deferred(receipt.retry_at, 60, 10)
    again = replace(early, submission_id=kept.submission_id)
    later = await hub.take(again, now=receipt.retry_at)
    assert (later.outcome, [one.act for one in later.effects]) == ("accepted", ["withdrawing"])
    assert later.receipt_id == receipt.receipt_id


async def test_a_recall_of_what_never_comes_is_refused(hub: FlowHub) -> None:
    early = recall(hub, "G22,never", ("H01",))
    receipt = await hub.take(early)
    (kept,) = await hub.store.take_deferred(receipt.retry_at or hub.now, 60, 10)
    late = await hub.take(replace(early, submission_id=kept.submission_id), now=hub.now + timedelta(seconds=11))
    assert (late.outcome, late.code) == ("rejected", "FLW.DOCUMENT_UNKNOWN")


async def test_a_recall_against_the_release_of_what_waits(hub: FlowHub) -> None:
    hub.window = 0
    for number in range(1, 7):
        sent = await hub.send(number, ("H01",))
        released, receipt = await asyncio.gather(
            hub.store.release_waiting("me", hub.now, 30, endpoint_of("H01"), 10, 10**9),
            hub.take(recall(hub, sent.document_id, ("H01",), f"G22,2026/11/21,thu hồi {number}")),
        )
        ((state, _),) = (await hub.copies(sent.receipt_id)).values()
        # Either it went out first, and is taken back from the inbox, or it never goes.
        assert (len(released), state, receipt.effects[0].act) in {
            (1, "dispatched", "withdrawing"),
            (0, "withdrawn", "withdrawn"),
        }
    states = [row.state for row in await hub.rows(deliveries)]
    assert await hub.lane("H01") == (states.count("dispatched"), 0, 0)


async def test_what_is_too_large_for_a_message_may_be_read_by_the_documents_parties(hub: FlowHub) -> None:
    sent = await hub.send(to=("H01",))
    order = recall(hub, sent.document_id, ("H01",))
    hub.settings = replace(hub.settings, inline_limit_bytes=100)
    await hub.take(order)
    again = hub.status("13", SENDER, "H01", sent.document_id)
    await hub.take(again)
    await hub.take(replace(again, arrival=replace(again.arrival, message_id="m-again")))
    digests = {row.digest for row in await hub.rows(attachments) if row.document_key.hex == sent.receipt_id}
    assert digests == {order.arrival.digest, again.arrival.digest}


async def test_a_recall_may_bring_the_attachments_of_its_document(hub: FlowHub) -> None:
    blob = BlobReference("sha256:" + "ab" * 32, 10)
    await register_upload(hub.database, endpoint_of(SENDER), blob.digest, 10)
    files = (Attachment("tep-1", "Bản đồ.tif", "image/tiff", blob=blob),)
    sent = await hub.send(1, ("H01",), attachments=files)
    envelope = hub.country.envelope(2, ("H01",), attachments=files)
    business = Business(BusinessDocType.RECALL, sent.document_id)
    receipt = await hub.take(hub.package(replace(envelope, business=business)))
    assert (receipt.outcome, receipt.code) == ("accepted", "")
    assert [row.document_key.hex for row in await hub.rows(attachments)] == [sent.receipt_id]


async def test_an_update_tells_who_is_taken_off_by_its_receipt(hub: FlowHub) -> None:
    sent = await hub.send(to=("H01", "H05", "H12"))
    await hub.fetch(("H01", 1))
    changes = (Receiver("H01", "0"), Receiver("H05", "0"), Receiver("H13", "1"))
    update = hub.flow(
        1, Business(BusinessDocType.UPDATE, sent.document_id, receivers=changes), ("H01", "H12"), "G22,8b"
    )
    (document,) = (await hub.commit(update)).outgoing
    receipt = hub.receipt(document.receipt or b"")
    assert [(one.organ_id, one.act, one.document_id) for one in receipt.effects] == [
        ("H01", "removed", sent.document_id),
        ("H05", "withdrawing", sent.document_id),
    ]
    # The new content is not for them.
    assert document.targets == (endpoint_of("H12"), endpoint_of("H13"))
    told = {endpoint: hub.receipt(octets) for endpoint, octets in document.notices}
    assert {endpoint: (one.addressees, one.effects) for endpoint, one in told.items()} == {
        endpoint_of("H01"): ((), receipt.effects[:1]),
        endpoint_of("H05"): ((), receipt.effects[1:]),
    }
    taken = await hub.store.take_outbox("other", hub.now.replace(year=2027), 30, 10)
    assert [one for one in taken if one.outbox_id == document.outbox_id] == [document]
    assert await hub.copies(sent.receipt_id) == {
        "H01": ("dispatched", mask(13)), "H05": ("dispatched", mask(13)), "H12": ("dispatched", 0),
    }  # fmt: skip
    assert {row.state for row in await hub.rows(documents)} == {"active"}


async def test_a_replacement_ends_several_and_cannot_be_repeated_by_another(hub: FlowHub) -> None:
    first, second = await hub.send(1, ("H01",)), await hub.send(2, ("H01", "H05"))
    both = (ReplacementInfo(first.document_id), ReplacementInfo(second.document_id))
    replacement = Business(BusinessDocType.REPLACE, replacements=both)
    again = hub.flow(4, Business(BusinessDocType.REPLACE, replacements=both[1:]), ("H01",))
    composed = await hub.commit(hub.flow(3, replacement, ("H01",)), again)
    assert [row.outcome for row in composed.batch.submissions] == ["accepted", "rejected"]
    assert composed.batch.submissions[1].code == "FLW.NOT_ACTIVE"
    states = {row.document_key.hex: row.state for row in await hub.rows(documents)}
    assert (states[first.receipt_id], states[second.receipt_id]) == ("replaced", "replaced")
    # Nothing is expected of them any more.
    assert await hub.finished(first.receipt_id)
    assert await hub.finished(second.receipt_id)
    later = await hub.take(hub.flow(5, Business(BusinessDocType.REPLACE, replacements=both[:1]), ("H01",)))
    assert later.code == "FLW.NOT_ACTIVE"


async def test_two_who_replace_the_same_at_once_do_so_once(hub: FlowHub) -> None:
    sent = await hub.send(1, ("H01",))
    business = Business(BusinessDocType.REPLACE, replacements=(ReplacementInfo(sent.document_id),))
    receipts = await asyncio.gather(*[hub.take(hub.flow(number, business)) for number in (2, 3, 4)])
    assert sorted(one.outcome for one in receipts) == ["accepted", "rejected", "rejected"]
    assert {one.code for one in receipts} == {"", "FLW.NOT_ACTIVE"}
