"""From a package that is posted to one that is fetched and acknowledged, on a real broker with a real hub."""

import asyncio
import hashlib
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from docaxis.backends.amqp import BrokerUnavailable
from docaxis.domain import wire
from docaxis.domain.envelope import Attachment
from docaxis.trust.receipts import read_receipt
from docaxis.wiring import utc_now
from tests.api.caller import Caller
from tests.api.served import Served, api_of
from tests.axis import lay_ground, serving
from tests.simulator import SENDER, Country
from tests.waiting import eventually

pytestmark = pytest.mark.broker
RECEIVER, STRANGER = "H01", "H05"


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, RECEIVER, STRANGER))


@pytest.fixture
async def served(country: Country, vhost: str, tmp_path: Path) -> AsyncIterator[Served]:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground) as axis, api_of(axis) as opened:
        yield opened


@pytest.fixture
async def sender(served: Served) -> Caller:
    return await served.caller(SENDER)


@pytest.fixture
async def receiver(served: Served) -> Caller:
    return await served.caller(RECEIVER)


def package(country: Country, number: int = 1, to: str = RECEIVER) -> bytes:
    return country.signed(country.envelope(number=number, to=[to]))


async def accepted(sender: Caller, body: bytes) -> str:
    """Submit a package and return the key of the document."""
    answer = await sender.post("/submissions", body, {"Prefer": "wait=20"})
    assert (answer.status, answer.json["state"]) == (200, "accepted"), answer.body
    return str(answer.json["submission_id"])


async def test_package_goes_from_one_api_client_to_another(
    country: Country, served: Served, sender: Caller, receiver: Caller
) -> None:
    body = package(country)
    answer = await sender.post("/submissions", body)
    assert answer.status in {200, 202}
    where = answer.headers["Location"]
    assert where.startswith("/api/v1/submissions/")

    async def decided() -> bool:
        return bool((await sender.get(where)).json["state"] == "accepted")

    await eventually("the decision", decided)
    told = (await sender.get(where)).json
    key = told["submission_id"]
    receipt = read_receipt((await sender.get(f"{where}/receipt")).body, country.hub.certificate)
    assert (receipt.outcome, receipt.digest) == ("accepted", wire.digest_of(body))

    async def waits() -> bool:
        return bool((await receiver.get("/deliveries")).json["items"])

    await eventually("the delivery", waits)
    (delivery,) = (await receiver.get("/deliveries")).json["items"]
    assert delivery["document"]["key"] == key
    fetched = await receiver.get(f"/documents/{key}/package")
    assert fetched.body == body
    digest = b64encode(hashlib.sha256(body).digest()).decode()
    assert fetched.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert (await receiver.get(f"/documents/{key}/note")).status == 200

    sequence = delivery["sequence"]
    done = await receiver.post("/deliveries/acknowledgements", {"normal": [[sequence, sequence]]})
    assert done.status == 202, done.body
    await eventually("the line is empty", lambda: _is_empty(receiver))
    await eventually("the queue is empty", lambda: _has(served, RECEIVER, 0))
    timeline = (await sender.get(f"/documents/{key}/timeline")).json
    assert timeline["addressees"][0]["transport"] == "fetched"
    events = (await sender.get("/events")).json
    assert "copies:fetched" in [one["type"] for one in events["items"]]
    assert {one["type"] for one in (await receiver.get("/events")).json["items"]} == {
        "copies:dispatched", "copies:fetched",
    }  # fmt: skip
    stranger = await served.caller(STRANGER)
    assert (await stranger.get("/events")).json["items"] == []
    assert (await stranger.get(where)).status == 404


async def _is_empty(caller: Caller) -> bool:
    return not (await caller.get("/deliveries")).json["items"]


async def _has(served: Served, organ_id: str, messages: int) -> bool:
    return await served.axis.count(organ_id) == messages


async def test_only_what_is_acknowledged_leaves_the_queue_and_the_order_stays(
    country: Country, served: Served, sender: Caller, receiver: Caller
) -> None:
    keys = [await accepted(sender, package(country, number)) for number in range(1, 6)]
    await eventually("all copies", lambda: _has(served, RECEIVER, 5))
    items = (await receiver.get("/deliveries")).json["items"]
    assert [one["document"]["key"] for one in items] == keys
    gone = [items[1]["sequence"], items[3]["sequence"]]
    await receiver.post("/deliveries/acknowledgements", {"normal": [[one, one] for one in gone]})
    await eventually("two copies are gone", lambda: _has(served, RECEIVER, 3))
    # An adapter that comes later finds the others, in their order.
    left = [one.message_id for one in await served.axis.all_of(RECEIVER)]
    assert left == [keys[place].replace("-", "") for place in (0, 2, 4)]


async def test_queue_that_somebody_consumes_is_left_alone(
    country: Country, served: Served, sender: Caller, receiver: Caller
) -> None:
    await served.axis.channel.set_qos(prefetch_count=1)
    queue = await served.axis.channel.get_queue(served.axis.queue_of(RECEIVER, "normal"), ensure=False)
    held: list[str] = []

    async def hold(message) -> None:
        held.append(str(message.message_id))

    await queue.consume(hold)
    for number in (1, 2, 3):
        await accepted(sender, package(country, number))
    await eventually("the rest stands", lambda: _has(served, RECEIVER, 2))
    items = (await receiver.get("/deliveries")).json["items"]
    pairs = [[items[0]["sequence"], items[-1]["sequence"]]]
    await receiver.post("/deliveries/acknowledgements", {"normal": pairs})
    await eventually("the line is empty", lambda: _is_empty(receiver))
    await asyncio.sleep(1)
    assert await _has(served, RECEIVER, 2)


async def test_refusal_is_told_with_its_code_and_receipt(country: Country, sender: Caller) -> None:
    answer = await sender.post("/submissions?message_id=m-1", b"<nothing/>", {"Prefer": "wait=20"})
    assert (answer.status, answer.json["state"]) == (200, "rejected")
    assert answer.json["code"].startswith("PKG.")
    assert answer.headers["Preference-Applied"] == "wait=20"
    receipt = read_receipt((await sender.get("/submissions/m-1/receipt")).body, country.hub.certificate)
    assert (receipt.outcome, receipt.code) == ("rejected", answer.json["code"])
    listed = (await sender.get("/submissions?outcome=rejected")).json["items"]
    assert [one["message_id"] for one in listed] == ["m-1"]
    assert (await sender.get("/submissions?outcome=accepted")).json["items"] == []


async def test_asking_again_changes_nothing(country: Country, served: Served, sender: Caller) -> None:
    body, other = package(country, 1), package(country, 2)
    first = await sender.post("/submissions", body, {"Idempotency-Key": '"k-1"'})
    again = await sender.post("/submissions", body, {"Idempotency-Key": '"k-1"'})
    assert first.headers["Location"] == again.headers["Location"]
    conflict = await sender.post("/submissions", other, {"Idempotency-Key": '"k-1"'})
    assert (conflict.status, conflict.code) == (422, "API.IDEMPOTENCY_CONFLICT")
    await accepted(sender, body)
    assert await served.axis.ground.count("submissions") == 1
    assert (await sender.post("/submissions", body)).status == 200
    named = await sender.post("/submissions?message_id=m-9", other, {"Prefer": "wait=20"})
    assert named.json["state"] == "accepted"
    assert (await sender.post("/submissions?message_id=m-9", body)).code == "API.IDEMPOTENCY_CONFLICT"
    # The keys of others are no business of mine.
    receiver = await served.caller(RECEIVER)
    foreign = await receiver.post("/submissions", other, {"Idempotency-Key": '"k-1"'})
    assert foreign.status in {200, 202}


async def test_status_is_a_submission_too(country: Country, sender: Caller, receiver: Caller) -> None:
    body = package(country)
    key = await accepted(sender, body)
    document_id = (await sender.get(f"/documents/{key}")).json["document_id"]
    status = country.signed_status("03", RECEIVER, SENDER, document_id)
    answer = await receiver.post("/submissions", status, {"Prefer": "wait=20"})
    assert answer.json["state"] == "accepted", answer.body
    (told,) = (await sender.get(f"/documents/{key}/statuses")).json["items"]
    assert (told["organ_id"], told["code"]) == (RECEIVER, "03")


async def test_large_package_goes_by_claim(country: Country, sender: Caller, receiver: Caller) -> None:
    attachment = Attachment("tep-1", "bản đồ.pdf", "application/pdf", content=b"%PDF-1.7 " + os.urandom(400 * 1024))
    body = country.signed(country.envelope(number=1, to=[RECEIVER], attachments=[attachment]))
    key = await accepted(sender, body)

    async def there() -> bool:
        return (await receiver.get(f"/documents/{key}")).status == 200

    await eventually("the copy", there)
    assert (await receiver.get(f"/documents/{key}/package")).body == body
    part = await receiver.get(f"/documents/{key}/package", {"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, body[100:200])


async def test_what_cannot_be_a_package_is_refused_at_once(sender: Caller) -> None:
    assert (await sender.ask("POST", "/submissions", {"Content-Type": "text/plain"}, b"x")).code == "API.MEDIA_TYPE"
    wrong = await sender.post("/submissions", b"<x/>", {"Content-Digest": "sha-256=:AAAA:"})
    assert (wrong.status, wrong.code) == (422, "API.DIGEST_MISMATCH")
    assert (await sender.post("/submissions", b"x" * (33 * 1024 * 1024))).code == "API.TOO_LARGE"
    assert (await sender.post("/submissions?message_id=a%20b", b"<x/>")).code == "API.REQUEST_INVALID"
    assert (await sender.post("/submissions", b"<x/>", {"Idempotency-Key": " "})).code == "API.REQUEST_INVALID"


async def test_answers_that_are_read_here_need_not_stand_in_queues(
    country: Country, served: Served, sender: Caller
) -> None:
    await accepted(sender, package(country))
    await eventually("the receipt", lambda: _receipts(served, 1))
    done = await sender.post("/deliveries/acknowledgements", {"answers_read": True})
    assert done.status == 202
    assert await _receipts(served, 0)


async def _receipts(served: Served, messages: int) -> bool:
    return await served.axis.count(SENDER, "receipts") == messages


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"normal": [[2, 1]]}, "/normal/0"),
        ({"normal": [[0, 1]]}, "/normal/0/0"),
        ({"urgent": [[1, 2**60]]}, "/urgent/0/1"),
        ({"urgent": [["1", 2]]}, "/urgent/0/0"),
        ({"lanes": []}, "/lanes"),
        ([], "/"),
    ],
)
async def test_wrong_acknowledgement_names_the_place(sender: Caller, body: object, at: str) -> None:
    answer = await sender.post("/deliveries/acknowledgements", body)
    assert (answer.status, answer.code) == (422, "API.REQUEST_INVALID")
    assert at in [one["at"] for one in answer.json["errors"]]


async def test_broker_that_is_away_is_told_as_such(
    sender: Caller, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = package(country, 7)

    async def refuse(*_: object) -> None:
        raise BrokerUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr("docaxis.backends.machines.sending.open_connection", refuse)
        answer = await sender.post("/submissions", body)
    assert (answer.status, answer.code) == (503, "API.UNAVAILABLE")
    assert answer.headers["Retry-After"]
    # Nothing was taken, and nothing says that it was.
    assert (await sender.get(f"/submissions/{hashlib.sha256(body).hexdigest()}")).status == 404
    await accepted(sender, body)
