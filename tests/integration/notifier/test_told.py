"""Telling subscribers, on a real database with a real receiver: in order, at least once, to each what is its own."""

import asyncio
import random

import pytest

from docaxis.backends import log_facts
from docaxis.backends.log_facts import LogFacts
from docaxis.backends.registry import Registry
from docaxis.hub import notifier as notifier_module
from docaxis.hub.acts import act
from docaxis.hub.changes import changes_of
from docaxis.ledger.event import Json
from docaxis.trust.seal import Seal
from tests.integration.notified import TO, History, life, utc_now
from tests.subscriber import Subscriber, subscribed
from tests.waiting import eventually


async def test_sender_and_addressees_are_told_what_is_theirs(history: History, seal: Seal) -> None:
    await life(history, 1)
    async with subscribed([seal.certificate]) as sender, subscribed([seal.certificate]) as addressee:
        await history.subscribe("a", sender.url)
        await history.subscribe("b", addressee.url)
        async with history.notifying() as metrics:
            await sender.has(3)
            await addressee.has(2)

            # It counts what was answered, and the answers may still be on their way.
            async def counted() -> bool:
                return metrics.registry.get_sample_value("docaxis_changes_told_total") == 5

            await eventually("all counted", counted)
    assert sender.kinds() == ["document:accepted", "copies:dispatched", "copies:fetched"]
    assert addressee.kinds() == ["copies:dispatched", "copies:fetched"]
    assert {one["endpoint"] for one in sender.changes[1]["addressees"]} == {"b", "c"}
    assert [one["organ"] for one in sender.changes[2]["addressees"]] == ["B1", "B2"]
    assert addressee.changes[0]["addressees"] == [{"organ": "B1", "endpoint": "b"}, {"organ": "B2", "endpoint": "b"}]
    assert sender.changes[0]["document"]["id"] == "a-1"
    assert "mật" not in str(sender.taken)


async def test_a_new_subscription_hears_of_what_comes_and_one_from_the_start_of_everything(
    history: History, seal: Seal
) -> None:
    await life(history, 2)
    async with subscribed([seal.certificate]) as new, subscribed([seal.certificate]) as old:
        await history.subscribe("a", new.url, from_start=False)
        await history.subscribe("a", old.url)
        async with history.notifying():
            await old.has(6)
            await life(history, 1)
            await new.has(3)
            await old.has(9)
    assert {change["document"]["id"] for change in new.changes} == {"a-3"}


async def test_messages_hold_a_hundred_changes_and_lead_on_without_a_gap(
    history: History, subscriber: Subscriber
) -> None:
    keys = [await history.accept("a", TO) for _ in range(120)]
    # One entry with more changes than a message holds.
    await history.tell("copies:dispatched", {"dispatched": [[key.hex, ["b", "c"]] for key in keys]})
    await history.sequence()
    one = await history.subscribe("a", subscriber.url)
    async with history.notifying():
        await subscriber.has(240)
    assert [len(message["changes"]) for message in subscriber.taken] == [100, 20, 100, 20]
    assert len({change["id"] for change in subscriber.changes}) == 240
    subscriber.check_order()
    assert (await history.standing(one)).next_index == 121


async def test_more_entries_than_a_portion_none_of_them_ours(
    history: History, seal: Seal, subscriber: Subscriber
) -> None:
    await life(history, 1)
    strange = {"endpoint": "a", "digest": "sha256:00"}
    await history.write([act("message:quarantined", utc_now(), strange) for _ in range(1_197)])
    await history.sequence()
    one = await history.subscribe("nobody", subscriber.url)
    async with subscribed([seal.certificate]) as sender:
        await history.subscribe("a", sender.url)
        async with history.notifying():
            await sender.has(3)
            key = await history.accept("nobody", (("C1", "c"),))
            await history.sequence()
            await subscriber.has(1)
    assert subscriber.asked == 1
    assert subscriber.changes[0]["document"]["key"] == key.hex
    assert subscriber.taken[0]["first"] == 0
    assert (await history.standing(one)).told_index == 1201


async def test_entries_of_many_documents_are_read_few_at_a_time(
    history: History, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_facts, "DOCUMENTS_AT_ONCE", 3)
    keys = [await history.accept("a", TO) for _ in range(5)]
    await history.tell("copies:dispatched", {"dispatched": [[key.hex, ["b"]] for key in keys]})
    await history.tell("copies:fetched", {"fetched": [["b", "normal", 1, 5]]})
    await history.sequence()
    entries, _ = await LogFacts(history.database).read(0, 100, frozenset({"a"}))
    assert len(entries) == 3
    await history.subscribe("a", subscriber.url)
    async with history.notifying():
        await subscriber.has(15)
    subscriber.check_order()
    assert len(subscriber.changes) == 15


async def test_two_processes_tell_once_and_one_takes_over_from_the_other(
    history: History, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier_module, "LEASE_S", 1.0)
    monkeypatch.setattr(notifier_module, "LEADS_S", 0.6)
    await history.subscribe("a", subscriber.url)
    async with history.notifying(holder="hub-2"):
        async with history.notifying(holder="hub-1"):
            for _ in range(5):
                await life(history, 4)
            await subscriber.has(60)
        # Whoever led, the other one is left, or leads already.
        await life(history, 4)
        await subscriber.has(72)
    subscriber.check_order()
    assert len({change["id"] for change in subscriber.changes}) == len(subscriber.changes) == 72


async def test_a_process_that_slept_does_not_move_a_subscription_back(history: History, subscriber: Subscriber) -> None:
    await life(history, 1)
    stale = await history.subscribe("a", subscriber.url)
    async with history.notifying():
        await subscriber.has(3)
        await eventually("told", lambda: _told(history))
    assert not await history.subscriptions.told(stale, 1)
    assert (await history.standing(stale)).next_index == 3


async def _told(history: History) -> bool:
    found, _ = await history.subscriptions.all()
    return all(one.told_index == 3 for one in found)


async def test_without_subscribers_nothing_is_taken_or_written(history: History) -> None:
    await life(history, 1)
    async with history.notifying():
        await asyncio.sleep(0.3)
    # Nobody holds the lease, so nobody was ever behind.
    assert await history.store.take_lease("notifier", "somebody", utc_now(), 5) == 1


async def test_a_disabled_endpoint_is_told_nothing_more(history: History, subscriber: Subscriber) -> None:
    registry = Registry(history.database.engine)
    await registry.add_endpoint("a", "a", utc_now())
    await history.subscribe("a", subscriber.url)
    await life(history, 1)
    async with history.notifying():
        await subscriber.has(3)
        await registry.disable_endpoint("a", utc_now())
        await asyncio.sleep(0.3)
        await life(history, 1)
        await asyncio.sleep(0.5)
        assert len(subscriber.changes) == 3
        await registry.disable_endpoint("a", None)
        await subscriber.has(6)


@pytest.mark.parametrize("seed", range(3))
async def test_each_endpoint_reads_what_all_together_read_and_nothing_of_others(history: History, seed: int) -> None:
    dice = random.Random(seed)
    names = ("a", "b", "c", "d", "e")
    for _ in range(25):
        to = [(f"{one.upper()}{i}", one) for one in names if dice.random() < 0.4 for i in range(2)] or [("A0", "a")]
        key = await history.accept(dice.choice(names), to, dice.choice(("dispatched", "dispatched", "waiting")))
        organ, endpoint = dice.choice(to)
        acts: list[tuple[str, dict[str, Json]]] = [
            ("copies:dispatched", {"dispatched": [[key.hex, [endpoint]]]}),
            ("copies:fetched", {"fetched": [[endpoint, "normal", 1, dice.randint(1, 25)]]}),
            ("status:accepted", {"organ": organ, "author": organ, "code": "03", "applied": True, "current": "03"}),
            ("recall:accepted", {"effects": [[key.hex, organ, endpoint, "asked"]]}),
            ("deadline:missed", {"kind": "receipt", "addressees": [[organ, endpoint, "addressee", True]]}),
        ]
        for kind, body in dice.sample(acts, 3):
            await history.tell(kind, body, None if kind.startswith("copies:") else key)
    await history.sequence()
    entries, facts = await LogFacts(history.database).read(0, 1_000, frozenset(names))
    together = [told for entry in entries for told in changes_of(entry, facts)]
    assert {endpoint for endpoint, _ in together} == set(names)
    for name in names:
        alone, own = await LogFacts(history.database).read(0, 1_000, frozenset({name}))
        told = [one for entry in alone for one in changes_of(entry, own)]
        assert told == [one for one in together if one[0] == name]
        for _, change in told:
            if change["role"] == "addressee":
                assert {one["endpoint"] for one in change["addressees"]} == {name}
            else:
                assert change["document"]["sender"] == name.upper()
