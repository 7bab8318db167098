"""F27: an endpoint's bearer token for large bytes is renewed by the operator's command while packages are on their way."""

import asyncio
import os
import sys
from dataclasses import replace

import pytest

from adapters.blobs import BlobError, Blobs
from adapters.settings import HubSettings, read_settings
from docaxis.domain import wire
from tests.faults.scenario import Scenario
from tests.faults.stage import MINISTRIES, Stage

BY_CLAIM_BYTES = 1024
SENT = 10
PAUSE_S = 0.1


async def strike(stage: Stage) -> None:
    """Renew the token of an agency that sends everything by claim, `scale` times; the others go on meanwhile."""
    (number,) = stage.hubs.running
    child = stage.hubs.running[number]
    sender, *_ = MINISTRIES
    agency = stage.agencies[sender]
    url = f"http://127.0.0.1:{child.config.http.port}"
    await agency.take_up(replace(agency.hub, url=url, inline_limit_bytes=BY_CLAIM_BYTES))
    others = [one for one in MINISTRIES if one != sender]
    for turn in range(stage.scale):
        await stage.send(SENT, sender=sender)
        old = agency.hub
        out = stage.places.folder / f"endpoint-{turn}"
        command = ("endpoint", "add", agency.endpoint, "--renew", "--out", str(out))
        renewing = asyncio.create_task(_docaxis(*command, "--config", str(child.log_file.with_suffix(".toml"))))
        while not renewing.done():
            await stage.send(1, sender=stage.dice.choice(others))
            await asyncio.sleep(PAUSE_S)
        await renewing
        await _is_refused(old)
        await agency.take_up(replace(old, token=read_settings(out / "endpoint.toml").hub.token))
        stage.book.count("tokens renewed")
        await stage.send(SENT, sender=sender)


async def _is_refused(hub: HubSettings) -> None:
    blobs, octets = Blobs(hub), b"whatever"
    try:
        with pytest.raises(BlobError, match="401") as refused:
            await blobs.put(wire.digest_of(octets), octets)
    finally:
        await blobs.close()
    assert refused.value.temporary, "a token that was renewed must not end a document"


async def _docaxis(*arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCAXIS_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "docaxis", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode(errors="replace")[-2000:]


SCENARIO = Scenario(title="a token for large bytes is renewed", faults=("F27",), strike=strike)
