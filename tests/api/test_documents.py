"""Documents are told to those that sent or received them, each what concerns it, and to nobody else."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.api.conftest import Exchange


def ids(answer) -> list[str]:
    return [one["document"]["document_id"] for one in answer.json["items"]]


async def test_sender_lists_what_it_sent_newest_first(exchange: Exchange) -> None:
    answer = await exchange.sender.get("/documents")
    assert answer.status == 200, answer.body
    assert ids(answer) == ["waiting", "budget", "plan"]
    assert answer.json["next"] is None
    assert "Link" not in answer.headers
    assert answer.json["items"][2]["document"]["key"] == str(exchange.plan)


async def test_receiver_lists_what_has_left_the_hub(exchange: Exchange) -> None:
    assert ids(await exchange.receiver.get("/documents?received_by=H01")) == ["budget", "plan"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=quy hoach", ["plan"]),
        ("q=ngan*", ["budget"]),
        ("q=không có", []),
        ("number=13", ["budget"]),
        ("number=13/qd", ["budget"]),
        ("number=1", []),
        ("only=unfinished", ["waiting", "budget", "plan"]),
        ("only=refused", ["plan"]),
        ("only=overdue", ["budget"]),
        ("only=recalled", []),
    ],
)
async def test_sender_searches(exchange: Exchange, query: str, found: list[str]) -> None:
    name, _, value = query.partition("=")
    assert ids(await exchange.sender.get(f"/documents?{name}={quote(value)}")) == found


async def test_number_among_received_ones_is_the_number_and_not_a_word(exchange: Exchange) -> None:
    assert ids(await exchange.receiver.get("/documents?received_by=H01&number=12/QD")) == ["plan"]
    assert ids(await exchange.receiver.get("/documents?received_by=H01&number=QD")) == []


async def test_filtered_lists_say_what_stands(exchange: Exchange) -> None:
    (late,) = (await exchange.sender.get("/documents?only=overdue")).json["items"]
    assert (late["standing"]["organ_id"], late["standing"]["duty"]) == ("H01", "receipt")
    (refused,) = (await exchange.sender.get("/documents?only=refused")).json["items"]
    assert refused["standing"]["status"] == "02"
    rows = (await exchange.sender.get("/documents?only=unfinished")).json["items"]
    assert rows[-1]["addressees"] == {"02": 1, "03": 1}


async def test_pages_follow_each_other(exchange: Exchange) -> None:
    seen: list[str] = []
    path = "/documents?limit=1"
    while path:
        answer = await exchange.sender.get(path)
        seen += ids(answer)
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(answer.json["next"])
        path = link.partition(">")[0].removeprefix("<")
    assert seen == ["waiting", "budget", "plan"]


async def test_cursor_is_of_one_client_and_one_question(exchange: Exchange) -> None:
    cursor = (await exchange.sender.get("/documents?limit=1")).json["next"]
    assert (await exchange.sender.get(f"/documents?cursor={cursor}&q=quy")).code == "API.CURSOR_INVALID"
    assert (await exchange.receiver.get(f"/documents?received_by=H01&cursor={cursor}")).code == "API.CURSOR_INVALID"
    for broken in ("x", "é", cursor[:-4], cursor + "AA"):
        assert (await exchange.sender.get(f"/documents?cursor={quote(broken)}")).code == "API.CURSOR_INVALID"


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("sender=H01", "?sender"),
        ("received_by=H01", "?received_by"),
        ("sender=ZZ", "?sender"),
        ("only=late", "?only"),
        ("only=refused&received_by=H41", "?only"),
        ("only=overdue&q=x", "?only"),
        ("q=x&number=1", "?number"),
        ("limit=0", "?limit"),
        ("limit=x", "?limit"),
        ("limit=1&limit=2", "?limit"),
        ("nothing=1", "?nothing"),
        ("q=%00", "?q"),
        ("number=1%00", "?number"),
    ],
)
async def test_wrong_questions_name_the_place(exchange: Exchange, query: str, at: str) -> None:
    answer = await exchange.sender.get(f"/documents?{query}")
    assert (answer.status, answer.code) == (422, "API.REQUEST_INVALID")
    assert at in [one["at"] for one in answer.json["errors"]]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


async def test_sender_is_told_of_every_addressee_and_an_addressee_of_itself(exchange: Exchange) -> None:
    whole = (await exchange.sender.get(f"/documents/{exchange.plan}/timeline")).json
    assert {one["organ_id"] for one in whole["addressees"]} == {"H01", "H05"}
    assert {one["organ_id"] for one in whole["statuses"]} == {"H01", "H05"}
    own = (await exchange.receiver.get(f"/documents/{exchange.plan}/timeline")).json
    assert {one["organ_id"] for one in own["addressees"]} == {"H01"}
    assert [one["code"] for one in own["statuses"]] == ["01", "03"]
    assert own["acts"] == []
    statuses = (await exchange.receiver.get(f"/documents/{exchange.plan}/statuses")).json
    assert [one["code"] for one in statuses["items"]] == ["01", "03"]


async def test_what_is_foreign_is_not_there(exchange: Exchange) -> None:
    parts = ("", "/timeline", "/statuses", "/package", "/receipt", "/note")
    for part in parts:
        for key in (exchange.plan, uuid4(), "x"):
            answer = await exchange.stranger.get(f"/documents/{key}{part}")
            assert (answer.status, answer.code) == (404, "API.NOT_FOUND")
        # A copy that still waits in the hub does not exist for its addressee.
        assert (await exchange.receiver.get(f"/documents/{exchange.waiting}{part}")).status == 404


async def test_receipt_is_the_senders(exchange: Exchange) -> None:
    answer = await exchange.sender.get(f"/documents/{exchange.plan}/receipt")
    assert (answer.status, answer.body) == (200, b"receipt")
    assert answer.headers["Content-Type"] == "application/xml"
    assert (await exchange.receiver.get(f"/documents/{exchange.plan}/receipt")).status == 404
    part = await exchange.sender.get(f"/documents/{exchange.plan}/receipt", {"Range": "bytes=2-4"})
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"cei", "bytes 2-4/7")
    outside = await exchange.sender.get(f"/documents/{exchange.plan}/receipt", {"Range": "bytes=7-"})
    assert (outside.status, outside.code) == (416, "API.RANGE_INVALID")


async def test_what_is_known_is_not_sent_again(exchange: Exchange) -> None:
    path = f"/documents/{exchange.plan}"
    first = await exchange.sender.get(path)
    again = await exchange.sender.get(path, {"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await exchange.sender.get(path, {"If-None-Match": '"other"'})).status == 200
    receipt = await exchange.sender.get(f"{path}/receipt")
    held = {"If-None-Match": receipt.headers["ETag"]}
    assert (await exchange.sender.get(f"{path}/receipt", held)).status == 304


async def test_head_answers_as_get_without_its_body(exchange: Exchange) -> None:
    for part in ("", "/receipt"):
        answer = await exchange.sender.ask("HEAD", f"/documents/{exchange.plan}{part}")
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["ETag"]


async def test_what_waits_is_listed_until_it_is_acknowledged(exchange: Exchange) -> None:
    answer = await exchange.receiver.get("/deliveries")
    assert [(one["lane"], one["document"]["document_id"]) for one in answer.json["items"]] == [
        ("normal", "plan"), ("normal", "budget"),
    ]  # fmt: skip
    assert answer.json["items"][0]["organ_ids"] == ["H01"]
    first = await exchange.receiver.get("/deliveries?limit=1")
    assert [one["document"]["document_id"] for one in first.json["items"]] == ["plan"]
    rest = await exchange.receiver.get(f"/deliveries?limit=1&cursor={first.json['next']}")
    assert [one["document"]["document_id"] for one in rest.json["items"]] == ["budget"]
    assert rest.json["next"] is None
    assert (await exchange.stranger.get("/deliveries")).json["items"] == []
