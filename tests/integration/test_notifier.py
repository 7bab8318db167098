"""Telling subscribers, on a real database with a real receiver: in order, at least once, and nobody holds up another."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from docaxis.backends import log_facts
from docaxis.backends.database import Database
from docaxis.backends.log_facts import LogFacts
from docaxis.backends.registry import Registry
from docaxis.backends.store import SqlStore
from docaxis.backends.webhook_address import WebhookSettings
from docaxis.hub import notifier as notifier_module
from docaxis.hub.acts import act
from docaxis.hub.changes import changes_of
from docaxis.ledger.event import Json
from docaxis.local.pki import DevelopmentAuthority, Issued
from docaxis.trust.seal import Seal, load_seal
from tests.integration.notified import LOOPBACK, History, utc_now
from tests.subscriber import SLOW, Subscriber, subscribed
from tests.waiting import eventually

TO = (("B1", "b"), ("B2", "b"), ("C1", "c"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentAuthority:
    return DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create()


@pytest.fixture(scope="module")
def hub(authority: DevelopmentAuthority) -> Issued:
    return authority.issue(kind="hub")


@pytest.fixture
def seal(hub: Issued, tmp_path: Path) -> Seal:
    key_file, certificate_file = hub.write(tmp_path / "hub")
    return load_seal(key_file.read_bytes(), certificate_file.read_bytes())


@pytest.fixture
async def history(database: Database, store: SqlStore, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setattr(notifier_module, "RETRY_FIRST_S", 0.1)
    return History(database, store, seal)


@pytest.fixture
async def subscriber(seal: Seal) -> AsyncIterator[Subscriber]:
    async with subscribed([seal.certificate]) as one:
        yield one


async def life(history: History, documents: int, *, sequence: bool = True) -> None:
    """Let documents be accepted, dispatched and fetched, each in events of its own."""
    for _ in range(documents):
        key = await history.accept("a", TO)
        number = await history.database.run(_last_sequence)
        await history.tell("copies:dispatched", {"dispatched": [[key.hex, ["b", "c"]]]})
        await history.tell("copies:fetched", {"fetched": [["b", "normal", number, number]]})
    if sequence:
        await history.sequence()


async def _last_sequence(connection: object) -> int:
    from sqlalchemy import func, select

    from docaxis.backends.tables import deliveries

    return int(await connection.scalar(select(func.max(deliveries.c.sequence))))  # type: ignore[attr-defined]


async def test_sender_and_addressees_are_told_what_is_theirs(history: History, seal: Seal) -> None:
    await life(history, 1)
    async with subscribed([seal.certificate]) as sender, subscribed([seal.certificate]) as addressee:
        await history.subscribe("a", sender.url)
        await history.subscribe("b", addressee.url)
        async with history.notifying() as metrics:
            await sender.has(3)
            await addressee.has(2)
    assert sender.kinds() == ["document:accepted", "copies:dispatched", "copies:fetched"]
    assert addressee.kinds() == ["copies:dispatched", "copies:fetched"]
    assert {one["endpoint"] for one in sender.changes[1]["addressees"]} == {"b", "c"}
    assert [one["organ"] for one in sender.changes[2]["addressees"]] == ["B1", "B2"]
    assert addressee.changes[0]["addressees"] == [{"organ": "B1", "endpoint": "b"}, {"organ": "B2", "endpoint": "b"}]
    assert sender.changes[0]["document"]["id"] == "a-1"
    assert "mật" not in str(sender.taken)
    assert metrics.registry.get_sample_value("docaxis_changes_told_total") == 5


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


@pytest.mark.parametrize("manner", ["errors", "drops", "slow", "redirects", "gone"])
async def test_a_receiver_in_trouble_gets_everything_later_and_holds_up_nobody(
    history: History, seal: Seal, manner: str
) -> None:
    await life(history, 3)
    async with subscribed([seal.certificate]) as bad, subscribed([seal.certificate]) as good:
        bad.status = {"errors": 503, "slow": SLOW, "redirects": 307}.get(manner, 200)
        bad.drops = manner == "drops"
        url = bad.url if manner != "gone" else "http://127.0.0.1:1/"
        trouble = await history.subscribe("a", url)
        await history.subscribe("a", good.url)
        async with history.notifying(WebhookSettings(LOOPBACK.allowed_hosts, timeout_s=0.5)) as metrics:
            await good.has(9)

            async def failed() -> bool:
                return (await history.standing(trouble)).failures > 1

            await eventually("failures", failed)
            standing = await history.standing(trouble)
            assert standing.next_index == standing.told_index == 0
            assert standing.failing_since
            assert standing.last_error
            assert metrics.registry.get_sample_value("docaxis_notifications_behind_entries") == 9
            assert not bad.taken
            if manner == "gone":
                return
            bad.status, bad.drops = 200, False
            await bad.has(9)

            async def well() -> bool:
                now = await history.standing(trouble)
                return (now.failures, now.failing_since, now.next_index) == (0, None, 9)

            await eventually("well again", well)
    bad.check_order()
    assert len(bad.changes) == 9


async def test_a_wrong_certificate_is_never_trusted(
    history: History, seal: Seal, authority: DevelopmentAuthority, tmp_path: Path
) -> None:
    await life(history, 1)
    key_file, certificate_file = authority.issue(kind="tls-server").write(tmp_path / "receiver")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate_file, key_file)
    root = tmp_path / "root.pem"
    root.write_bytes((authority.directory / "anchors" / "root.pem").read_bytes())
    async with subscribed([seal.certificate], tls) as receiver:
        one = await history.subscribe("a", receiver.url)

        async def refused() -> bool:
            return "certificate" in (await history.standing(one)).last_error

        async with history.notifying():
            await eventually("a refusal", refused)
        assert not receiver.asked
        async with history.notifying(WebhookSettings(LOOPBACK.allowed_hosts, ca_file=root)):
            await receiver.has(3)


async def test_loopback_is_refused_unless_it_is_allowed(history: History, subscriber: Subscriber) -> None:
    await life(history, 1)
    one = await history.subscribe("a", subscriber.url)

    async def refused() -> bool:
        return "no public address" in (await history.standing(one)).last_error

    async with history.notifying(WebhookSettings()):
        await eventually("a refusal", refused)
    assert not subscriber.asked


async def test_after_too_long_it_is_disabled_with_an_event_and_resumes_where_it_stopped(
    history: History, subscriber: Subscriber
) -> None:
    await life(history, 1)
    subscriber.status = 500
    one = await history.subscribe("a", subscriber.url)

    async def disabled() -> bool:
        return (await history.standing(one)).disabled_at is not None

    async with history.notifying(give_up_after=timedelta(seconds=0.3)) as metrics:
        await eventually("disabled", disabled)
        asked = subscriber.asked
        await asyncio.sleep(0.5)
        assert subscriber.asked == asked
        assert metrics.registry.get_sample_value("docaxis_subscriptions_given_up_total") == 1
        assert metrics.registry.get_sample_value("docaxis_notifications_behind_entries") == 0
        await history.sequence()
        assert (await history.subscriptions.all())[1] == 4
        subscriber.status = 200
        assert await history.subscriptions.enable(one.subscription_id)
        await subscriber.has(3)
    assert subscriber.taken[0]["first"] == 0


async def test_enabling_at_a_place_tells_again_from_there(history: History, subscriber: Subscriber) -> None:
    await life(history, 2)
    one = await history.subscribe("a", subscriber.url)
    async with history.notifying():
        await subscriber.has(6)
        assert await history.subscriptions.enable(one.subscription_id, first=3)
        await subscriber.has(9)
    assert [change["leaf_index"] for change in subscriber.changes[6:]] == [3, 4, 5]


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
