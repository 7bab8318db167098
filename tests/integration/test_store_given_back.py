"""Copies given back unread, on a real database: withdrawn where they were asked for, fetched where nobody asked."""

import asyncio
import base64
import json

from docaxis.backends import flow_tables
from docaxis.backends.tables import events, fetch_ranges, outbox
from docaxis.trust.reports import read_report
from tests.integration.flow_hub import FlowHub, mask
from tests.simulator import SENDER, endpoint_of


async def kinds(hub: FlowHub) -> list[str]:
    """Return the kinds of what has happened, but for the acceptance of packages."""
    rows = await hub.rows(events, events.c.at, events.c.event_id)
    return [row.kind for row in rows if not row.kind.endswith(":accepted")]


async def test_what_was_asked_for_is_withdrawn_and_the_sender_told(hub: FlowHub) -> None:
    sent = await hub.send(to=("H01", "H05"))
    await hub.take(hub.status("13", SENDER, "H01", sent.document_id))
    await hub.give_back(("H01", 1, 1))
    assert await hub.copies() == {"H01": ("withdrawn", mask(13)), "H05": ("dispatched", 0)}
    assert await hub.lane("H01") == (1, 1, 0)
    assert (await hub.store.loads())[endpoint_of("H01")].unfetched == 0
    (report,) = await hub.rows(flow_tables.reports)
    read = read_report(report.octets, hub.country.hub.certificate)
    assert (read.kind, read.document, read.document_id) == ("withdrawn", sent.receipt_id, sent.document_id)
    assert [(one.organ_id, one.endpoint, one.state) for one in read.addressees] == [
        ("H01", endpoint_of("H01"), "withdrawn")
    ]
    (row,) = [row for row in await hub.rows(outbox) if not row.with_receipt]
    ((endpoint, octets),) = json.loads(row.notices)
    assert (endpoint, base64.b64decode(octets)) == (endpoint_of(SENDER), report.octets)
    (event,) = [row for row in await hub.rows(events) if row.kind == "copies:withdrawn"]
    assert event.leaf_hash.hex() == read.event_hash
    taken = await hub.store.take_outbox("sweeper", hub.now, 30, 100)
    (outgoing,) = [one for one in taken if one.outbox_id == row.outbox_id]
    assert (outgoing.targets, outgoing.receipt) == ((), None)
    assert outgoing.notices == ((endpoint_of(SENDER), report.octets),)


async def test_a_withdrawn_copy_is_never_published_again(hub: FlowHub) -> None:
    sent = await hub.send(to=("H01",))
    await hub.take(hub.status("13", SENDER, "H01", sent.document_id))
    rows = [row.outbox_id for row in await hub.rows(outbox)]
    await hub.store.published(rows, None)
    await hub.give_back(("H01", 1, 1))
    assert not await hub.store.take_unfetched("me", hub.now, 30, endpoint_of("H01"), 10)
    assert not await hub.store.release_waiting("me", hub.now, 30, endpoint_of("H01"), 10, 10**9)
    assert await hub.finished()


async def test_what_nobody_asked_for_counts_as_fetched(hub: FlowHub) -> None:
    first, second = await hub.send(1, ("H01",)), await hub.send(2, ("H01",))
    await hub.take(hub.status("13", SENDER, "H01", second.document_id))
    await hub.give_back(("H01", 1, 50))
    assert (await hub.copies(first.receipt_id))["H01"] == ("dispatched", 0)
    assert (await hub.copies(second.receipt_id))["H01"] == ("withdrawn", mask(13))
    assert sorted(await kinds(hub)) == ["copies:fetched", "copies:withdrawn"]
    (fetched,) = [row for row in await hub.rows(events) if row.kind == "copies:fetched"]
    assert json.loads(fetched.canonical)["body"]["fetched"] == [[endpoint_of("H01"), "normal", 1, 1]]
    assert await hub.lane("H01") == (2, 2, 0)


async def test_what_was_fetched_before_stays_so_and_a_repeat_says_nothing_new(hub: FlowHub) -> None:
    sent = await hub.send(1, ("H01",))
    await hub.take(hub.status("13", SENDER, "H01", sent.document_id))
    await hub.fetch(("H01", 1))
    await hub.give_back(("H01", 1, 1))
    assert await hub.copies() == {"H01": ("dispatched", mask(13))}
    assert await kinds(hub) == ["copies:fetched"]
    assert not await hub.rows(flow_tables.reports)


async def test_given_back_again_and_by_others_changes_nothing(hub: FlowHub) -> None:
    sent = await hub.send(1, ("H01",))
    await hub.take(hub.status("13", SENDER, "H01", sent.document_id))
    await hub.give_back(("H05", 1, 1))
    assert await kinds(hub) == []
    await hub.give_back(("H01", 1, 1))
    await hub.give_back(("H01", 1, 1))
    assert await kinds(hub) == ["copies:withdrawn"]
    assert len(await hub.rows(fetch_ranges)) == len(await hub.rows(flow_tables.reports)) == 1


async def test_given_back_in_one_message_by_documents(hub: FlowHub) -> None:
    sent = [await hub.send(number, ("H01", "H05")) for number in (1, 2)]
    for one in sent:
        for organ_id in ("H01", "H05"):
            await hub.take(hub.status("13", SENDER, organ_id, one.document_id))
    await hub.give_back(("H01", 1, 2), ("H05", 2, 2))
    assert [state for state, _ in (await hub.copies(sent[0].receipt_id)).values()] == ["withdrawn", "dispatched"]
    assert [state for state, _ in (await hub.copies(sent[1].receipt_id)).values()] == ["withdrawn", "withdrawn"]
    assert [await hub.finished(one.receipt_id) for one in sent] == [False, True]
    reports = [read_report(row.octets, hub.country.hub.certificate) for row in await hub.rows(flow_tables.reports)]
    assert {one.document: len(one.addressees) for one in reports} == {sent[0].receipt_id: 1, sent[1].receipt_id: 2}


async def test_given_back_against_a_status_and_an_acknowledgement_at_the_same_moment(hub: FlowHub) -> None:
    for number in range(1, 5):
        sent = await hub.send(number, ("H01",))
        await hub.take(hub.status("13", SENDER, "H01", sent.document_id))
        await asyncio.gather(
            hub.give_back(("H01", number, number)),
            hub.fetch(("H01", number)),
            hub.take(hub.status("15", "H01", SENDER, sent.document_id)),
        )
        ((state, statuses),) = (await hub.copies(sent.receipt_id)).values()
        # Whichever came first: a copy that is withdrawn may have been reported on before, not after.
        assert (state, statuses) in {
            ("withdrawn", mask(13)), ("withdrawn", mask(13, 15)), ("dispatched", mask(13, 15)),
        }  # fmt: skip
        assert await hub.lane("H01") == (number, number, 0)
