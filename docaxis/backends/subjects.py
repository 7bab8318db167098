"""What the database knows of earlier documents that packages speak of: statuses by one query, flows by another.

Nothing is locked: a change is written only where the copy still is as it was read (`changes`), else all is judged anew.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Row, Select, Subquery, Text, Uuid, and_, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from docaxis.backends.covered import is_covered
from docaxis.backends.flow_tables import links
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, documents, submissions
from docaxis.hub.ports import KnownDelivery, KnownDocument, Recorded, Subject, SubmissionKey

_NAMED: dict[str, TypeEngine[Any]] = {
    "place": Integer(),
    "sender": Text(),
    "document_id": Text(),
    "organ_id": Text(),
    "author": Text(),
}
_DOCUMENT = (
    documents.c.document_key, documents.c.sender, documents.c.document_id, documents.c.endpoint, documents.c.state,
    documents.c.business_type,
)  # fmt: skip
_DELIVERY = (
    deliveries.c.organ_id, deliveries.c.endpoint.label("copy_endpoint"), deliveries.c.lane, deliveries.c.sequence,
    deliveries.c.state.label("copy_state"), deliveries.c.statuses,
)  # fmt: skip

Found = dict[Subject, KnownDocument]


class KnownSubjects:
    """The queries, built once for a dialect."""

    def __init__(self, dialect: str) -> None:
        """Build the statements."""
        self._one_copy = _one_copy(dialect)
        self._all_copies = _all_copies(dialect)
        self._of_order = _of_order(dialect)
        self._of_others = _of_others(dialect)
        self._standing = _standing(dialect)

    async def load(self, connection: AsyncConnection, keys: Sequence[SubmissionKey]) -> Found:
        """Return what is known of every subject of these keys; what is unknown is left out."""
        wanted = list(dict.fromkeys(subject for key in keys for subject in key.subjects))
        if not wanted:
            return {}
        single = [subject for subject in wanted if subject.organ_id]
        whole = [subject for subject in wanted if not subject.organ_id]
        found: Found = {}
        if single:
            found |= await self._read(connection, self._one_copy, single)
            # Rare: a status may name a recall order by the order's own id.
            if orders := [subject for subject in single if subject not in found]:
                found |= await self._read(connection, self._of_order, orders, by_order=True)
        if whole:
            found |= await self._read(connection, self._all_copies, whole)
            # Rare: who may know of the document is told that it is not his.
            if strange := [subject for subject in whole if subject not in found]:
                found |= await self._read(connection, self._of_others, strange)
        return found

    async def standing(self, connection: AsyncConnection, document_keys: Sequence[UUID]) -> dict[UUID, KnownDocument]:
        """Return documents with all their copies; for the few that keep their id or number against another one."""
        if not document_keys:
            return {}
        rows = await connection.execute(self._standing, json_rows((key,) for key in document_keys))
        gathered: dict[UUID, list[Row[Any]]] = {}
        for row in rows:
            gathered.setdefault(row.document_key, []).append(row)
        return {key: _document(found, by_order=False) for key, found in gathered.items()}

    async def _read(
        self, connection: AsyncConnection, query: Select[Any], wanted: Sequence[Subject], *, by_order: bool = False
    ) -> Found:
        parameter = json_rows(
            (place, one.sender, one.document_id, one.organ_id, one.author) for place, one in enumerate(wanted)
        )
        gathered: dict[int, list[Row[Any]]] = {}
        for row in await connection.execute(query, parameter):
            gathered.setdefault(row.place, []).append(row)
        return {wanted[place]: _document(rows, by_order=by_order) for place, rows in gathered.items()}


class KnownOrders:
    """Recall orders that were accepted before: their ids are in no table of documents."""

    def __init__(self, dialect: str) -> None:
        """Build the statement."""
        wanted = rowset(dialect, {"place": Integer(), "sender": Text(), "document_id": Text(), "digest": Text()})
        self._query = (
            select(wanted.c.place, submissions.c.submission_id, submissions.c.digest, submissions.c.receipt)
            .select_from(wanted)
            .join(
                submissions,
                and_(
                    submissions.c.document_id == wanted.c.document_id,
                    submissions.c.sender == wanted.c.sender,
                    submissions.c.digest == wanted.c.digest,
                    submissions.c.outcome == "accepted",
                ),
            )
        )

    async def load(self, connection: AsyncConnection, keys: Sequence[SubmissionKey]) -> dict[int, Recorded]:
        """Return, by the place of its key, the submission that brought the same order."""
        rows = [(i, key.sender, key.document_id, key.digest) for i, key in enumerate(keys) if key.is_order]
        if not rows:
            return {}
        found = await connection.execute(self._query, json_rows(rows))
        return {row.place: Recorded(row.submission_id, row.digest, "accepted", row.receipt) for row in found}


def _document(rows: Sequence[Row[Any]], *, by_order: bool) -> KnownDocument:
    first = rows[0]
    copies = [
        KnownDelivery(
            row.organ_id, row.copy_endpoint, row.lane, row.sequence, row.copy_state, row.statuses, bool(row.is_fetched)
        )
        for row in rows
        if row.organ_id is not None
    ]
    return KnownDocument(
        document_key=first.document_key,
        sender=first.sender,
        document_id=first.document_id,
        endpoint=first.endpoint,
        state=first.state,
        business_type=first.business_type,
        deliveries=tuple(copies),
        by_order=by_order,
        is_authors=bool(first.is_authors),
    )


def _one_copy(dialect: str) -> Select[Any]:
    wanted = rowset(dialect, _NAMED)
    named = (
        select(
            wanted.c.place, wanted.c.organ_id.label("wanted_organ_id"), *_DOCUMENT,
            (documents.c.sender == wanted.c.author).label("is_authors"),
        )
        .select_from(wanted)
        .join(documents, _named_by(wanted))
        # A relation of its own, so that both halves of the copy's key come from one place: from two, the planner may take
        # the document alone and pass over its other copies, thousands of them with a circular.
        .offset(0)
        .subquery("named")
    )  # fmt: skip
    copy_of = and_(deliveries.c.document_key == named.c.document_key, deliveries.c.organ_id == named.c.wanted_organ_id)
    return (
        select(
            named.c.place, *[named.c[one.name] for one in _DOCUMENT], *_DELIVERY, false().label("is_fetched"),
            named.c.is_authors,
        )
        .select_from(named)
        .outerjoin(deliveries, copy_of)
    )  # fmt: skip


def _all_copies(dialect: str) -> Select[Any]:
    wanted = rowset(dialect, _NAMED)
    return (
        select(wanted.c.place, *_DOCUMENT, *_DELIVERY, is_covered().label("is_fetched"), true().label("is_authors"))
        .select_from(wanted)
        .join(documents, _named_by(wanted))
        .join(deliveries, deliveries.c.document_key == documents.c.document_key)
        .order_by(wanted.c.place, deliveries.c.organ_id)
    )


def _of_order(dialect: str) -> Select[Any]:
    wanted = rowset(dialect, _NAMED)
    return (
        select(
            wanted.c.place, *_DOCUMENT, *_DELIVERY, false().label("is_fetched"),
            false().label("is_authors"),
        )
        .select_from(wanted)
        .join(
            submissions,
            and_(
                submissions.c.document_id == wanted.c.document_id,
                submissions.c.sender == wanted.c.sender,
                submissions.c.outcome == "accepted",
            ),
        )
        .join(links, and_(links.c.document_key == submissions.c.submission_id, links.c.kind == "recall"))
        .join(documents, documents.c.document_key == links.c.target_key)
        .outerjoin(deliveries, _copy_of(wanted))
    )  # fmt: skip


def _of_others(dialect: str) -> Select[Any]:
    """Select documents of another sender, where the author is one of their addressees: others learn nothing."""
    wanted = rowset(dialect, _NAMED)
    return (
        select(
            wanted.c.place, *_DOCUMENT, *_DELIVERY, false().label("is_fetched"),
            false().label("is_authors"),
        )
        .select_from(wanted)
        .join(documents, documents.c.document_id == wanted.c.document_id)
        .join(
            deliveries,
            and_(
                deliveries.c.document_key == documents.c.document_key, deliveries.c.organ_id == wanted.c.author
            ),
        )
        .where(documents.c.sender != wanted.c.sender)
    )  # fmt: skip


def _standing(dialect: str) -> Select[Any]:
    wanted = rowset(dialect, {"document_key": Uuid()})
    return (
        select(*_DOCUMENT, *_DELIVERY, is_covered().label("is_fetched"), true().label("is_authors"))
        .select_from(wanted)
        .join(documents, documents.c.document_key == wanted.c.document_key)
        .join(deliveries, deliveries.c.document_key == documents.c.document_key)
        .order_by(deliveries.c.document_key, deliveries.c.organ_id)
    )


def _named_by(wanted: Subquery) -> ColumnElement[bool]:
    # The sender as an expression, so that no index of a sender's documents can serve: see `known`.
    return and_(documents.c.document_id == wanted.c.document_id, documents.c.sender + "" == wanted.c.sender)


def _copy_of(wanted: Subquery) -> ColumnElement[bool]:
    return and_(deliveries.c.document_key == documents.c.document_key, deliveries.c.organ_id == wanted.c.organ_id)
