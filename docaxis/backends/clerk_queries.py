"""The clerk's questions, each one indexed statement: measured at a million documents (docs/benchmark.md)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, literal_column, or_, select

from docaxis.backends.clerk_views import ByAddressee, ByDuty, Overdue, Recalled, Received, Refused, Unfinished
from docaxis.backends.flow_tables import links, misses, statuses
from docaxis.backends.reading import DOCUMENT_COLUMNS, PAGE, Reading, page
from docaxis.backends.tables import deliveries, documents
from docaxis.backends.views import Cursor, DocumentView
from docaxis.backends.word_search import documents_of, documents_with, folded_words
from docaxis.domain.folding import fold
from docaxis.domain.status import BUSINESS, StatusCode, business, mask_of, recall

_WIDTH = len(DOCUMENT_COLUMNS)
_TAKEN = mask_of(code for code in BUSINESS if code > StatusCode.REFUSED)
_REPLIED = mask_of((StatusCode.AGREED, StatusCode.DECLINED))
_DELIVERED = deliveries.c.state == "dispatched"
_ITS_DELIVERY = deliveries.c.document_key == documents.c.document_key


class ClerkQueries(Reading):
    """Lists come newest first, a page at a time: give the last row's `cursor` as `after` for the next page.

    Agencies are codes in their canonical spelling (`domain.organ.parse_organ_id`).
    """

    async def documents(
        self,
        words: str = "",
        *,
        sender: str | None = None,
        received_by: str | None = None,
        after: Cursor | None = None,
        limit: int = PAGE,
    ) -> Sequence[DocumentView]:
        """Return accepted documents whose number, notation and subject hold every one of these words.

        Marks, case and signs do not count; words are whole ones, and `nghi*` is any that begins so.
        """
        wanted = folded_words(words)
        if words.strip() and not wanted:
            return ()
        indexed = bool(wanted) and self._engine.dialect.name == "postgresql"
        select_page = documents_with if indexed else documents_of
        found = select_page(wanted, sender, received_by, after, limit).subquery("page")
        query = select(*DOCUMENT_COLUMNS).join(found, found.c.document_key == documents.c.document_key)
        order = (
            (documents.c.accepted_at, documents.c.document_key) if received_by is None else (documents.c.document_key,)
        )
        return await self._rows(query.order_by(*(column.desc() for column in order)), DocumentView)

    async def numbered(
        self, number: str, *, sender: str | None = None, after: Cursor | None = None, limit: int = PAGE
    ) -> Sequence[DocumentView]:
        """Return documents by number and, after a slash, notation or its beginning: `12`, `12/QĐ-UBND`, `12/qd`."""
        alone, _, notation = number.partition("/")
        query = select(*DOCUMENT_COLUMNS).where(documents.c.code_number == alone.strip())
        if notation.strip():
            query = query.where(documents.c.folded.startswith(fold(f"{alone} {notation}"), autoescape=True))
        if sender is not None:
            query = query.where(documents.c.sender == sender)
        return await self._rows(page(query, _BY_TIME, after, limit), DocumentView)

    async def unfinished(self, sender: str, after: Cursor | None = None, limit: int = PAGE) -> Sequence[Unfinished]:
        """Return what an agency sent and somebody has not finished, with how many addressees stand where."""
        query = select(documents.c.document_key).where(documents.c.sender == sender, documents.c.finished_at.is_(None))
        found = page(query, _BY_TIME, after, limit).subquery("page")
        one = deliveries.c.state.concat(" ").concat(cast(deliveries.c.statuses, Text))
        standing = select(func.aggregate_strings(one, ",")).where(_ITS_DELIVERY).scalar_subquery()
        query = select(*DOCUMENT_COLUMNS, standing).join(found, found.c.document_key == documents.c.document_key)
        return await self._rows(query.order_by(*(column.desc() for column in _BY_TIME)), _unfinished)

    async def unanswered(self, organ_id: str, after: Cursor | None = None, limit: int = PAGE) -> Sequence[Received]:
        """Return what was sent out to an agency that has told nothing of it yet: no 01, 02 or 03."""
        return await self._received([deliveries.c.organ_id == organ_id, ~deliveries.c.answered], after, limit)

    async def received(self, organ_id: str, after: Cursor | None = None, limit: int = PAGE) -> Sequence[Received]:
        """Return what was sent out to an agency, and how far it has come there."""
        return await self._received([deliveries.c.organ_id == organ_id], after, limit)

    async def overdue(
        self,
        *,
        sender: str | None = None,
        organ_id: str | None = None,
        after: ByDuty | None = None,
        limit: int = PAGE,
    ) -> Sequence[Overdue]:
        """Return missed duties that are still open, of a sender's documents, of an addressee, or all."""
        answer = documents.alias("answer")
        replied = (
            exists()
            .where(links.c.target_key == misses.c.document_key, links.c.kind == "reply")
            .where(answer.c.document_key == links.c.document_key, answer.c.sender == misses.c.organ_id)
        )
        query = (
            select(
                *DOCUMENT_COLUMNS,
                misses.c.organ_id,
                deliveries.c.endpoint,
                misses.c.kind,
                misses.c.due_at,
                misses.c.noticed_at,
                misses.c.cause,
                misses.c.attributable,
                deliveries.c.statuses,
            )
            .join_from(misses, documents, documents.c.document_key == misses.c.document_key)
            .join(deliveries, _ITS_DELIVERY & (deliveries.c.organ_id == misses.c.organ_id))
            .where(
                deliveries.c.state.in_(("dispatched", "waiting")),
                or_((misses.c.kind == "receipt") & ~deliveries.c.answered, (misses.c.kind == "reply") & ~replied),
            )
        )
        if sender is not None:
            query = query.where(misses.c.sender == sender)
        if organ_id is not None:
            query = query.where(misses.c.organ_id == organ_id)
        place = (misses.c.noticed_at, misses.c.document_key, misses.c.organ_id, misses.c.kind)
        return await self._rows(
            page(query, place, after, limit),
            _overdue,
        )

    async def refused(
        self, sender: str | None = None, after: ByAddressee | None = None, limit: int = PAGE
    ) -> Sequence[Refused]:
        """Return refusals (02) that still stand, of one sender's documents or of all."""
        query = _of_status(StatusCode.REFUSED, statuses.c.organ_id, statuses.c.description, statuses.c.accepted_at)
        query = query.where(deliveries.c.statuses.bitwise_and(_TAKEN) == 0)
        if sender is not None:
            query = query.where(statuses.c.party == sender)
        return await self._rows(page(query, _BY_STATUS, after, limit), _refused)

    async def recalled(
        self,
        *,
        sender: str | None = None,
        organ_id: str | None = None,
        after: ByAddressee | None = None,
        limit: int = PAGE,
    ) -> Sequence[Recalled]:
        """Return what was asked back and has neither consent (15) nor a no (16): of a sender, of an addressee, or all."""
        query = _of_status(
            StatusCode.RECALL_ASKED,
            statuses.c.organ_id,
            deliveries.c.endpoint,
            statuses.c.description,
            statuses.c.accepted_at,
            deliveries.c.statuses,
        ).where(_DELIVERED, deliveries.c.statuses.bitwise_and(_REPLIED) == 0)
        if sender is not None:
            query = query.where(statuses.c.author == sender)
        if organ_id is not None:
            query = query.where(statuses.c.organ_id == organ_id)
        return await self._rows(
            page(query, _BY_STATUS, after, limit),
            _recalled,
        )

    async def _received(
        self, wanted: Sequence[ColumnElement[bool]], after: Cursor | None, limit: int
    ) -> Sequence[Received]:
        query = (
            select(*DOCUMENT_COLUMNS, deliveries.c.organ_id, deliveries.c.state, deliveries.c.statuses)
            .join_from(deliveries, documents, _ITS_DELIVERY)
            .where(_DELIVERED, *wanted)
        )
        # Keys are made of the moment of arrival, so they are an order of time of their own.
        seen = None if after is None else (after.key,)
        return await self._rows(page(query, (deliveries.c.document_key,), seen, limit), _received)


_BY_TIME = (documents.c.accepted_at, documents.c.document_key)
_BY_STATUS = (statuses.c.accepted_at, statuses.c.document_key, statuses.c.organ_id)


def _of_status(code: StatusCode, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select what statuses of a code are about; the words of the condition are those of their indexes."""
    return (
        select(*DOCUMENT_COLUMNS, *columns)
        .join_from(statuses, documents, documents.c.document_key == statuses.c.document_key)
        .join(deliveries, _ITS_DELIVERY & (deliveries.c.organ_id == statuses.c.organ_id))
        .where(statuses.c.code == literal_column(str(int(code))), statuses.c.applied)
    )


def _received(*row: Any) -> Received:  # noqa: ANN401 - a row of the database
    organ_id, state, seen = row[_WIDTH:]
    return Received(DocumentView(*row[:_WIDTH]), organ_id, state, business(seen), recall(seen))


def _unfinished(*row: Any) -> Unfinished:  # noqa: ANN401
    copies = [one.partition(" ") for one in (row[_WIDTH] or "").split(",") if one]
    counts = Counter(_stage(state, int(seen)) for state, _, seen in copies)
    return Unfinished(DocumentView(*row[:_WIDTH]), dict(sorted(counts.items())))


def _overdue(*row: Any) -> Overdue:  # noqa: ANN401
    *facts, seen = row[_WIDTH:]
    return Overdue(DocumentView(*row[:_WIDTH]), *facts, business(seen))  # type: ignore[call-arg]


def _refused(*row: Any) -> Refused:  # noqa: ANN401
    return Refused(DocumentView(*row[:_WIDTH]), *row[_WIDTH:])


def _recalled(*row: Any) -> Recalled:  # noqa: ANN401
    *facts, seen = row[_WIDTH:]
    return Recalled(DocumentView(*row[:_WIDTH]), *facts, business(seen))  # type: ignore[call-arg]


def _stage(state: str, seen: int) -> str:
    code = business(seen)
    return state if state != "dispatched" or code is None else code.written
