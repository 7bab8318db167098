"""The bench keeps its own promises in its short form; how fast it was is nobody's business here."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from docaxis.local.rabbitmq import PrivateRabbitMQ

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
NO_SERVICE = 69


async def test_quick_bench_keeps_its_guarantees_on_sqlite(rabbitmq: PrivateRabbitMQ) -> None:
    result = await bench(rabbitmq, "--documents", "100", "--store", "sqlite", "--no-latency")
    assert result["guarantees"]["documents"] == 200


@pytest.mark.postgres
async def test_quick_bench_keeps_its_guarantees_with_receivers_on_postgresql(rabbitmq: PrivateRabbitMQ) -> None:
    # Slow enough for any machine: the second run is about copies and receipts here.
    result = await bench(rabbitmq, "--documents", "200", "--rate", "20")
    assert result["guarantees"]["documents"] == 300
    assert result["latency"]["documents"] == 100


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
    assert result["warnings"] == []
    assert result["guarantees"]["deliveries"] == 8 * result["guarantees"]["documents"]
    assert result["guarantees"]["receipts messages"] == result["guarantees"]["documents"]
    return result
