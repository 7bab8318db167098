"""Which index a list is walked along, newest first, and no further than a page can afford.

Every walk gives `at`, `document_key`, `organ_id` and `kind` in the order of the list. What no index tells is compared row by row
afterwards; so a walk ends after WALKED rows, and the list says that it goes on where it was left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, literal_column, select

from docaxis.backends.clerk.standing import KINDS, TAKEN, is_newest, seen
from docaxis.backends.reading import page
from docaxis.backends.tables import deliveries, documents
from docaxis.backends.unanswered import untaken_of
from docaxis.backends.word_search import documents_of, documents_with
from docaxis.domain.calendar import VIETNAM
from docaxis.domain.status import StatusCode, bit, mask_of
from docaxis.hub.ids import first_id
from docaxis.hub.views.lists import Place, Wanted

WALKED = 2_000
"""Rows of an index that one page looks through."""
EVENTS_WALKED = 1_000
"""The same of events, each of which needs a look at its copy; shared by the kinds that a list is made of."""
FOUND_BY_WORDS = 200
"""Documents that the word search brings where other conditions leave only some of them; else it brings a page."""

_NOTHING: ColumnElement[str] = literal_column("''")
_LATER = timedelta(days=3)
"""By how much acceptance may follow the arrival that a document's key is made of."""
_DONE = bit(StatusCode.FINISHED)
_REFUSED = bit(StatusCode.REFUSED)
_GIVEN_BACK = mask_of((StatusCode.RECALL_ASKED, StatusCode.AGREED))


@dataclass(frozen=True, slots=True)
class Walk:
    """A bounded walk: its rows, what must hold of them, and the place of the last row that the index was read to.

    end selects one row, or none where the index came to its end. order names the columns of the rows that order the list:
    one that is always the same would keep the database from seeing that the index has sorted them, and it would read them all.
    """

    rows: Subquery
    conditions: Sequence[ColumnElement[bool]]
    end: Select[Any]
    order: Sequence[str] = Place._fields


def walk_sent(
    organ_id: str, wanted: Wanted, words: Sequence[str], after: Place | None, limit: int, dialect: str
) -> list[Walk]:
    """Return the walks for what an agency sent; together they hold each document once."""
    kinds = ("overdue", "refused", "recalled") if wanted.state == "attention" else (wanted.state,)
    if all(kind in KINDS for kind in kinds):
        return [_events(organ_id, name, kinds, wanted, after, sent=True) for name in kinds]
    unfinished = [documents.c.finished_at.is_(None)] if wanted.state == "unfinished" else []
    if words:
        most = _found_by_words(wanted, limit)
        found = _by_words(words, organ_id, None, _from(wanted, after, _BY_TIME), most, dialect)
        return [_walk(select(found.c.accepted_at.label("at"), found.c.document_key), most, unfinished)]
    rows = select(documents.c.accepted_at.label("at"), documents.c.document_key)
    rows = rows.where(documents.c.sender == organ_id, *unfinished, *_bounds(wanted, documents.c.accepted_at))
    return [_walk(page(rows, _BY_TIME, _from(wanted, after, _BY_TIME), WALKED), WALKED)]


def walk_received(
    organ_id: str, wanted: Wanted, words: Sequence[str], after: Place | None, limit: int, dialect: str
) -> list[Walk]:
    """Return the walks for what was sent out to an agency; together they hold each document once."""
    if wanted.state in {"overdue", "recalled"}:
        return [_events(organ_id, wanted.state, (wanted.state,), wanted, after, sent=False)]
    seen_keys = _from(wanted, after, _BY_KEY)
    if wanted.state == "waiting":
        waiting = untaken_of(organ_id, None if seen_keys is None else seen_keys[0], FOUND_BY_WORDS)
        return [_walk(_keyed(waiting.c.document_key), FOUND_BY_WORDS, order=_KEY_ALONE)]
    conditions = list(_OF_COPIES.get(wanted.state, ()))
    if words:
        most = _found_by_words(wanted, limit)
        found = _by_words(words, None, organ_id, seen_keys, most, dialect)
        return [_walk(_keyed(found.c.document_key), most, conditions, _KEY_ALONE)]
    rows = _keyed(deliveries.c.document_key).where(deliveries.c.organ_id == organ_id)
    if wanted.since is not None:
        rows = rows.where(deliveries.c.document_key >= first_id(_begin(wanted.since) - _LATER))
    return [_walk(page(rows, _BY_KEY, seen_keys, WALKED), WALKED, conditions, _KEY_ALONE)]


def day_bounds(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the condition that a document was accepted on the days asked for."""
    until = [] if wanted.until is None else [documents.c.accepted_at < _end(wanted)]
    return [*_bounds(wanted, documents.c.accepted_at), *until]


_BY_TIME = (documents.c.accepted_at, documents.c.document_key)
_BY_KEY = (deliveries.c.document_key,)
_KEY_ALONE = ("document_key",)
_OF_COPIES = {
    "refused": (seen(_REFUSED), ~seen(TAKEN)),
    "unfinished": (
        ~seen(_DONE),
        ~(seen(_REFUSED) & ~seen(TAKEN)),
        deliveries.c.statuses.bitwise_and(_GIVEN_BACK) != _GIVEN_BACK,
    ),
}


def _events(organ_id: str, name: str, kinds: Sequence[str], wanted: Wanted, after: Place | None, *, sent: bool) -> Walk:
    kind, most = KINDS[name], EVENTS_WALKED // len(kinds)
    rows = kind.of(organ_id, sent=sent)
    columns = rows.selected_columns
    place = [columns["at"], columns["document_key"], columns["organ_id"]]
    if name == "overdue":
        # Of the other kinds it is a constant, which no index is ordered by and which tells nothing apart.
        place.append(columns["kind"])
    # What happens to a document happens after its acceptance.
    rows = rows.where(*_bounds(wanted, columns["at"]))
    walked = page(rows, place, None if after is None else after[: len(place)], most)
    event = walked.subquery("walk")
    return Walk(event, (kind.stands(event), is_newest(event, kinds, same_addressee=not sent)), _end_of(walked, most))


def _walk(
    rows: Select[Any],
    most: int,
    conditions: Sequence[ColumnElement[bool]] = (),
    order: Sequence[str] = ("at", "document_key"),
) -> Walk:
    walked = rows.add_columns(_NOTHING.label("organ_id"), _NOTHING.label("kind"))
    return Walk(walked.subquery("walk"), conditions, _end_of(walked, most), order)


def _end_of(walked: Select[Any], most: int) -> Select[Any]:
    """Select the place of the last row that a walk may reach."""
    return select(walked.subquery("walked")).offset(most - 1).limit(1)


def _keyed(key: ColumnElement[UUID]) -> Select[Any]:
    # In a list by keys the moment tells nothing: a key is one.
    moment: ColumnElement[Any] = literal_column("NULL")
    keyed: Select[Any] = select(moment.label("at"), key.label("document_key"))
    return keyed


def _found_by_words(wanted: Wanted, limit: int) -> int:
    narrowed = wanted.state != "all" or wanted.since or wanted.until or wanted.urgency or wanted.other
    return max(FOUND_BY_WORDS, limit + 1) if narrowed else limit + 1


def _by_words(
    words: Sequence[str],
    sender: str | None,
    received_by: str | None,
    after: Sequence[Any] | None,
    most: int,
    dialect: str,
) -> Subquery:
    select_page: Callable[..., Select[Any]] = documents_with if dialect == "postgresql" else documents_of
    seen_place = None if after is None else tuple(after)
    return select_page(words, sender, received_by, seen_place, most).subquery("by_words")


def _from(wanted: Wanted, after: Place | None, place: Sequence[ColumnElement[Any]]) -> tuple[Any, ...] | None:
    """Return where a walk along documents or copies begins: after what was seen, and not after the last day."""
    if after is not None:
        return (after.document_key,) if place is _BY_KEY else (after.at, after.document_key)
    if wanted.until is None:
        return None
    return (first_id(_end(wanted)),) if place is _BY_KEY else (_end(wanted), UUID(int=0))


def _bounds(wanted: Wanted, moment: ColumnElement[datetime]) -> list[ColumnElement[bool]]:
    return [] if wanted.since is None else [moment >= _begin(wanted.since)]


def _begin(day: Any) -> datetime:  # noqa: ANN401
    return datetime.combine(day, time(), VIETNAM)


def _end(wanted: Wanted) -> datetime:
    assert wanted.until is not None  # noqa: S101 - asked for only where it is set
    return _begin(wanted.until) + timedelta(days=1)
