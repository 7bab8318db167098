"""Alive is the process alone; ready is every part; metrics are Prometheus text."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from docaxis.api.health import health_app
from docaxis.hub.metrics import Metrics


class Parts:
    def __init__(self) -> None:
        self.problems: dict[str, str | None] = {"broker": None, "store": None}
        self.metrics = Metrics()

    def check(self, name: str):
        async def problem() -> str | None:
            return self.problems[name]

        return problem


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    checks = {name: parts.check(name) for name in parts.problems}
    async with TestClient(TestServer(health_app(checks, parts.metrics.registry))) as one:
        yield one


async def test_ready_when_every_part_is(client):
    answer = await client.get("/readyz")
    assert answer.status == 200
    assert await answer.json() == {"status": "ok", "problems": {}}


async def test_not_ready_names_only_what_is_wrong(client, parts):
    parts.problems["broker"] = "not consuming"
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert await answer.json() == {"status": "not ready", "problems": {"broker": "not consuming"}}


async def test_ready_again_without_a_restart(client, parts):
    parts.problems["store"] = "too slow"
    assert (await client.get("/readyz")).status == 503
    parts.problems["store"] = None
    assert (await client.get("/readyz")).status == 200


async def test_alive_although_nothing_is_ready(client, parts):
    parts.problems |= {"broker": "gone", "store": "gone"}
    answer = await client.get("/livez")
    assert answer.status == 200
    assert await answer.json() == {"status": "ok"}


async def test_metrics_are_text_that_prometheus_reads(client, parts):
    parts.metrics.decided("rejected", "SIG.REVOKED")
    parts.metrics.decided("rejected", "SIG.REVOKED")
    parts.metrics.backlog(waiting=3, unfetched=7)
    answer = await client.get("/metrics")
    assert answer.status == 200
    assert answer.content_type == "text/plain"
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(await answer.text())
        for sample in family.samples
    }
    counted = {key: value for key, value in samples.items() if key[0] == "docaxis_submissions_total" and value}
    assert list(counted.values()) == [2.0]
    assert set(next(iter(counted))) == {"docaxis_submissions_total", "rejected", "SIG.REVOKED"}
    assert samples["docaxis_copies_waiting",] == 3.0
    assert samples["docaxis_copies_unfetched",] == 7.0


async def test_nothing_can_be_changed(client):
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await client.post(path)).status == 405
    assert (await client.get("/")).status == 404
