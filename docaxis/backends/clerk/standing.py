"""What still stands of an event in a document's life: a miss that is open, a refusal, a recall without an answer.

A kind of event is read from one index, newest first. A document may have several, of several addressees: it counts where its
newest one stands that still does, so that a list by events names each document once on all its pages together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, literal, literal_column, or_, select, tuple_

from docaxis.backends.flow_tables import links, misses, statuses
from docaxis.backends.tables import deliveries, documents
from docaxis.domain.status import ANSWERED, BUSINESS, StatusCode, mask_of

TAKEN = mask_of(code for code in BUSINESS if code > StatusCode.REFUSED)
"""Codes after which a refusal no longer stands."""
REPLIED = mask_of((StatusCode.AGREED, StatusCode.DECLINED))
_ON_ITS_WAY = ("dispatched", "waiting")


def seen(codes: int) -> ColumnElement[bool]:
    """Return the condition that a copy has seen one of these codes (a mask)."""
    return deliveries.c.statuses.bitwise_and(codes) != 0


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event as a clerk's list asks for it: its rows by the agency it concerns, and whether one still stands."""

    rows: Callable[[ColumnElement[bool] | None], Select[Any]]
    sent_by: ColumnElement[str]
    addressed_to: ColumnElement[str]
    stands: Callable[[FromClause], ColumnElement[bool]]

    def of(self, organ_id: str, *, sent: bool) -> Select[Any]:
        """Select at, document_key, organ_id and kind of all events of what an agency sent, or of what it received."""
        return self.rows((self.sent_by if sent else self.addressed_to) == organ_id)


def _missed(condition: ColumnElement[bool] | None) -> Select[Any]:
    rows = select(misses.c.noticed_at.label("at"), misses.c.document_key, misses.c.organ_id, misses.c.kind)
    return rows if condition is None else rows.where(condition)


def _told(code: StatusCode, kind: str) -> Callable[[ColumnElement[bool] | None], Select[Any]]:
    def rows(condition: ColumnElement[bool] | None) -> Select[Any]:
        # In the words of the partial indexes: a parameter would not match them.
        found = select(
            statuses.c.accepted_at.label("at"),
            statuses.c.document_key,
            statuses.c.organ_id,
            literal_column(f"'{kind}'").label("kind"),
        ).where(statuses.c.code == literal_column(str(int(code))), statuses.c.applied)
        return found if condition is None else found.where(condition)

    return rows


def _of_its_copy(event: FromClause, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = (deliveries.c.document_key == event.c.document_key, deliveries.c.organ_id == event.c.organ_id)
    return select(holds).where(*mine).correlate(event).scalar_subquery()


def _is_missed_still(event: FromClause) -> ColumnElement[bool]:
    answer = documents.alias("answer")
    replied = (
        exists()
        .where(links.c.target_key == event.c.document_key, links.c.kind == "reply")
        .where(answer.c.document_key == links.c.document_key, answer.c.sender == event.c.organ_id)
        .correlate(event)
    )
    duty = or_(and_(event.c.kind == "receipt", ~seen(ANSWERED)), and_(event.c.kind == "reply", ~replied))
    return _of_its_copy(event, deliveries.c.state.in_(_ON_ITS_WAY) & duty)


def _is_refused_still(event: FromClause) -> ColumnElement[bool]:
    return _of_its_copy(event, ~seen(TAKEN))


def _is_asked_still(event: FromClause) -> ColumnElement[bool]:
    return _of_its_copy(event, (deliveries.c.state == "dispatched") & ~seen(REPLIED))


KINDS = {
    "overdue": EventKind(_missed, misses.c.sender, misses.c.organ_id, _is_missed_still),
    "refused": EventKind(
        _told(StatusCode.REFUSED, "refused"), statuses.c.party, statuses.c.organ_id, _is_refused_still
    ),
    "recalled": EventKind(
        _told(StatusCode.RECALL_ASKED, "recalled"), statuses.c.author, statuses.c.organ_id, _is_asked_still
    ),
}
"""Refusals have no index by the addressee: those of what one received are found among the copies."""


def is_newest(event: FromClause, kinds: Sequence[str], *, same_addressee: bool) -> ColumnElement[bool]:
    """Return the condition that no newer event of these kinds stands for the same document, or for the same addressee of it.

    The addressee is named by the event's own column: by a value, a plan for any value would read all events of the agency for
    each event.
    """
    newer = []
    for name in kinds:
        kind = KINDS[name]
        other = kind.rows(None).subquery(f"newer_{name}")
        mine = [
            other.c.document_key == event.c.document_key,
            tuple_(other.c.at, other.c.organ_id, other.c.kind) > tuple_(event.c.at, event.c.organ_id, event.c.kind),
        ]
        if same_addressee:
            mine.append(other.c.organ_id == event.c.organ_id)
        newer.append(exists(select(literal(1)).select_from(other).where(*mine, kind.stands(other)).correlate(event)))
    return ~or_(*newer)
