"""The bench keeps its own promises in its short form; how fast it was is nobody's business here."""

import asyncio
import json
import os
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from docaxis.local.rabbitmq import PrivateRabbitMQ

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
NO_SERVICE = 69


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_quick_bench_counts_what_was_promised(rabbitmq: PrivateRabbitMQ, store: str) -> None:
    login = f"{rabbitmq.user}:{quote(rabbitmq.password, safe='')}"
    management = rabbitmq.management_url.replace("//", f"//{login}@")
    broker = ["--broker-url", rabbitmq.amqp_url, "--management-url", management]
    # Slow enough for any machine: the second run is about copies and receipts here.
    words = ["--quick", "--documents", "200", "--rate", "20", "--store", store, "--json", *broker]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench",
        *words,
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
    assert result["latency"]["documents"] == 100
