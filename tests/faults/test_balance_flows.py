"""The checker finds every kind of breach of statuses and recalls, planted."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from docaxis.domain.receipt import Effect
from docaxis.domain.status import StatusCode, mask_of
from tests.faults.balance import Balance, balance
from tests.faults.balance_flows import masks, unsettled
from tests.faults.book import Answer, Book, Kind, Sent
from tests.faults.judge_flows import judge_flows
from tests.faults.stage import Stage

ONE = UUID(int=1)
TAKEN = frozenset({"accepted"})
RECALLED = (
    Effect("W", "asked", "west", ONE.hex, "normal", 1),
    Effect("S", "withdrawing", "south", ONE.hex, "normal", 1),
    Effect("E", "withdrawn", "east", ONE.hex, "normal", 1),
)


def put(
    book: Book, message_id: str, kind: Kind, endpoint: str, to: str, about: str, organ: str = "", code: int = 0
) -> None:
    """Enter a package that the broker has taken; `to`: endpoints in words."""
    receivers = frozenset(to.split())
    book.send(Sent(message_id, f"d-{message_id}", endpoint, receivers, TAKEN, False, kind, about, organ, code))
    book.confirm(message_id)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book in order: north sends one to three, west reports 01 and 03, north takes it back, south had not fetched it."""
    book = Book(tmp_path / "book.jsonl")
    put(book, "m-1", "document", "north", "west south east", "N,1")
    book.answer("m-1", Answer("accepted", "", "r-1", "leaf", ONE.hex))
    book.arrive("west", "d-m-1", ONE.hex)
    for message_id, code in (("s-1", 1), ("s-3", 3), ("s-16", 16)):
        put(book, message_id, "status", "west", "north", "N,1", "W", code)
        book.answer(message_id, Answer("accepted", "", f"r-{message_id}", "leaf", message_id))
        book.hear("north", f"d-{message_id}")
    put(book, "back", "recall", "north", "", "N,1", "", 13)
    book.answer("back", Answer("accepted", "", "r-back", "leaf", "back", RECALLED))
    for endpoint in ("west", "south"):
        book.hear(endpoint, "d-back")
    book.withdraw("south", {ONE.hex})
    book.give_back("north", ONE.hex, "south")
    return book


def breaches(book: Book) -> list[str]:
    """Return the breaches without the examples."""
    return [breach.partition(" (")[0] for breach in balance(book).breaches]


def test_book_in_order_balances(book: Book) -> None:
    judged = balance(book)
    assert judged.breaches == []
    assert unsettled(book) == 0
    found = {name: judged.counts[name] for name in ("copies", "accepted", "status packages", "recall packages")}
    assert found == {"copies": 1, "accepted": 5, "status packages": 3, "recall packages": 1}


def test_copy_kept_by_the_hub_must_not_arrive(book: Book) -> None:
    book.arrive("east", "d-m-1", ONE.hex)
    assert breaches(book) == ["I3 withdrawn, but in an inbox: 1"]


def test_copy_that_an_endpoint_has_given_back_must_not_arrive(book: Book) -> None:
    book.arrive("south", "d-m-1", ONE.hex)
    assert breaches(book) == ["I3 withdrawn, but in an inbox: 1"]


def test_copy_that_was_only_asked_back_is_lost_when_it_is_nowhere(book: Book) -> None:
    del book.inboxes["west"]
    assert breaches(book) == ["I1 lost: 1"]


def test_copy_that_its_endpoint_neither_wrote_nor_gave_back_is_lost_and_unanswered(book: Book) -> None:
    del book.flows.withdrawn["south"]
    assert breaches(book) == ["I1 lost: 1", "I1 recalls that the addressee did not answer: 1"]
    assert unsettled(book) == 1


def test_status_must_be_passed_on(book: Book) -> None:
    del book.flows.heard["north"]["d-s-3"]
    assert breaches(book) == ["I1 not passed on: 1"]
    assert unsettled(book) == 1


def test_status_counts_once(book: Book) -> None:
    book.hear("north", "d-s-3")
    assert breaches(book) == ["I2 passed on twice: 1"]


def test_recall_goes_to_all_that_its_receipt_names_and_to_nobody_else(book: Book) -> None:
    book.flows.heard["east"] = Counter({"d-back": 1})
    del book.flows.heard["south"]
    assert breaches(book) == ["I1 not passed on: 1", "I3 passed on, but never said: 1"]


def test_refused_status_must_not_be_passed_on(book: Book) -> None:
    book.answers["s-1"] = [Answer("rejected", "FLW", "no", "leaf")]
    assert breaches(book) == ["I1 answered otherwise: 1", "I3 passed on, but never said: 1"]


def test_recall_must_be_answered_by_the_hub(book: Book) -> None:
    del book.answers["back"]
    assert "I1 unanswered: 1" in breaches(book)


def test_recall_must_be_answered_by_who_has_the_copy(book: Book) -> None:
    book.sent["s-16"].code = 6
    assert breaches(book) == ["I1 recalls that the addressee did not answer: 1"]
    book.flows.silent.add("west")
    assert balance(book).holds


def test_sender_must_be_told_of_a_copy_given_back(book: Book) -> None:
    book.flows.given_back.clear()
    assert breaches(book) == ["I1 copies given back, the sender not told: 1"]


def test_masks_are_the_union_of_what_was_accepted(book: Book) -> None:
    asked = StatusCode.RECALL_ASKED
    assert masks(book) == {
        ("N,1", "W"): mask_of([StatusCode(1), StatusCode(3), asked, StatusCode(16)]),
        ("N,1", "S"): mask_of([asked]),
        ("N,1", "E"): mask_of([asked]),
    }


@dataclass
class Store:
    """Stands where the stage stands, and answers as a hub's store in order would."""

    book: Book

    def __post_init__(self) -> None:
        self.ground = self
        self.agencies = {"W": self}
        self.doubted: list[str] = []
        self.statuses = [
            ("d-s-1", "W"),
            ("d-s-3", "W"),
            ("d-s-16", "W"),
            ("d-back", "W"),
            ("d-back", "S"),
            ("d-back", "E"),
        ]
        self.kinds = {"status:accepted": 3, "recall:accepted": 1}
        self.copies = {
            "W": ["N,1", "W", masks(self.book)["N,1", "W"], "dispatched", "west", ONE],
            "S": ["N,1", "S", mask_of([StatusCode.RECALL_ASKED]), "withdrawn", "south", ONE],
            "E": ["N,1", "E", mask_of([StatusCode.RECALL_ASKED]), "withdrawn", "east", ONE],
        }

    def set_aside(self) -> list[str]:
        return self.doubted

    async def rows(self, query: str) -> list[Any]:
        return self.statuses if "FROM statuses" in query else list(self.copies.values())

    async def events(self) -> dict[str, int]:
        return self.kinds


def judged_store(store: Store) -> list[str]:
    judged = Balance()
    asyncio.run(judge_flows(cast(Stage, store), judged))
    return [breach.partition(" (")[0] for breach in judged.breaches]


def test_store_in_order_balances(book: Book) -> None:
    assert judged_store(Store(book)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda store: store.statuses.pop(), "I4 statuses not recorded: 1"),
        (lambda store: store.statuses.append(("d-x", "W")), "I4 statuses that nobody sent: 1"),
        (lambda store: store.statuses.append(("d-s-1", "W")), "I4 statuses recorded twice: 1"),
        (lambda store: store.kinds.update({"status:accepted": 4}), "I4 events of statuses: 4, not 3"),
        (lambda store: store.kinds.update({"recall:accepted": 0}), "I4 events of recalls: 0, not 1"),
        (lambda store: store.doubted.append("not sealed"), "I1 not believed: 1"),
        (lambda store: store.copies["W"].__setitem__(2, 1), "I4 states that are not the union of what was said: 1"),
        (
            lambda store: store.copies["S"].__setitem__(3, "dispatched"),
            "I4 withdrawn for the hub alone, or for the endpoint alone: 1",
        ),
        (
            lambda store: store.copies["W"].__setitem__(3, "withdrawn"),
            "I4 withdrawn for the hub alone, or for the endpoint alone: 1",
        ),
    ],
)
def test_breach_in_the_store_is_found(book: Book, change: Any, found: str) -> None:
    store = Store(book)
    change(store)
    assert judged_store(store) == [found]
