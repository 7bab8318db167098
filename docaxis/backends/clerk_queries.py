"""The clerk's questions, each one indexed statement: measured at a million documents (docs/benchmark.md)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Table, Text, cast, exists, func, literal_column, or_, select

from docaxis.backends.flow_tables import links, misses, statuses
from docaxis.backends.reading import DOCUMENT_COLUMNS, PAGE, Reading, page
from docaxis.backends.tables import deliveries, documents
from docaxis.backends.unanswered import UNANSWERED, unanswered_of
from docaxis.backends.word_search import documents_of, documents_with
from docaxis.domain.folding import fold, folded_words
from docaxis.domain.status import BUSINESS, StatusCode, business, mask_of, recall
from docaxis.hub.views.clerk import ByAddressee, ByDuty, Overdue, Recalled, Received, Refused, Unfinished
from docaxis.hub.views.documents import Cursor, DocumentView

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
        """Return what was sent out to an agency that has told nothing of it yet, though it has to or had to."""
        found = unanswered_of(organ_id, None if after is None else after.key, limit)
        its_copy = (deliveries.c.document_key == found.c.document_key) & (deliveries.c.organ_id == organ_id)
        query = (
            select(*DOCUMENT_COLUMNS, deliveries.c.organ_id, deliveries.c.state, deliveries.c.statuses)
            .join_from(found, documents, documents.c.document_key == found.c.document_key)
            .join(deliveries, its_copy)
        )
        return await self._rows(query.order_by(found.c.document_key.desc()), _received)

    async def received(self, organ_id: str, after: Cursor | None = None, limit: int = PAGE) -> Sequence[Received]:
        """Return what was sent out to an agency, and how far it has come there."""
        wanted = (deliveries.c.organ_id == organ_id, _DELIVERED)
        # Keys are made of the moment of arrival, so they are an order of time of their own.
        seen = None if after is None else (after.key,)
        found, place = _apart(deliveries, ("document_key",), wanted, seen, limit)
        query = (
            select(*DOCUMENT_COLUMNS, found.c.organ_id, found.c.state, found.c.statuses)
            .join_from(found, documents, documents.c.document_key == found.c.document_key)
            .order_by(*place)
        )
        return await self._rows(query, _received)

    async def overdue(
        self,
        *,
        sender: str | None = None,
        organ_id: str | None = None,
        after: ByDuty | None = None,
        limit: int = PAGE,
    ) -> Sequence[Overdue]:
        """Return missed duties that are still open, of a sender's documents, of an addressee, or all."""
        wanted: list[ColumnElement[bool]] = [_still_open()]
        if sender is not None:
            wanted.append(misses.c.sender == sender)
        if organ_id is not None:
            wanted.append(misses.c.organ_id == organ_id)
        found, place = _apart(misses, ("noticed_at", "document_key", "organ_id", "kind"), wanted, after, limit)
        query = _with_documents(
            found,
            (found.c.organ_id, deliveries.c.endpoint),
            (found.c[name] for name in ("kind", "due_at", "noticed_at", "cause", "attributable")),
            (deliveries.c.statuses,),
        )
        return await self._rows(query.order_by(*place), _overdue)

    async def refused(
        self, sender: str | None = None, after: ByAddressee | None = None, limit: int = PAGE
    ) -> Sequence[Refused]:
        """Return refusals (02) that still stand, of one sender's documents or of all."""
        wanted = [*_of_code(StatusCode.REFUSED), _delivery_of(statuses, deliveries.c.statuses.bitwise_and(_TAKEN) == 0)]
        if sender is not None:
            wanted.append(statuses.c.party == sender)
        found, place = _apart(statuses, _BY_STATUS, wanted, after, limit)
        query = _with_documents(found, (found.c.organ_id, found.c.description, found.c.accepted_at))
        return await self._rows(query.order_by(*place), _refused)

    async def recalled(
        self,
        *,
        sender: str | None = None,
        organ_id: str | None = None,
        after: ByAddressee | None = None,
        limit: int = PAGE,
    ) -> Sequence[Recalled]:
        """Return what was asked back and has neither consent (15) nor a no (16): of a sender, of an addressee, or all."""
        unanswered = _DELIVERED & (deliveries.c.statuses.bitwise_and(_REPLIED) == 0)
        wanted = [*_of_code(StatusCode.RECALL_ASKED), _delivery_of(statuses, unanswered)]
        if sender is not None:
            wanted.append(statuses.c.author == sender)
        if organ_id is not None:
            wanted.append(statuses.c.organ_id == organ_id)
        found, place = _apart(statuses, _BY_STATUS, wanted, after, limit)
        query = _with_documents(
            found,
            (found.c.organ_id, deliveries.c.endpoint, found.c.description, found.c.accepted_at, deliveries.c.statuses),
        )
        return await self._rows(query.order_by(*place), _recalled)


_BY_TIME = (documents.c.accepted_at, documents.c.document_key)
_BY_STATUS = ("accepted_at", "document_key", "organ_id")


def _apart(
    table: Table,
    place: Sequence[str],
    wanted: Sequence[ColumnElement[bool]],
    after: Sequence[object] | None,
    limit: int,
) -> tuple[Subquery, list[ColumnElement[Any]]]:
    """Return a page of one table by its index, and the order of its rows.

    Joined at once, the planner might join whole tables first: it takes the two columns of a delivery's key for independent.
    """
    found = page(select(table).where(*wanted), [table.c[name] for name in place], after, limit).subquery("page")
    return found, [found.c[name].desc() for name in place]


def _with_documents(found: Subquery, *columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
    """Select the documents of a page's rows, with columns of the page and of the addressee's copy."""
    return (
        select(*DOCUMENT_COLUMNS, *chain(*columns))
        .join_from(found, documents, documents.c.document_key == found.c.document_key)
        .join(deliveries, _ITS_DELIVERY & (deliveries.c.organ_id == found.c.organ_id))
    )


def _delivery_of(table: Table, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return what holds of the copy that a row of another table is about."""
    mine = (deliveries.c.document_key == table.c.document_key, deliveries.c.organ_id == table.c.organ_id)
    return select(holds).where(*mine).correlate(table).scalar_subquery()


def _of_code(code: StatusCode) -> list[ColumnElement[bool]]:
    """Return the condition in the words of the partial indexes: a parameter would not match them."""
    return [statuses.c.code == literal_column(str(int(code))), statuses.c.applied]


def _still_open() -> ColumnElement[bool]:
    answer = documents.alias("answer")
    replied = (
        exists()
        .where(links.c.target_key == misses.c.document_key, links.c.kind == "reply")
        .where(answer.c.document_key == links.c.document_key, answer.c.sender == misses.c.organ_id)
        .correlate(misses)
    )
    duty = or_((misses.c.kind == "receipt") & UNANSWERED, (misses.c.kind == "reply") & ~replied)
    return _delivery_of(misses, deliveries.c.state.in_(("dispatched", "waiting")) & duty)


def _received(*row: Any) -> Received:  # noqa: ANN401 - a row of the database
    organ_id, state, seen = row[_WIDTH:]
    return Received(DocumentView(*row[:_WIDTH]), organ_id, state, business(seen), recall(seen))


def _unfinished(*row: Any) -> Unfinished:  # noqa: ANN401
    counts: Counter[str] = Counter()
    for copy, count in Counter((row[_WIDTH] or "").split(",")).items():
        state, _, seen = copy.partition(" ")
        if state:
            counts[_stage(state, int(seen))] += count
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
