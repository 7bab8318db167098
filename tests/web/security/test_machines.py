"""The API: what belongs to one endpoint is not there for another, even where its name, number or digest is known."""

from base64 import b64encode

import pytest

from docaxis.domain import wire
from tests.api.caller import Caller
from tests.api.conftest import Exchange, desk_areas, exchange, filled_file

__all__ = ["desk_areas", "exchange", "filled_file"]
OCTETS = b"%PDF-1.7 of one endpoint"
TUS = {"Tus-Resumable": "1.0.0"}


async def begun(caller: Caller) -> str:
    """Return the address of an upload that has not come to its end."""
    told = b64encode(wire.digest_of(OCTETS).encode()).decode()
    headers = {**TUS, "Upload-Length": str(len(OCTETS)), "Upload-Metadata": f"digest {told}"}
    answer = await caller.ask("POST", "/attachments", headers)
    assert answer.status == 201
    return answer.headers["Location"]


async def finish(caller: Caller, address: str) -> int:
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    return (await caller.ask("PATCH", address, headers, OCTETS)).status


async def test_upload_of_another_endpoint_is_not_there(exchange: Exchange) -> None:
    """v5.0.0-8.2.2."""
    address = await begun(exchange.sender)
    for method in ("HEAD", "DELETE"):
        assert (await exchange.stranger.ask(method, address, TUS)).status in {404, 410}
    assert await finish(exchange.stranger, address) in {404, 410}
    assert await finish(exchange.sender, address) == 204


async def test_to_know_a_digest_is_no_right(exchange: Exchange) -> None:
    """v5.0.0-8.2.2: who has not brought the octets, nor sent them, nor was sent them, does not learn that they are there."""
    assert await finish(exchange.sender, await begun(exchange.sender)) == 204
    digest = wire.digest_of(OCTETS)
    assert (await exchange.sender.get(f"/attachments/{digest}")).body == OCTETS
    there = await exchange.stranger.get(f"/attachments/{digest}")
    nowhere = await exchange.stranger.get(f"/attachments/{wire.digest_of(b'nowhere')}")
    assert (there.status, there.code) == (nowhere.status, nowhere.code) == (404, "API.NOT_FOUND")
    # To begin an upload of the same digest gives nothing either: the octets have to come.
    await begun(exchange.stranger)
    assert (await exchange.stranger.get(f"/attachments/{digest}")).status == 404


@pytest.mark.parametrize("path", ["/submissions/a%00b", "/documents/%00", "/attachments/%00", "/agencies/%00"])
async def test_zero_in_an_address(exchange: Exchange, path: str) -> None:
    assert (await exchange.sender.get(path)).status in {400, 404}


@pytest.mark.parametrize("kid", ['"\\ud800"', '"\\u0000"', '["x"]', "7", "null"])
async def test_key_named_by_what_is_no_name(exchange: Exchange, kid: str) -> None:
    head = b64encode(f'{{"alg":"ES256","kid":{kid}}}'.encode()).decode().rstrip("=")
    answer = await exchange.sender.ask("GET", "/endpoints/self", token=f"{head}.e30.x")
    assert (answer.status, answer.code) == (401, "API.TOKEN_INVALID")


async def test_depth_of_json(exchange: Exchange) -> None:
    """v5.0.0-1.5.1: neither deep nor long JSON is a fault."""
    deep = b"[" * 200_000
    headers = {"Content-Type": "application/json"}
    answer = await exchange.sender.ask("POST", "/deliveries/acknowledgements", headers, deep)
    assert (answer.status, answer.code) == (422, "API.REQUEST_INVALID")
