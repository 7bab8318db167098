"""The set arithmetic of statuses and recalls, by the book: who had to be told, and which copies nobody may have."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from docaxis.domain.status import StatusCode, bit
from tests.faults.book import Book, Sent

ASKED, WITHDRAWING, WITHDRAWN = "asked", "withdrawing", "withdrawn"
TOLD = frozenset({ASKED, WITHDRAWING})
TAKING_BACK = frozenset({ASKED, WITHDRAWING, WITHDRAWN})
ANSWERS = frozenset({int(StatusCode.AGREED), int(StatusCode.DECLINED)})

Breach = tuple[str, str, set[Any]]


def documents(book: Book) -> Mapping[str, Sent]:
    """Return accepted documents by the hub's key of them, which is the id of their receipt."""
    found = {}
    for message_id, one in book.accepted("document").items():
        for answer in book.answers[message_id]:
            if answer.outcome == "accepted" and answer.receipt_id:
                found[answer.receipt_id] = one
    return found


def taken_back(book: Book) -> set[tuple[str, str]]:
    """Return (endpoint, digest) of the copies that nobody may have: kept by the hub, or given back by the endpoint."""
    of = documents(book)
    copies = {
        (effect.endpoint, effect.document)
        for message_id in book.accepted("recall")
        for effect in book.effects(message_id)
        if effect.act == WITHDRAWN
    }
    copies |= {(endpoint, key) for endpoint, keys in book.flows.withdrawn.items() for key in keys}
    return {(endpoint, of[key].digest) for endpoint, key in copies if key in of}


def to_tell(book: Book) -> set[tuple[str, str]]:
    """Return (endpoint, digest) of what had to be passed on: a status to the sender, a recall to whom its receipt names."""
    found = {(endpoint, one.digest) for one in book.accepted("status").values() for endpoint in one.receivers}
    for message_id, one in book.accepted("recall").items():
        found |= {(effect.endpoint, one.digest) for effect in book.effects(message_id) if effect.act in TOLD}
    return found


def heard(book: Book) -> set[tuple[str, str]]:
    """Return (endpoint, digest) of what was handed to the agencies."""
    return {(endpoint, digest) for endpoint, seen in book.flows.heard.items() for digest in seen}


def unanswered_recalls(book: Book) -> set[tuple[str, str]]:
    """Return (endpoint, document id) of copies that are there and asked back, and that have neither 15 nor 16."""
    of, flows = documents(book), book.flows
    answered = {(one.endpoint, one.document_id) for one in book.accepted("status").values() if one.code in ANSWERS}
    asked = {
        (effect.endpoint, of[effect.document].document_id)
        for message_id in book.accepted("recall")
        for effect in book.effects(message_id)
        if effect.act in TOLD
        and effect.document in of
        and effect.endpoint not in flows.silent
        and effect.document not in flows.withdrawn.get(effect.endpoint, ())
    }
    return asked - answered


def untold(book: Book) -> set[tuple[str, str]]:
    """Return (endpoint, document key) of copies given back of which the document's sender has no report."""
    of = documents(book)
    reported = {(one.told, one.document_key, one.endpoint) for one in book.flows.given_back}
    return {
        (endpoint, key)
        for endpoint, keys in book.flows.withdrawn.items()
        for key in keys
        if key in of and (of[key].endpoint, key, endpoint) not in reported
    }


def masks(book: Book) -> Mapping[tuple[str, str], int]:
    """Return, by (document id, addressee), the union of the codes that the hub has accepted."""
    found: Counter[tuple[str, str]] = Counter()
    for one in book.accepted("status").values():
        found[one.document_id, one.organ_id] |= bit(StatusCode(one.code))
    for message_id, one in book.accepted("recall").items():
        for effect in book.effects(message_id):
            if effect.act in TAKING_BACK:
                found[one.document_id, effect.organ_id] |= bit(StatusCode.RECALL_ASKED)
    return found


def flow_breaches(book: Book) -> Iterator[Breach]:
    """Yield every rule with those that break it."""
    due, there, flows = to_tell(book), heard(book), book.flows
    twice = {
        (endpoint, digest) for endpoint, seen in flows.heard.items() for digest, times in seen.items() if times > 1
    }
    yield "I1", "not passed on", due - there
    yield "I2", "passed on twice", twice
    yield "I3", "passed on, but never said", there - due
    yield "I1", "recalls that the addressee did not answer", unanswered_recalls(book)
    yield "I1", "copies given back, the sender not told", untold(book)


def unsettled(book: Book) -> int:
    """Return how much is still on its way between the agencies: for waiting."""
    return len(to_tell(book) - heard(book)) + len(unanswered_recalls(book)) + len(untold(book))
