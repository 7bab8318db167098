"""What the first page of a clerk tells beside the lists: duties, today's figures, the agency's line."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, extract, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.clerk.lists import ClerkLists
from docaxis.backends.clerk.standing import TAKEN, seen
from docaxis.backends.clerk.summaries import duties_of, standings_of
from docaxis.backends.flow_tables import deadlines, links, statuses
from docaxis.backends.reading import DOCUMENT_COLUMNS, page
from docaxis.backends.tables import deliveries, documents, fetch_ranges, lanes, submissions
from docaxis.backends.unanswered import untaken_of
from docaxis.domain.envelope import BusinessDocType
from docaxis.domain.status import StatusCode, bit
from docaxis.hub.views.clerk import Refused
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.lists import Standing
from docaxis.hub.views.work import AskedBack, Coming, LineState, SentToday, WaitingHere

_WIDTH = len(DOCUMENT_COLUMNS)
UNFINISHED_WALKED = 1_000
"""Unfinished documents among which the next deadlines are looked for: the newest."""
MEASURED = 5_000
"""Times of which the median of a day is taken: the newest."""
_MENDED_BY = ("update", "replace")


class ClerkWork(ClerkLists):
    """Everything that the pages of a clerk read; every method raises StoreUnavailable when the database cannot be read."""

    async def refused_still(self, sender: str, limit: int) -> Sequence[Refused]:
        """Return refusals that the sender has to do something about: of documents in force that it has not mended since."""
        found = [one for one in await self.refused(sender, limit=limit) if one.document.state == "active"]
        keys = {one.document.document_key for one in found}
        query = select(links.c.target_key).where(links.c.target_key.in_(keys), links.c.kind.in_(_MENDED_BY))
        mended = set(await self._rows(query, _only)) if keys else set()
        return [one for one in found if one.document.document_key not in mended]

    async def waiting_here(self, organ_id: str, limit: int) -> Sequence[WaitingHere]:
        """Return what an agency has received and neither accepted nor refused, newest first."""
        waiting = untaken_of(organ_id, None, limit)
        query = (
            select(*DOCUMENT_COLUMNS, seen(bit(StatusCode.ARRIVED)))
            .join_from(waiting, documents, documents.c.document_key == waiting.c.document_key)
            .join(
                deliveries, (deliveries.c.document_key == waiting.c.document_key) & (deliveries.c.organ_id == organ_id)
            )
            .order_by(waiting.c.document_key.desc())
        )

        async def work(connection: AsyncConnection) -> list[WaitingHere]:
            found = [(DocumentView(*row[:_WIDTH]), bool(row[_WIDTH])) for row in await connection.execute(query)]
            duties = await duties_of(connection, organ_id, [one.document_key for one, _ in found])
            views = []
            for one, has_arrived in found:
                due_at, is_late = duties.get(one.document_key, (None, False))
                views.append(WaitingHere(one, due_at, is_late, has_arrived))
            return views

        return await self._run(work)

    async def asked_back(self, organ_id: str, limit: int) -> Sequence[AskedBack]:
        """Return what an agency has received, and is asked to give back."""
        found = await self.recalled(organ_id=organ_id, limit=limit)
        return [AskedBack(one.document, one.description, one.asked_at, one.status) for one in found]

    async def coming(self, sender: str, now: datetime, limit: int) -> Sequence[Coming]:
        """Return the next deadlines of what an agency sent, soonest first, where somebody has still something to do."""
        newest = page(
            select(documents.c.document_key).where(documents.c.sender == sender, documents.c.finished_at.is_(None)),
            (documents.c.accepted_at, documents.c.document_key),
            None,
            UNFINISHED_WALKED,
        ).subquery("newest")
        query = (
            select(*DOCUMENT_COLUMNS, deadlines.c.kind, deadlines.c.due_at)
            .join_from(newest, deadlines, deadlines.c.document_key == newest.c.document_key)
            .join(documents, documents.c.document_key == newest.c.document_key)
            .where(deadlines.c.kind.in_(("receipt", "reply")), deadlines.c.due_at >= now)
            .order_by(deadlines.c.due_at, newest.c.document_key)
        )

        async def work(connection: AsyncConnection) -> list[Coming]:
            # Those that everybody has met already stand there until their time: look at more than are wanted.
            rows = (await connection.execute(query.limit(4 * limit))).all()
            standings = await standings_of(connection, [row.document_key for row in rows])
            found = [_coming(DocumentView(*row[:_WIDTH]), row.kind, row.due_at, standings) for row in rows]
            return [one for one in found if one.missing][:limit]

        return await self._run(work)

    async def sent_since(self, sender: str, since: datetime) -> SentToday:
        """Return how what was sent since a moment goes."""
        mine = (
            documents.c.sender == sender,
            documents.c.accepted_at >= since,
            documents.c.business_type != int(BusinessDocType.RECALL),
        )
        copies = (
            select(func.count(), func.count().filter(seen(TAKEN)))
            .select_from(documents.join(deliveries, deliveries.c.document_key == documents.c.document_key))
            .where(*mine)
        )

        async def work(connection: AsyncConnection) -> SentToday:
            number = await connection.scalar(select(func.count()).select_from(documents).where(*mine))
            addressees, accepted = (await connection.execute(copies)).one()
            lengths = sorted(float(one) for one in (await connection.execute(_lengths(mine))).scalars())
            median = timedelta(seconds=lengths[(len(lengths) - 1) // 2]) if lengths else None
            return SentToday(number or 0, addressees, accepted, median)

        return await self._run(work)

    async def line(self, endpoint: str) -> LineState:
        """Return when an endpoint was last heard of, and what it has not fetched."""
        kept = select(lanes.c.lane, lanes.c.dispatched, lanes.c.fetched, lanes.c.waiting).where(
            lanes.c.endpoint == endpoint
        )

        async def work(connection: AsyncConnection) -> LineState:
            rows = (await connection.execute(kept)).all()
            heard = [await connection.scalar(_newest_submission(endpoint))]
            heard += [await connection.scalar(_newest_range(endpoint, row.lane)) for row in rows]
            waiting = sum(row.waiting for row in rows)
            unfetched = sum(max(0, row.dispatched - row.fetched) for row in rows)
            return LineState(endpoint, max(filter(None, heard), default=None), unfetched, waiting)

        return await self._run(work)


def _coming(document: DocumentView, kind: str, due_at: datetime, standings: Mapping[UUID, Standing]) -> Coming:
    standing = standings[document.document_key]
    done = standing.answered if kind == "receipt" else standing.finished
    return Coming(document, kind, due_at, standing.addressees - standing.withdrawn - done, standing.addressees)


def _lengths(mine: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Select the seconds from acceptance by the hub to acceptance by an addressee."""
    length = extract("epoch", statuses.c.accepted_at) - extract("epoch", documents.c.accepted_at)
    return (
        select(length)
        .select_from(documents.join(statuses, statuses.c.document_key == documents.c.document_key))
        .where(*mine, statuses.c.code == int(StatusCode.ACCEPTED), statuses.c.applied)
        .order_by(documents.c.accepted_at.desc())
        .limit(MEASURED)
    )


def _newest_submission(endpoint: str) -> Select[Any]:
    received = submissions.c.received_at
    mine = select(received).where(submissions.c.endpoint == endpoint)
    return page(mine, (received, submissions.c.submission_id), None, 1)


def _newest_range(endpoint: str, lane: str) -> Select[Any]:
    mine = (fetch_ranges.c.endpoint == endpoint, fetch_ranges.c.lane == lane)
    # What an inbox gave out last has the highest number.
    return select(fetch_ranges.c.fetched_at).where(*mine).order_by(fetch_ranges.c.first_sequence.desc()).limit(1)


def _only(value: UUID) -> UUID:
    return value
