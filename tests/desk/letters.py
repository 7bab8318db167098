"""Letters to send, and what the hub's store says of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.queries import Queries
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.timeline import Timeline
from docaxis.web.desk import Letter, LetterFile
from tests.axis import Axis
from tests.simulator import SENDER, endpoint_of
from tests.waiting import eventually

PDF = b"%PDF-1.7\n" + b"0" * 200


async def upload(axis: Axis, name: str = "Công văn.pdf", content: bytes = PDF) -> LetterFile:
    """Put a file into the blob store as the pages do."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    await FolderBlobs(axis.ground.folder / "blobs").write(digest, content)
    return LetterFile(name, "application/pdf", digest, len(content))


def letter(
    number: str = "12", to: Sequence[str] = ("H01", "H05"), files: Sequence[LetterFile] = (), **other: Any
) -> Letter:
    """Return a letter of G22."""
    plain = Letter(
        sender=SENDER,
        number=number,
        notation="CV-VP",
        subject="V/v thử đầu mối web",
        type_code="",
        type_name="Công văn",
        promulgated_on=date(2026, 11, 20),
        place="Hà Nội",
        to=tuple(to),
        files=tuple(files),
    )
    return replace(plain, **other)


async def accepted(axis: Axis, message_id: str, sender: str = SENDER) -> Timeline:
    """Wait for the hub's decision on a message and return what it knows of the document."""
    query = (
        "SELECT submission_id, outcome, code, detail FROM submissions "  # noqa: S608 - a test's own words
        f"WHERE message_id = '{message_id}' AND endpoint = '{endpoint_of(sender)}'"
    )
    found = await eventually("a decision", lambda: axis.ground.rows(query))
    ((key, outcome, code, detail),) = found
    assert outcome == "accepted", (outcome, code, detail)
    async with Queries(axis.ground.database_url) as queries:
        timeline = await queries.document(UUID(str(key)))
    assert timeline is not None
    return timeline


async def again(axis: Axis, document: DocumentView) -> Timeline:
    """Return what the hub knows of a document by now."""
    async with Queries(axis.ground.database_url) as queries:
        timeline = await queries.document(document.document_key)
    assert timeline is not None
    return timeline
