"""The blob routes: whose token, who may read, ranges, and octets that are not what they are called."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientError, web
from aiohttp.test_utils import TestClient, TestServer

from docaxis.api.blobs import blob_app
from docaxis.domain.wire import digest_of
from docaxis.hub.ports import StoreUnavailable

LIMIT = 1_000_000
OCTETS = b"0123456789"
DIGEST = digest_of(OCTETS)
ALICE = {"Authorization": "Bearer alice-token"}
BOB = {"Authorization": "Bearer bob-token"}


class MemoryBlobs:
    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def write_stream(self, digest: str, chunks: AsyncIterator[bytes], size_limit_bytes: int) -> int | None:
        octets = b""
        async for chunk in chunks:
            octets += chunk
            if len(octets) > size_limit_bytes:
                return None
        if digest_of(octets) != digest:
            return None
        self.held[digest] = octets
        return len(octets)

    async def read_stream(self, digest: str, first: int, last: int) -> AsyncIterator[bytes]:
        for at in range(first, last + 1, 3):
            yield self.held[digest][at : min(at + 3, last + 1)]

    async def size_bytes(self, digest: str) -> int | None:
        return len(self.held[digest]) if digest in self.held else None


class MemoryAccess:
    def __init__(self) -> None:
        tokens = {"alice": "alice-token", "bob": "bob-token"}
        self.tokens = {hashlib.sha256(token.encode()).hexdigest(): endpoint for endpoint, token in tokens.items()}
        self.readers: set[tuple[str, str]] = set()
        self.registered: list[tuple[str, str, int]] = []

    async def endpoint_of_token(self, token_sha256: str) -> str | None:
        return self.tokens.get(token_sha256)

    async def may_read_blob(self, endpoint: str, digest: str) -> bool:
        return (endpoint, digest) in self.readers

    async def register_blob(self, endpoint: str, digest: str, size_bytes: int) -> None:
        self.registered.append((endpoint, digest, size_bytes))
        self.readers.add((endpoint, digest))


@dataclass
class Hub:
    client: TestClient[web.Request, web.Application]
    blobs: MemoryBlobs
    access: MemoryAccess


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    blobs, access = MemoryBlobs(), MemoryAccess()
    async with TestClient(TestServer(blob_app(blobs, access, LIMIT))) as client:
        yield Hub(client, blobs, access)


@pytest.fixture
async def stored(hub: Hub) -> Hub:
    hub.blobs.held[DIGEST] = OCTETS
    hub.access.readers.add(("alice", DIGEST))
    return hub


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic alice-token"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_without_a_token_of_an_endpoint_nothing_is_told(stored, method, headers):
    answer = await stored.client.request(
        method, f"/blobs/{DIGEST}", headers=headers, data=OCTETS if method == "PUT" else None
    )
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert OCTETS not in await answer.read()
    assert stored.access.registered == []


async def test_the_scheme_is_read_in_any_case(stored):
    answer = await stored.client.get(f"/blobs/{DIGEST}", headers={"Authorization": "bearer alice-token"})
    assert answer.status == 200


async def test_put_stores_and_registers_who_brought_it(hub):
    answer = await hub.client.put(f"/blobs/{DIGEST}", data=OCTETS, headers=ALICE)
    assert answer.status == 201
    assert hub.blobs.held == {DIGEST: OCTETS}
    assert hub.access.registered == [("alice", DIGEST, len(OCTETS))]


async def test_put_again_is_no_error_and_gives_the_second_bringer_the_right_to_read(hub):
    await hub.client.put(f"/blobs/{DIGEST}", data=OCTETS, headers=ALICE)
    assert (await hub.client.get(f"/blobs/{DIGEST}", headers=BOB)).status == 404
    assert (await hub.client.put(f"/blobs/{DIGEST}", data=OCTETS, headers=BOB)).status == 204
    assert (await hub.client.get(f"/blobs/{DIGEST}", headers=BOB)).status == 200


async def test_put_of_other_octets_under_a_known_digest_gives_no_right(stored):
    answer = await stored.client.put(f"/blobs/{DIGEST}", data=b"guessed", headers=BOB)
    assert answer.status == 422
    assert (await answer.json())["code"] == "BLOB.DIGEST_MISMATCH"
    assert answer.content_type == "application/problem+json"
    assert stored.blobs.held[DIGEST] == OCTETS
    assert stored.access.registered == []


@pytest.mark.parametrize("name", ["sha256:ab", DIGEST.upper(), "sha512:" + "0" * 64, DIGEST + "0", "..%2Fetc"])
async def test_put_under_what_is_no_digest(hub, name):
    answer = await hub.client.put(f"/blobs/{name}", data=OCTETS, headers=ALICE)
    assert answer.status == 400
    assert (await answer.json())["code"] == "BLOB.DIGEST_INVALID"


async def test_put_of_a_declared_size_above_the_limit_is_refused_before_it_is_read(hub):
    answer = await hub.client.put(f"/blobs/{DIGEST}", data=b"x" * (LIMIT + 1), headers=ALICE)
    assert answer.status == 413
    assert hub.blobs.held == {}


async def test_put_of_an_undeclared_size_above_the_limit_is_refused(hub):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * (LIMIT // 10)

    answer = await hub.client.put(f"/blobs/{DIGEST}", data=chunks(), headers=ALICE)
    assert answer.status in {413, 422}
    assert hub.blobs.held == {}
    assert hub.access.registered == []


async def test_get_sends_the_octets_with_their_digest_as_etag(stored):
    answer = await stored.client.get(f"/blobs/{DIGEST}", headers=ALICE)
    assert answer.status == 200
    assert await answer.read() == OCTETS
    assert answer.headers["ETag"] == f'"{DIGEST}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == "10"


async def test_what_an_endpoint_may_not_see_looks_as_if_it_were_not_there(stored):
    foreign = await stored.client.get(f"/blobs/{DIGEST}", headers=BOB)
    missing = await stored.client.get(f"/blobs/{digest_of(b'nothing')}", headers=BOB)
    no_digest = await stored.client.get("/blobs/sha256:zz", headers=BOB)
    assert foreign.status == missing.status == no_digest.status == 404
    assert await foreign.read() == await missing.read() == await no_digest.read()


@pytest.mark.parametrize(
    ("wanted", "octets", "said"),
    [
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-5", b"2345", "bytes 2-5/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
async def test_a_part(stored, wanted, octets, said):
    answer = await stored.client.get(f"/blobs/{DIGEST}", headers={**ALICE, "Range": wanted})
    assert answer.status == 206
    assert await answer.read() == octets
    assert answer.headers["Content-Range"] == said
    assert answer.headers["Content-Length"] == str(len(octets))


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=5-4", "bytes=999999999999999999-"])
async def test_a_part_that_is_not_there(stored, wanted):
    answer = await stored.client.get(f"/blobs/{DIGEST}", headers={**ALICE, "Range": wanted})
    assert answer.status == 416
    assert answer.headers["Content-Range"] == "bytes */10"
    assert (await answer.json())["code"] == "BLOB.RANGE_INVALID"


@pytest.mark.parametrize("wanted", ["bytes=-3", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b"])
async def test_other_forms_of_range_are_ignored(stored, wanted):
    answer = await stored.client.get(f"/blobs/{DIGEST}", headers={**ALICE, "Range": wanted})
    assert answer.status == 200
    assert await answer.read() == OCTETS


async def test_head_tells_the_size_and_sends_nothing(stored):
    answer = await stored.client.head(f"/blobs/{DIGEST}", headers=ALICE)
    assert answer.status == 200
    assert answer.headers["Content-Length"] == "10"
    assert await answer.read() == b""
    assert (await stored.client.head(f"/blobs/{DIGEST}", headers=BOB)).status == 404


async def test_a_broken_download_goes_on_where_it_stopped(stored):
    begun = await stored.client.get(f"/blobs/{DIGEST}", headers={**ALICE, "Range": "bytes=0-3"})
    rest = await stored.client.get(f"/blobs/{DIGEST}", headers={**ALICE, "Range": "bytes=4-"})
    assert await begun.read() + await rest.read() == OCTETS


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
async def test_nothing_else_can_be_done(stored, method):
    answer = await stored.client.request(method, f"/blobs/{DIGEST}", headers=ALICE)
    assert answer.status == 405
    assert stored.blobs.held == {DIGEST: OCTETS}


async def test_a_store_that_is_away_asks_to_come_again(stored: Hub, monkeypatch: pytest.MonkeyPatch):
    async def away(*_: object) -> int:
        raise StoreUnavailable("blob store: No space left on device")

    monkeypatch.setattr(stored.blobs, "write_stream", away)
    answer = await stored.client.put(f"/blobs/{DIGEST}", data=OCTETS, headers=ALICE)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert (await answer.json(content_type="application/problem+json"))["code"] == "BLOB.UNAVAILABLE"
    monkeypatch.setattr(stored.access, "endpoint_of_token", away)
    assert (await stored.client.get(f"/blobs/{DIGEST}", headers=ALICE)).status == 503


async def test_a_download_that_cannot_go_on_ends_too_early_for_the_reader(stored: Hub, monkeypatch: pytest.MonkeyPatch):
    async def breaks(*_: object) -> AsyncIterator[bytes]:
        yield OCTETS[:4]
        raise StoreUnavailable("blob store: Input/output error")

    monkeypatch.setattr(stored.blobs, "read_stream", breaks)
    with pytest.raises(ClientError):
        await (await stored.client.get(f"/blobs/{DIGEST}", headers=ALICE)).read()
