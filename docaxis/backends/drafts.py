"""Drafts: what a person types is kept at each step, and taken for sending by one request only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people_tables import draft_files, drafts
from docaxis.backends.reading import Reading
from docaxis.hub.rows import EventRow
from docaxis.hub.views.drafts import SENDING, Draft, DraftFile, DraftKind, Finding, Refused

LISTED = 50


class SqlDrafts(Reading):
    """Reads with the reading half, writes through the database; every method raises StoreUnavailable."""

    def __init__(self, url: str, database: Database) -> None:
        """Open the reading half; the database is the writing one and stays the caller's."""
        super().__init__(url, pool_size=2)
        self._database = database

    async def drafts(self, person_id: UUID, organ_id: str) -> Sequence[Draft]:
        """Return a person's unsent drafts for an agency, newest first, without their files."""
        mine = (drafts.c.person_id == person_id, drafts.c.organ_id == organ_id, drafts.c.message_id == "")
        query = select(drafts).where(*mine).order_by(drafts.c.changed_at.desc()).limit(LISTED)
        return await self._rows(query, lambda *row: _draft(row, ()))

    async def draft(self, draft_id: UUID, person_id: UUID) -> Draft | None:
        """Return a draft of this person, sent or not, None where there is none."""

        async def work(connection: AsyncConnection) -> Draft | None:
            mine = (drafts.c.draft_id == draft_id, drafts.c.person_id == person_id)
            row = (await connection.execute(select(drafts).where(*mine))).one_or_none()
            return None if row is None else _draft(tuple(row), await _files(connection, draft_id))

        return await self._run(work)

    async def save(self, draft: Draft) -> bool:
        """Keep a draft as it is now; False, and nothing is changed, where it is another's or was sent already."""
        content = json.dumps(_content(draft), ensure_ascii=False)

        async def work(connection: AsyncConnection) -> bool:
            this = select(drafts.c.person_id, drafts.c.organ_id, drafts.c.message_id).where(
                drafts.c.draft_id == draft.draft_id
            )
            held = (await connection.execute(this.with_for_update())).one_or_none()
            if held is not None and tuple(held) != (draft.person_id, draft.organ_id, ""):
                return False
            if held is None:
                row = {
                    "draft_id": draft.draft_id, "person_id": draft.person_id, "organ_id": draft.organ_id,
                    "content": content, "message_id": "", "changed_at": draft.changed_at,
                }  # fmt: skip
                await connection.execute(insert(drafts).values(**row))
            else:
                mine = drafts.c.draft_id == draft.draft_id
                await connection.execute(
                    update(drafts).where(mine).values(content=content, changed_at=draft.changed_at)
                )
            await connection.execute(delete(draft_files).where(draft_files.c.draft_id == draft.draft_id))
            for position, file in enumerate(draft.files):
                await connection.execute(
                    insert(draft_files).values(
                        draft_id=draft.draft_id, position=position, name=file.name, content_type=file.content_type,
                        digest=file.digest, size_bytes=file.size_bytes,
                    )
                )  # fmt: skip
            return True

        return await self._database.run(work)

    async def discard(self, draft_id: UUID, person_id: UUID) -> None:
        """Forget an unsent draft; its files stay in the store until that is swept."""

        async def work(connection: AsyncConnection) -> None:
            mine = (drafts.c.draft_id == draft_id, drafts.c.person_id == person_id, drafts.c.message_id == "")
            gone = await connection.execute(delete(drafts).where(*mine))
            if gone.rowcount:
                await connection.execute(delete(draft_files).where(draft_files.c.draft_id == draft_id))

        await self._database.run(work)

    async def begin_sending(self, draft_id: UUID, person_id: UUID, at: datetime) -> bool:
        """Take a draft for sending; False where another request has it, or it was sent."""
        mine = (drafts.c.draft_id == draft_id, drafts.c.person_id == person_id, drafts.c.message_id == "")

        async def work(connection: AsyncConnection) -> bool:
            taken = await connection.execute(update(drafts).where(*mine).values(message_id=SENDING, changed_at=at))
            return taken.rowcount == 1

        return await self._database.run(work)

    async def sent(self, draft_id: UUID, message_id: str, event: EventRow) -> None:
        """Note under which id a draft was sent, and the act of sending it."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(drafts).where(drafts.c.draft_id == draft_id).values(message_id=message_id))
            await self._database.record(connection, [event])

        await self._database.run(work)

    async def reopen(self, draft: Draft, refused: Refused | None) -> bool:
        """Give a draft back to be changed, with the reason why the hub did not take it; False where it has moved on."""
        content = json.dumps(_content(replace(draft, refused=refused)), ensure_ascii=False)
        this = (drafts.c.draft_id == draft.draft_id, drafts.c.message_id == draft.message_id)

        async def work(connection: AsyncConnection) -> bool:
            given = await connection.execute(update(drafts).where(*this).values(message_id="", content=content))
            return given.rowcount == 1

        return await self._database.run(work)


async def _files(connection: AsyncConnection, draft_id: UUID) -> list[Row[Any]]:
    columns = (draft_files.c.name, draft_files.c.content_type, draft_files.c.digest, draft_files.c.size_bytes)
    query = select(*columns).where(draft_files.c.draft_id == draft_id).order_by(draft_files.c.position)
    return list(await connection.execute(query))


def _content(draft: Draft) -> dict[str, Any]:
    refused = draft.refused
    return {
        "kind": draft.kind,
        "texts": dict(draft.texts),
        "to": list(draft.to),
        "removed": list(draft.removed),
        "earlier": [key.hex for key in draft.earlier],
        "findings": {file.digest: file.finding.value for file in draft.files},
        "refused": [refused.code, refused.detail, refused.place] if refused else None,
    }


def _draft(row: Sequence[Any], files: Sequence[Row[Any]]) -> Draft:
    draft_id, person_id, organ_id, content, message_id, changed_at = row
    said = json.loads(content)
    findings, refused = said["findings"], said["refused"]
    return Draft(
        draft_id=draft_id,
        person_id=person_id,
        organ_id=organ_id,
        changed_at=changed_at,
        kind=said["kind"] if said["kind"] in get_args(DraftKind) else "new",
        texts=said["texts"],
        to=tuple(said["to"]),
        removed=tuple(said["removed"]),
        earlier=tuple(UUID(key) for key in said["earlier"]),
        files=tuple(_file(file, findings) for file in files),
        refused=Refused(*refused) if refused else None,
        message_id=message_id,
    )


def _file(row: Row[Any], findings: Mapping[str, str]) -> DraftFile:
    finding = Finding(findings.get(row.digest, Finding.PLAIN))
    return DraftFile(row.name, row.content_type, row.digest, row.size_bytes, finding)
