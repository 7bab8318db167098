"""The bench keeps its own promises in its short form; how fast anything was is nobody's business here."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.bench.corpus import WARM_UP

pytestmark = [pytest.mark.broker, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
NO_SERVICE = 69


@pytest.mark.long
async def test_quick_bench_keeps_its_guarantees_on_sqlite(rabbitmq: PrivateRabbitMQ) -> None:
    result = await bench(rabbitmq, "--documents", "100", "--store", "sqlite", "--no-latency")
    assert set(result["variants"]) == {"docaxis_1"}


@pytest.mark.postgres
async def test_quick_bench_runs_all_side_by_side_and_each_keeps_what_it_promises(rabbitmq: PrivateRabbitMQ) -> None:
    # A rate for any machine: the run at half load is about copies and receipts here.
    result = await bench(rabbitmq, "--documents", "100", "--rate", "20", "--processes", "2")
    assert set(result["variants"]) == {"docaxis_2", "plain", "floor"}
    assert "docaxis_2_to_plain" in result["ratios"]
    assert result["latency"]["documents"] == 60
    # A broker that is not the bench's own has no CPU to look at, and without that there is no limit.
    assert result["limit_documents_per_s"] is None


@pytest.mark.postgres
async def test_quick_bench_with_statuses_passes_each_of_them_on(rabbitmq: PrivateRabbitMQ) -> None:
    found = (await bench(rabbitmq, "--statuses", "--documents", "3"))["variants"]["docaxis_1"]
    assert found["packages"] == 3 * 25
    guarantees = found["guarantees"]
    assert guarantees["statuses"] == guarantees["passed on different"] == guarantees["events of statuses"] == 72
    assert guarantees["copies finished"] == 24
    assert guarantees["passed on sample verified"] > 0


async def bench(rabbitmq: PrivateRabbitMQ, *words: str) -> Any:
    login = f"{rabbitmq.user}:{quote(rabbitmq.password, safe='')}"
    management = rabbitmq.management_url.replace("//", f"//{login}@")
    broker = ["--broker-url", rabbitmq.amqp_url, "--management-url", management]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench",
        "--quick",
        "--json",
        *words,
        *broker,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await child.communicate()
    if child.returncode == NO_SERVICE and os.environ.get("CI") != "true":
        pytest.skip(said.decode())
    assert child.returncode == 0, said.decode() + out.decode()
    result = json.loads(out)
    assert result["as_promised"]
    for name, one in result["variants"].items():
        total = one["documents"] + WARM_UP
        guarantees = one["guarantees"]
        assert guarantees["documents"] == guarantees["receipts different"] == guarantees["events"] == total, name
        assert guarantees["deliveries"] == 8 * total, name
        assert guarantees["receipts sample verified"] > 0, name
    return result
