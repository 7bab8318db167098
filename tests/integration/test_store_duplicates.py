"""Documents under two keys: the same bytes have one receipt; another content is refused, kept, and both sides are told."""

import asyncio
import base64
import json
from dataclasses import replace
from typing import Any

from docaxis.backends import flow_tables
from docaxis.backends.tables import documents, outbox, packages, quarantine
from docaxis.domain import wire
from docaxis.domain.envelope import Business, BusinessDocType, ReplacementInfo
from docaxis.domain.report import Report
from docaxis.hub.judged import Judged
from docaxis.trust.reports import read_report
from tests.integration.flow_hub import FlowHub
from tests.simulator import SENDER, endpoint_of


def again(one: Judged) -> Judged:
    """Return the same octets under another message id."""
    return replace(one, arrival=replace(one.arrival, message_id=f"{one.arrival.message_id} again"))


def renamed(hub: FlowHub, number: int = 1, document_id: str = "G22,another") -> Judged:
    """Return a document with the same number and another id."""
    envelope = hub.country.envelope(number, ("H05",))
    return hub.package(replace(envelope, header=replace(envelope.header, document_id=document_id)))


async def told(hub: FlowHub) -> dict[str, list[Report]]:
    """Return the reports that are on their way, by endpoint."""
    found: dict[str, list[Report]] = {}
    for row in await hub.rows(outbox):
        for endpoint, octets in json.loads(row.notices):
            report = read_report(base64.b64decode(octets), hub.country.hub.certificate)
            found.setdefault(endpoint, []).append(report)
    return found


async def test_same_bytes_have_the_same_receipt(hub: FlowHub) -> None:
    one = hub.package(hub.country.envelope(1, ("H01",)))
    first = (await hub.commit(one)).outgoing[0]
    second = (await hub.commit(again(one))).outgoing[0]
    redelivered = (await hub.commit(one)).outgoing[0]
    assert first.receipt == second.receipt == redelivered.receipt
    assert (first.targets, second.targets, redelivered.targets) == ((endpoint_of("H01"),), (), ())
    assert len(await hub.rows(documents)) == 1
    assert not await hub.rows(quarantine)


async def test_the_same_bytes_many_times_at_once_have_one_receipt(hub: FlowHub) -> None:
    one = hub.package(hub.country.envelope(1, ("H01",)))
    all_composed = await asyncio.gather(
        *[hub.commit(replace(one, arrival=replace(one.arrival, message_id=f"m-{n}"))) for n in range(4)]
    )
    assert len({composed.outgoing[0].receipt for composed in all_composed}) == 1
    assert len(await hub.rows(documents)) == 1


async def check_conflict(hub: FlowHub, first: str, one: Judged, receipt: Any, code: str) -> None:
    """See that a package was refused, kept whole, and that the first document's parties were told."""
    assert (receipt.outcome, receipt.code) == ("rejected", code)
    (row,) = await hub.rows(quarantine)
    assert (row.body, row.reason, row.endpoint, row.origin) == (one.arrival.body, code, endpoint_of(SENDER), "normal")
    assert row.message_id == one.arrival.message_id
    assert {row.digest for row in await hub.rows(packages)} >= {one.arrival.digest}
    assert len(await hub.rows(packages)) == 2
    reports = await told(hub)
    assert set(reports) == {endpoint_of(SENDER), endpoint_of("H01")}
    for ((report,),) in [(found,) for found in reports.values()]:
        assert (report.kind, report.document, report.detail) == ("conflict", first, code)
        assert report.addressees == ()
    assert len(await hub.rows(flow_tables.reports)) == 1


async def test_another_content_under_the_same_id(hub: FlowHub) -> None:
    sent = await hub.send(1, ("H01",))
    one = hub.package(hub.country.envelope(1, ("H01",), subject="Khác"))
    await check_conflict(hub, sent.receipt_id, one, await hub.take(one), "PKG.ID_CONFLICT")


async def test_another_id_under_the_same_number(hub: FlowHub) -> None:
    sent = await hub.send(1, ("H01",))
    one = renamed(hub)
    receipt = await hub.take(one)
    await check_conflict(hub, sent.receipt_id, one, receipt, "PKG.NUMBER_CONFLICT")
    assert receipt.place.endswith("/Code/CodeNumber")
    assert receipt.detail.startswith("G22 1/QĐ-TTg 2026 sha256:")


async def test_both_in_one_batch_are_told_like_two(hub: FlowHub) -> None:
    one = renamed(hub)
    composed = await hub.commit(hub.package(hub.country.envelope(1, ("H01",))), one)
    first, second = (hub.receipt(sent.receipt or b"") for sent in composed.outgoing)
    await check_conflict(hub, first.receipt_id, one, second, "PKG.NUMBER_CONFLICT")


async def test_two_documents_with_one_number_at_once(hub: FlowHub) -> None:
    for number in range(1, 5):
        several = [renamed(hub, number, f"G22,{number},{place}") for place in range(3)]
        receipts = await asyncio.gather(*[hub.take(one) for one in several])
        assert sorted(one.code for one in receipts) == ["", "PKG.NUMBER_CONFLICT", "PKG.NUMBER_CONFLICT"]
    assert len(await hub.rows(documents)) == 4
    assert len(await hub.rows(quarantine)) == 8


async def test_who_may_not_speak_for_the_sender_makes_no_conflict(hub: FlowHub) -> None:
    await hub.send(1, ("H01",))
    envelope = hub.country.envelope(1, ("H01",), subject="Khác")
    forged = hub.judged(hub.country.signed(envelope, signer="H05"), "H05")
    assert (await hub.take(forged)).outcome == "rejected"
    assert not await hub.rows(quarantine)
    assert not await told(hub)


async def test_the_number_begins_anew_with_the_year_and_with_the_sender(hub: FlowHub) -> None:
    await hub.send(1, ("H01",))
    envelope = hub.country.envelope(1, ("H01",))
    issued = replace(envelope.header.promulgation_info, promulgation_date=None)
    header = replace(envelope.header, document_id="G22,none", promulgation_info=issued)
    assert (await hub.take(hub.package(replace(envelope, header=header)))).code == "PKG.NUMBER_CONFLICT"
    other = hub.country.envelope(1, ("H01",), sender="H05")
    assert (await hub.take(hub.package(other))).outcome == "accepted"


async def test_what_is_too_large_for_a_message_is_set_aside_as_a_claim(hub: FlowHub) -> None:
    await hub.send(1, ("H01",))
    one = renamed(hub)
    hub.settings = replace(hub.settings, inline_limit_bytes=100)
    await hub.take(one)
    (row,) = await hub.rows(quarantine)
    assert wire.parse_claim(row.body) == wire.Claim(one.arrival.digest, len(one.arrival.body))


async def test_a_replacement_may_take_the_number_of_what_it_replaces(hub: FlowHub) -> None:
    sent = await hub.send(1, ("H01",))
    business = Business(BusinessDocType.REPLACE, replacements=(ReplacementInfo(sent.document_id),))
    assert (await hub.take(hub.flow(1, business, ("H01",), "G22,replacement"))).outcome == "accepted"
    # The number is still given: no third document gets it, nor another one than what is replaced.
    assert (await hub.take(renamed(hub))).code == "PKG.NUMBER_CONFLICT"
    other = await hub.send(2, ("H01",))
    business = Business(BusinessDocType.REPLACE, replacements=(ReplacementInfo(other.document_id),))
    assert (await hub.take(hub.flow(1, business, ("H01",), "G22,third"))).code == "PKG.NUMBER_CONFLICT"
