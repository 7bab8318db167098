"""The checker finds what it is there to find: every kind of breach, planted."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from tests.faults.balance import Balance, balance
from tests.faults.book import Answer, Book, Sent
from tests.faults.run import CONNECTIONS_OF_A_HUB, judge_store
from tests.faults.stage import Stage

ACCEPTED, REFUSED = Answer("accepted", "", "receipt", "leaf"), Answer("rejected", "SIG", "refusal", "leaf")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book in order: one package accepted for two, one refused."""
    book = Book(tmp_path / "book.jsonl")
    for sent, answer in (
        (Sent("m-1", "d1", "north", frozenset({"south", "west"}), frozenset({"accepted"})), ACCEPTED),
        (Sent("m-2", "d2", "north", frozenset({"south"}), frozenset({"rejected"})), REFUSED),
    ):
        book.send(sent)
        book.confirm(sent.message_id)
        book.answer(sent.message_id, answer)
    book.arrive("south", "d1")
    book.arrive("west", "d1")
    return book


def breaches(book: Book) -> list[str]:
    """Return the breaches without the examples."""
    return [breach.partition(" (")[0] for breach in balance(book).breaches]


def test_book_in_order_balances(book: Book) -> None:
    judged = balance(book)
    assert judged.holds
    assert (judged.counts["sent"], judged.counts["accepted"], judged.counts["copies"]) == (2, 1, 2)


def test_copy_that_did_not_arrive_is_lost(book: Book) -> None:
    del book.inboxes["west"]
    assert breaches(book) == ["I1 lost: 1"]


def test_message_that_the_broker_took_must_be_answered(book: Book) -> None:
    del book.answers["m-2"]
    assert breaches(book) == ["I1 unanswered: 1"]
    book.sent["m-2"].confirmed = False
    assert balance(book).holds


def test_deferral_is_no_answer_and_no_second_one(book: Book) -> None:
    deferral = Answer("deferred", "CRL", "later", "leaf")
    book.answers["m-1"].insert(0, deferral)
    assert balance(book).holds
    book.answers["m-2"] = [deferral]
    assert breaches(book) == ["I1 unanswered: 1"]


def test_answer_must_be_one_that_is_allowed(book: Book) -> None:
    book.answers["m-1"] = [REFUSED]
    assert breaches(book) == ["I1 answered otherwise: 1", "I3 phantom: 2"]


def test_copy_that_arrives_twice_is_doubled(book: Book) -> None:
    book.arrive("west", "d1")
    assert breaches(book) == ["I2 doubled: 1"]


def test_repeated_receipt_has_the_same_octets(book: Book) -> None:
    book.answer("m-1", ACCEPTED)
    assert balance(book).holds
    book.answer("m-1", Answer("accepted", "", "another receipt", "leaf"))
    assert breaches(book) == ["I2 two answers: 1"]


def test_refused_package_must_not_arrive(book: Book) -> None:
    book.arrive("south", "d2")
    assert breaches(book) == ["I3 phantom: 1"]


def test_package_must_not_arrive_where_it_was_not_sent(book: Book) -> None:
    book.arrive("east", "d1")
    assert breaches(book) == ["I3 phantom: 1"]


def test_answer_to_nothing_is_found(book: Book) -> None:
    book.answer("m-9", ACCEPTED)
    assert breaches(book) == ["I3 answers to nothing: 1"]


def test_breach_names_some_and_counts_all() -> None:
    judged = Balance()
    judged.breach("I1", "lost", range(9))
    assert judged.breaches == ["I1 lost: 9 (0, 1, 2, 3, 4, …)"]
    assert judged.counts == {"lost": 9}


@dataclass
class Store:
    """Stands where the stage stands, and answers as a hub's store in order would: one document, four events."""

    book: Book
    kinds: dict[str, int] = field(default_factory=lambda: {"document:accepted": 1, "copies:fetched": 3})
    documents: int = 1
    leaves: list[bytes] = field(default_factory=lambda: [b"a", b"b", b"c", bytes.fromhex("1eaf")])
    indexes: tuple[int, int] = (0, 3)
    without_leaf: int = 0
    connections: int = CONNECTIONS_OF_A_HUB
    log_before: list[bytes] = field(default_factory=lambda: [b"a", b"b"])

    def __post_init__(self) -> None:
        self.ground = self.hubs = self
        self.running = {1: None}

    async def count(self, table: str) -> int:
        assert table == "documents"
        return self.documents

    async def events(self) -> dict[str, int]:
        return self.kinds

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [self.indexes] if "leaf_index" in query else [(self.without_leaf,)]

    async def leaf_hashes(self) -> list[bytes]:
        return self.leaves

    async def management(self, *_: object) -> list[dict[str, Any]]:
        names = [{"client_properties": {"connection_name": "test hub ingress"}, "name": str(n)} for n in range(9)]
        return [*names[: self.connections], {"client_properties": {"connection_name": "an agency"}}]


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ({}, []),
        ({"documents": 2}, ["I4 documents: 2, not 1", "I4 events of acceptance: 1, not 2"]),
        ({"kinds": {"document:accepted": 2}}, ["I4 events of acceptance: 2, not 1"]),
        ({"without_leaf": 1}, ["I4 events without a leaf: 1, not 0"]),
        ({"indexes": (0, 4)}, ["I4 leaf indexes: (0, 4), not (0, 3)"]),
        ({"log_before": [b"a", b"x"]}, ["I4 log before the fault"]),
        ({"leaves": [b"a", b"b", b"c", b"d"]}, ["I4 receipts without a leaf: 1"]),
        ({"connections": CONNECTIONS_OF_A_HUB + 1}, ["I6 connections too many: 1"]),
    ],
)
def test_breach_in_the_store_is_found(book: Book, planted: dict[str, Any], found: list[str]) -> None:
    for answers in book.answers.values():
        for answer in answers:
            answer.event_hash = "1eaf"
    store, judged = Store(book, **planted), Balance()
    asyncio.run(judge_store(cast(Stage, store), judged))
    assert [breach.startswith(start) for breach, start in zip(judged.breaches, found, strict=True)] == [True] * len(
        found
    )
