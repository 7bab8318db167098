"""What a web endpoint reads of the hub's own store: earlier documents, their packages, and files that were uploaded."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from docaxis.backends.blob_rights import register_upload
from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.queries import Queries
from docaxis.desk.letters import Earlier
from docaxis.domain.envelope import Envelope
from docaxis.domain.verdict import Rejection
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.hub.views.documents import DocumentView
from docaxis.web.desk import DeskError, LetterFile


class Archive:
    """Reads with the pages' own rights; every method raises StoreUnavailable."""

    def __init__(self, queries: Queries, database: Database, blobs: FolderBlobs) -> None:
        """Take the reading half, the database in which uploads are noted, and the blob store."""
        self._queries = queries
        self._database = database
        self._blobs = blobs

    async def earlier(self, keys: Sequence[UUID]) -> list[Earlier]:
        """Return earlier documents with their addressees; raises DeskError for one that is not there."""
        found = []
        for key in keys:
            timeline = await self._queries.document(key)
            if timeline is None:
                raise DeskError("không còn văn bản trước đó", "the earlier document is not there")
            found.append(Earlier(timeline.document, tuple(one.organ_id for one in timeline.deliveries)))
        return found

    async def original(self, document: DocumentView) -> Envelope:
        """Return what an accepted package says; raises DeskError where its octets are not kept."""
        octets = await self._queries.package(document.digest) or await self._blobs.read(document.digest)
        read = None if octets is None else await asyncio.to_thread(_read, octets)
        if read is None:
            raise DeskError("trục không còn giữ gói tin gốc", "the hub does not hold the original package any more")
        return read

    async def content(self, file: LetterFile) -> bytes:
        """Return the octets of an uploaded file; raises DeskError where they are gone."""
        octets = await self._blobs.read(file.digest)
        if octets is None:
            raise DeskError(f"tệp “{file.name}” không còn, tải lên lại", f"“{file.name}” is gone, upload it again")
        return octets

    async def note_upload(self, endpoint: str, file: LetterFile) -> None:
        """Note that an endpoint brought a file that its package will name by reference."""
        if await self._blobs.size_bytes(file.digest) != file.size_bytes:
            raise DeskError(f"tệp “{file.name}” không còn, tải lên lại", f"“{file.name}” is gone, upload it again")
        await register_upload(self._database, endpoint, file.digest, file.size_bytes)


def _read(octets: bytes) -> Envelope | None:
    parsed = parse(octets)
    read = parsed if isinstance(parsed, Rejection) else read_envelope(parsed)
    return read if isinstance(read, Envelope) else None
