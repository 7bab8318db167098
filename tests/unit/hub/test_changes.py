"""What an entry of the log means to an endpoint; above all: nobody hears of what is not his."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from docaxis.hub.change_facts import Entry, Facts, Origin, Range, Standing
from docaxis.hub.changes import KINDS, changes_of, documents_of, ranges_of

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ENDPOINTS = ("aa", "bb", "cc", "dd")
STATES = ("dispatched", "waiting", "withdrawn", "expired")
SILENT = {
    "message:quarantined",  # the message is nobody's document yet
    "subscription:disabled",  # the operator's matter
    "proposal:made",  # the administrators' matter
}
OF_PERSONS = ("person:", "export:")
"""What persons do at the pages changes no document by itself; of a reminder all the same the addressees are told."""
ROOT = Path(__file__).parents[3]


def entry(kind: str, body: Any, key: UUID | None = None, leaf_index: int = 7) -> Entry:
    return Entry(leaf_index, kind, NOW, "ab" * 32, key, body)


def copy(key: UUID, organ: str, endpoint: str, sequence: int = 1, state: str = "dispatched") -> Standing:
    return Standing(key, organ, endpoint, "normal", sequence, state)


KEY = UUID(int=1)
PAPER = Origin(KEY, "aa", "A", "A-1")
COPIES = (copy(KEY, "B1", "bb"), copy(KEY, "B2", "bb"), copy(KEY, "C1", "cc", state="waiting"))
ALL = Facts(ENDPOINTS, [PAPER], COPIES)


def told(one: Entry, facts: Facts = ALL) -> dict[str, Any]:
    return dict(changes_of(one, facts))


def test_acceptance_is_the_senders_alone() -> None:
    body = {"addressees": [["B1", "bb", "direct", "dispatched", 1], ["C1", "cc", "direct", "waiting", 1]]}
    changes = told(entry("document:accepted", body, KEY))
    assert changes.keys() == {"aa"}
    assert changes["aa"]["addressees"][1] == {"organ": "C1", "endpoint": "cc", "state": "waiting"}
    assert changes["aa"]["id"] == f"7-{KEY.hex}"
    assert changes["aa"]["at"] == "2026-11-22T08:00:00.000000Z"


def test_copies_by_key_and_by_range_are_the_same_copies() -> None:
    by_key = told(entry("copies:dispatched", {"dispatched": [[KEY.hex, ["bb"]]]}))
    by_range = told(entry("copies:dispatched", {"dispatched": [["bb", "normal", 1, 9]]}))
    assert by_key == by_range
    assert by_key["bb"]["role"] == "addressee"
    assert [one["organ"] for one in by_key["aa"]["addressees"]] == ["B1", "B2"]


def test_a_status_goes_to_sender_and_addressee() -> None:
    body = {"organ": "B2", "author": "B2", "code": 3, "applied": True, "current": "03", "endpoint": "bb"}
    changes = told(entry("status:accepted", body, KEY))
    assert changes.keys() == {"aa", "bb"}
    assert changes["bb"]["code"] == changes["bb"]["current"] == "03"
    assert changes["aa"]["addressees"] == [{"organ": "B2", "endpoint": "bb"}]


def test_who_never_had_a_copy_hears_of_no_recall() -> None:
    body = {"effects": [[KEY.hex, "B1", "bb", "asked"], [KEY.hex, "C1", "cc", "withdrawn"]]}
    changes = told(entry("recall:accepted", body, KEY))
    assert changes.keys() == {"aa", "bb"}
    assert [one["act"] for one in changes["aa"]["addressees"]] == ["asked", "withdrawn"]


def test_an_update_tells_of_the_earlier_document() -> None:
    newer = UUID(int=2)
    facts = Facts(ENDPOINTS, [PAPER, Origin(newer, "aa", "A", "A-2")], COPIES)
    body = {
        "addressees": [["B1", "bb", "direct", "dispatched", 9]],
        "effects": [[KEY.hex, "B2", "bb", "removed"], [KEY.hex, "C1", "cc", "withdrawn"]],
    }
    one = entry("document:accepted", body, newer)
    assert documents_of([one]) == {KEY, newer}
    changes = changes_of(one, facts)
    assert [(endpoint, change["type"], change["document"]["id"]) for endpoint, change in changes] == [
        ("aa", "document:accepted", "A-2"),
        ("aa", "document:affected", "A-1"),
        ("bb", "document:affected", "A-1"),
    ]
    assert len({change["id"] for endpoint, change in changes if endpoint == "aa"}) == 2
    assert "A-2" not in json.dumps(changes[2])


def test_copies_given_back_are_told_to_sender_and_addressee() -> None:
    changes = told(entry("copies:withdrawn", {"withdrawn": [["B1", "bb", "normal", 1]]}, KEY))
    assert changes.keys() == {"aa", "bb"}
    assert changes["aa"]["addressees"] == changes["bb"]["addressees"] == [{"organ": "B1", "endpoint": "bb"}]


def test_a_missed_deadline_names_cause_and_whether_it_counts() -> None:
    addressees = [["B1", "bb", "addressee", True], ["C1", "cc", "hub-away", False]]
    body = {"kind": "receipt", "due_at": "2026-11-21", "addressees": addressees}
    changes = told(entry("deadline:missed", body, KEY))
    assert changes.keys() == {"aa", "bb"}
    assert changes["bb"]["duty"] == "receipt"
    assert changes["bb"]["addressees"] == [
        {"organ": "B1", "endpoint": "bb", "cause": "addressee", "attributable": True}
    ]


def test_a_refusal_is_told_to_whoever_submitted_it() -> None:
    changes = told(
        entry("submission:rejected", {"endpoint": "dd", "package": "sha256:1", "code": "SIG.REVOKED", "at": "/x"})
    )
    assert changes.keys() == {"dd"}
    assert changes["dd"]["digest"] == "sha256:1"
    assert changes["dd"]["place"] == "/x"
    assert changes["dd"]["id"] == "7"


def test_what_cannot_be_understood_is_passed_over() -> None:
    for kind in sorted(KINDS):
        for body in ({}, {"addressees": [[1]], "effects": 3, kind.partition(":")[2]: [["x"], 5]}):
            one = entry(kind, body, KEY)
            assert isinstance(changes_of(one, ALL), list)
            documents_of([one]), ranges_of([one])


def test_every_kind_of_event_is_told_or_left_out_on_purpose() -> None:
    written = {
        kind
        for file in (ROOT / "docaxis").rglob("*.py")
        for kind in re.findall(r'act\(\s*"([a-z]+:[a-z]+)"', file.read_text(encoding="utf-8"))
    }
    assert "document:accepted" in written
    assert {kind for kind in written - KINDS - SILENT if not kind.startswith(OF_PERSONS)} == set()


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[list[Origin], list[Standing], list[Entry]]:
    """Documents between four endpoints, and entries of every kind about them; every organ's name is unmistakable."""
    origins: list[Origin] = []
    copies: list[Standing] = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        key = UUID(int=number)
        sender = draw(st.sampled_from(ENDPOINTS))
        origins.append(Origin(key, sender, f"S{number}-{sender}", f"id-{number}-{sender}"))
        for endpoint in draw(st.sets(st.sampled_from(ENDPOINTS), min_size=1)):
            copies += [
                copy(key, f"O{number}{i}-{endpoint}", endpoint, number, draw(st.sampled_from(STATES))) for i in range(2)
            ]
    entries = [draw(_entries(origins, copies, index)) for index in range(draw(st.integers(1, 12)))]
    return origins, copies, entries


@st.composite
def _entries(draw: st.DrawFn, origins: Sequence[Origin], copies: Sequence[Standing], index: int) -> Entry:
    kind = draw(st.sampled_from(sorted(KINDS)))
    origin = draw(st.sampled_from(origins))
    own = [one for one in copies if one.document_key == origin.document_key]
    some = draw(st.lists(st.sampled_from(own), unique=True, min_size=1))
    verb = kind.partition(":")[2]
    if kind in {"copies:dispatched", "copies:fetched"}:
        listed: list[Any] = [[origin.document_key.hex, sorted({one.endpoint for one in some})]]
        low, high = sorted((draw(st.integers(1, 6)), draw(st.integers(1, 6))))
        listed.append([draw(st.sampled_from(ENDPOINTS)), "normal", low, high])
        return entry(kind, {verb: listed}, None, index)
    if kind.startswith("submission:"):
        return entry(kind, {"endpoint": draw(st.sampled_from(ENDPOINTS)), "package": "sha256:0"}, None, index)
    word = draw(st.sampled_from(["withdrawn", "withdrawing", "asked"]))
    body = {
        "addressees": [[one.organ_id, one.endpoint, "direct", one.state, one.sequence] for one in some],
        "effects": [[one.document_key.hex, one.organ_id, one.endpoint, word] for one in some],
        "withdrawn": [[one.organ_id, one.endpoint, one.lane, one.sequence] for one in some],
        "organ": some[0].organ_id,
        "author": some[0].organ_id,
        "code": 3,
        "applied": True,
        "endpoint": some[0].endpoint,
        "kind": "receipt",
    }
    return entry(kind, body, origin.document_key, index)


@given(exchanges(), st.sets(st.sampled_from(ENDPOINTS)))
def test_nobody_hears_of_what_is_not_his(
    exchange: tuple[list[Origin], list[Standing], list[Entry]], subscribed: set[str]
) -> None:
    origins, copies, entries = exchange
    facts = Facts(subscribed, origins, copies)
    out = {(c.document_key.hex, c.organ_id) for c in copies if c.state == "dispatched"}
    of = {one.document_key.hex: one for one in origins}
    for one in entries:
        for endpoint, change in changes_of(one, facts):
            assert endpoint in subscribed
            if "document" not in change:
                assert one.body["endpoint"] == endpoint
                continue
            origin = of[change["document"]["key"]]
            named = {(a["organ"], a["endpoint"]) for a in change["addressees"]}
            theirs = {(c.organ_id, c.endpoint) for c in copies if c.document_key == origin.document_key}
            assert named <= theirs
            if origin.endpoint == endpoint:
                continue
            assert named
            if change["type"] in {"deadline:missed", "deadline:reminded", "document:expired"}:
                assert {(origin.document_key.hex, organ) for organ, _ in named} <= out
            assert "withdrawn" not in {a.get("act") for a in change["addressees"]}
            assert {where for _, where in named} == {endpoint}
            written = json.dumps(change)
            strangers = {c.organ_id for c in copies if c.endpoint != endpoint}
            assert not [organ for organ in strangers if organ in written]
            other = {o.document_id for o in origins if o != origin}
            assert not [document_id for document_id in other if document_id in written]


@given(exchanges(), st.sampled_from(ENDPOINTS))
def test_reading_only_what_concerns_an_endpoint_tells_it_the_same(
    exchange: tuple[list[Origin], list[Standing], list[Entry]], endpoint: str
) -> None:
    origins, copies, entries = exchange
    sent = {one.document_key for one in origins if one.endpoint == endpoint}
    near = [one for one in copies if one.document_key in sent or one.endpoint == endpoint]
    keys = sent | {one.document_key for one in near}
    narrow = Facts({endpoint}, [one for one in origins if one.document_key in keys], near)
    whole = Facts(ENDPOINTS, origins, copies)
    for one in entries:
        everybody = [told for told in changes_of(one, whole) if told[0] == endpoint]
        assert changes_of(one, narrow) == everybody


def test_ranges_and_keys_are_gathered() -> None:
    one = entry("copies:fetched", {"fetched": [["bb", "normal", 3, 5], [KEY.hex, ["cc"]]]})
    assert ranges_of([one]) == {Range("bb", "normal", 3, 5)}
    assert documents_of([one, entry("status:accepted", {}, UUID(int=2))]) == {KEY, UUID(int=2)}
