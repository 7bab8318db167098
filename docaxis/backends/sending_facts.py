"""What a sender wants to know before and after sending: usual addressees, numbers in use, lines that wait, the answer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.reading import DOCUMENT_COLUMNS, Reading
from docaxis.backends.tables import deliveries, documents, lanes, submissions
from docaxis.domain.calendar import day_of
from docaxis.domain.envelope import BusinessDocType, Code, MessageHeader, Organization, PromulgationInfo
from docaxis.hub.flows import number_key
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.drafts import Answer

LOOKED_AT = 300
"""The newest documents of an agency that are counted: a year of a busy one has tens of thousands."""
USUAL = 12
_YEAR = timedelta(days=365)


class SendingFacts(Reading):
    """Every method raises StoreUnavailable when the database cannot be read now."""

    async def usual(self, organ_id: str, now: datetime) -> Sequence[str]:
        """Return the agencies that were sent most of this agency's newest documents of the last year, most often first."""
        newest = (
            select(documents.c.document_key)
            .where(documents.c.sender == organ_id, documents.c.accepted_at > now - _YEAR)
            .order_by(documents.c.accepted_at.desc(), documents.c.document_key.desc())
            .limit(LOOKED_AT)
            .subquery()
        )
        times = func.count().label("times")
        query = (
            select(deliveries.c.organ_id)
            .join(newest, newest.c.document_key == deliveries.c.document_key)
            .group_by(deliveries.c.organ_id)
            .order_by(times.desc(), deliveries.c.organ_id)
            .limit(USUAL)
        )
        return await self._rows(query, str)

    async def is_number_taken(self, sender: str, code: Code, issued: PromulgationInfo, now: datetime) -> bool:
        """Whether an agency has sent another document under this number in this year (NĐ 30/2020, Art. 15.1)."""
        header = MessageHeader(Organization(sender), (), "", "", code, issued)
        key = number_key(sender, header, BusinessDocType.NEW, day_of(now))
        if not key:
            return False
        day = issued.promulgation_date or day_of(now)
        document_id = f"{sender},{day:%Y/%m/%d},{code.code_number}/{code.code_notation}"
        same_id = (documents.c.document_id == document_id) & (documents.c.sender == sender)
        query = select(documents.c.document_key).where(or_(documents.c.number_key == key, same_id)).limit(1)
        return bool(await self._rows(query, lambda key: key))

    async def waiting(self, endpoints: Collection[str]) -> Mapping[str, int]:
        """Return how many copies wait for each of these endpoints; one with none is left out."""
        if not endpoints:
            return {}
        total = func.sum(lanes.c.waiting)
        query = select(lanes.c.endpoint, total).where(lanes.c.waiting > 0).group_by(lanes.c.endpoint)

        async def work(connection: AsyncConnection) -> dict[str, int]:
            return {row[0]: int(row[1]) for row in await connection.execute(query) if row[0] in endpoints}

        return await self._run(work)

    async def answer(self, message_id: str) -> Answer | None:
        """Return what the hub decided of a message, the last word first; None while it has not."""
        query = (
            select(*(submissions.c[name] for name in _ANSWER))
            .where(submissions.c.message_id == message_id)
            .order_by(submissions.c.received_at.desc())
            .limit(1)
        )
        found = await self._rows(query, Answer)
        return found[0] if found else None

    async def earlier(self, keys: Collection[UUID], organ_id: str) -> Sequence[tuple[DocumentView, Sequence[str]]]:
        """Return those of these documents that the agency sent or received, each with the agencies that were sent it."""

        async def work(connection: AsyncConnection) -> list[tuple[DocumentView, Sequence[str]]]:
            named = select(*DOCUMENT_COLUMNS).where(documents.c.document_key.in_(list(keys)))
            found: list[tuple[DocumentView, Sequence[str]]] = []
            for row in (await connection.execute(named)).all():
                document = DocumentView(*row)
                theirs = select(deliveries.c.organ_id, deliveries.c.state).where(
                    deliveries.c.document_key == document.document_key
                )
                copies = (await connection.execute(theirs.order_by(deliveries.c.organ_id))).all()
                has_it = any(one.organ_id == organ_id and one.state == "dispatched" for one in copies)
                if document.sender == organ_id or has_it:
                    found.append((document, [one.organ_id for one in copies]))
            return found

        return await self._run(work)


_ANSWER = ("outcome", "code", "detail", "place", "sender", "submission_id")
