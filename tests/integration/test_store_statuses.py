"""Statuses on a real database: the copy's codes, when a document is finished, and two who speak at the same moment."""

import asyncio

import pytest

from docaxis.backends import flow_tables
from docaxis.domain.receipt import Effect
from docaxis.ledger.event import leaf_hash
from tests.integration.flow_hub import FlowHub, mask
from tests.simulator import SENDER, endpoint_of


async def test_statuses_are_recorded_applied_and_passed_on(hub: FlowHub) -> None:
    sent = await hub.send()
    composed = await hub.commit(
        hub.status("03", "H01", SENDER, sent.document_id), hub.status("01", "H01", SENDER, sent.document_id)
    )
    (applied, late) = (hub.receipt(one.receipt or b"") for one in composed.outgoing)
    assert [one.effects for one in (applied, late)] == [
        (Effect("H01", act, endpoint_of("H01"), sent.receipt_id, "normal", 1, "03", sent.document_id),)
        for act in ("advanced", "recorded")
    ]
    for one in composed.outgoing:
        assert (one.targets, one.document_key, one.note) == ((endpoint_of(SENDER),), None, one.receipt)
        assert one.sender_endpoint == endpoint_of("H01")
    assert await hub.copies() == {"H01": ("dispatched", mask(1, 3)), "H05": ("dispatched", 0)}
    rows = await hub.rows(flow_tables.statuses, flow_tables.statuses.c.code.desc())
    assert [(row.code, row.applied, row.current, row.author, row.party, row.organ_id) for row in rows] == [
        (3, True, 3, "H01", SENDER, "H01"),
        (1, False, 3, "H01", SENDER, "H01"),
    ]
    assert {row.document_key.hex for row in rows} == {sent.receipt_id}
    assert {row.submission_id.hex for row in rows} == {applied.receipt_id, late.receipt_id}
    assert leaf_hash(composed.batch.events[0].canonical).hex() == applied.event_hash


async def test_the_outbox_gives_back_the_same_publication(hub: FlowHub) -> None:
    sent = await hub.send()
    (outgoing,) = (await hub.commit(hub.status("01", "H01", SENDER, sent.document_id))).outgoing
    later = hub.now.replace(year=2027)
    taken = await hub.store.take_outbox("other", later, 30, 10)
    (again,) = [one for one in taken if one.outbox_id == outgoing.outbox_id]
    assert again == outgoing


REFUSED = [
    ("03", "H12", SENDER, "", "FLW.NOT_ADDRESSEE"),
    ("03", "H01", SENDER, "G22,another", "FLW.DOCUMENT_UNKNOWN"),
    ("03", "H01", "H05", "", "FLW.DOCUMENT_UNKNOWN"),
    ("07", "H01", SENDER, "", "FLW.CODE_UNKNOWN"),
    ("13", "H05", "H01", "", "FLW.NOT_SENDER"),
]


@pytest.mark.parametrize(("code", "author", "other", "document_id", "reason"), REFUSED)
async def test_refused_statuses_change_nothing(
    hub: FlowHub, code: str, author: str, other: str, document_id: str, reason: str
) -> None:
    sent = await hub.send()
    one = hub.status(code, author, other, document_id or sent.document_id)
    receipt = await hub.take(one)
    assert (receipt.outcome, receipt.code) == ("rejected", reason)
    assert await hub.copies() == {"H01": ("dispatched", 0), "H05": ("dispatched", 0)}
    assert not await hub.rows(flow_tables.statuses)


async def test_a_copy_that_waits_cannot_be_reported_on(hub: FlowHub) -> None:
    hub.window = 0
    sent = await hub.send()
    receipt = await hub.take(hub.status("01", "H01", SENDER, sent.document_id))
    assert (receipt.outcome, receipt.code, receipt.detail) == ("rejected", "FLW.NOT_DISPATCHED", "waiting")


async def test_a_document_is_finished_when_all_are_and_opened_again(hub: FlowHub) -> None:
    sent = await hub.send()
    for author, code, finished in (
        ("H01", "06", False), ("H05", "02", True), ("H05", "03", False), ("H05", "05", False), ("H05", "06", True),
    ):  # fmt: skip
        await hub.take(hub.status(code, author, SENDER, sent.document_id))
        assert await hub.finished() is finished, (author, code)


async def test_answers_in_one_batch_finish_it_too(hub: FlowHub) -> None:
    sent = await hub.send()
    await hub.commit(
        *[hub.status(code, by, SENDER, sent.document_id) for by in ("H01", "H05") for code in ("01", "06")]
    )
    assert await hub.finished()


async def test_two_who_tell_the_same_at_once_are_both_recorded_and_one_applied(hub: FlowHub) -> None:
    sent = await hub.send()
    said = [hub.status("03", "H01", SENDER, sent.document_id) for _ in range(4)]
    receipts = await asyncio.gather(*[hub.take(one) for one in said])
    assert sorted(one.effects[0].act for one in receipts) == ["advanced", "recorded", "recorded", "recorded"]
    rows = await hub.rows(flow_tables.statuses)
    assert [sum(row.applied for row in rows), len(rows)] == [1, 4]
    assert (await hub.copies())["H01"] == ("dispatched", mask(3))


async def test_addressees_who_finish_at_the_same_moment_finish_the_document(hub: FlowHub) -> None:
    for number in range(1, 6):
        sent = await hub.send(number, ("H01", "H05", "H12", "H13"))
        said = [hub.status("06", by, SENDER, sent.document_id) for by in ("H01", "H05", "H12", "H13")]
        await asyncio.gather(*[hub.take(one) for one in said])
        assert await hub.finished(sent.receipt_id)


async def test_different_codes_at_once_end_in_one_state(hub: FlowHub) -> None:
    sent = await hub.send()
    codes = ("06", "03", "01", "05", "04")
    await asyncio.gather(*[hub.take(hub.status(code, "H01", SENDER, sent.document_id)) for code in codes])
    assert (await hub.copies())["H01"] == ("dispatched", mask(1, 3, 4, 5, 6))
    rows = await hub.rows(flow_tables.statuses)
    assert len(rows) == len(codes)
    assert [row.applied for row in rows if row.code == 6] == [True]
