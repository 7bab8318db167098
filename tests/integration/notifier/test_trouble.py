"""A receiver that fails, lies or is not allowed: it gets everything later, and nobody else waits for it."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from docaxis.backends.webhook_address import WebhookSettings
from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.seal import Seal
from tests.integration.notified import LOOPBACK, History, life
from tests.subscriber import SLOW, Subscriber, subscribed
from tests.waiting import eventually


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
