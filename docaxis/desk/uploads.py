"""Files that are uploaded by the pages: looked at, then kept in the blob store under their digest, in constant memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from docaxis.backends.blobs import FolderBlobs
from docaxis.domain.sniff import sniff
from docaxis.edxml.attachments import safe_name
from docaxis.hub.views.drafts import DraftFile, Finding
from docaxis.web.compose.ports import FileNotTaken

CHUNK_BYTES = 256 * 1024
_HEAD_BYTES = 4096
_OOXML = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_OLE = "application/x-ole-storage"
_ZIP = "application/zip"
_KINDS: dict[str, tuple[str, ...]] = {
    ".pdf": ("application/pdf",),
    ".docx": (_OOXML, _ZIP),
    ".xlsx": (_OOXML, _ZIP),
    ".pptx": (_OOXML, _ZIP),
    ".odt": (_OPEN, _ZIP),
    ".ods": (_OPEN, _ZIP),
    ".odp": (_OPEN, _ZIP),
    ".doc": (_OLE, "application/rtf"),
    ".xls": (_OLE,),
    ".ppt": (_OLE,),
    ".rtf": ("application/rtf",),
    ".txt": ("text/plain",),
    ".csv": ("text/plain",),
    ".xml": ("application/xml", "text/plain"),
    ".png": ("image/png",),
    ".jpg": ("image/jpeg",),
    ".jpeg": ("image/jpeg",),
    ".tif": ("image/tiff",),
    ".tiff": ("image/tiff",),
    ".gif": ("image/gif",),
    ".zip": (_ZIP, _OOXML, _OPEN),
    ".rar": ("application/vnd.rar",),
    ".7z": ("application/x-7z-compressed",),
}
"""Endings that are taken, each with what the content must then be (or begin with)."""
ENDINGS = tuple(_KINDS)
_SIGNATURE_MARK = b"/ByteRange"
"""Every signature in a PDF stands beside one (ISO 32000-1, 12.8.1), outside of compressed streams."""
_MACRO_MARK = b"vbaProject.bin"
"""The part of an Office file that holds macros; a zip names its parts in plain octets."""
_MARKS = (_SIGNATURE_MARK, _MACRO_MARK)
_OVERLAP = max(map(len, _MARKS)) - 1


@dataclass(frozen=True, slots=True)
class _Looked:
    digest: str
    size_bytes: int
    content_type: str
    finding: Finding


class Uploads:
    """Takes what people upload; most_bytes bounds one file, most_files those of one document."""

    def __init__(self, blobs: FolderBlobs, most_bytes: int, most_files: int) -> None:
        """Take the store and the bounds."""
        self._blobs = blobs
        self.most_bytes = most_bytes
        self.most_files = most_files
        self.endings = ENDINGS

    async def keep(self, name: str, content: BinaryIO) -> DraftFile:
        """Keep a file, durably; raises FileNotTaken, and BlobsUnavailable for what the disk says."""
        plain = safe_name(name)
        looked = await asyncio.to_thread(_look, plain, content, self.most_bytes)
        content.seek(0)
        if await self._blobs.write_stream(looked.digest, _chunks(content), self.most_bytes) is None:
            # It was read twice and was not the same.
            raise FileNotTaken(plain, "content")
        return DraftFile(plain, looked.content_type, looked.digest, looked.size_bytes, looked.finding)


def _look(name: str, content: BinaryIO, most_bytes: int) -> _Looked:
    wanted = _KINDS.get(PurePosixPath(name).suffix.casefold())
    if wanted is None:
        raise FileNotTaken(name, "ending")
    digest, size_bytes, tail = hashlib.sha256(), 0, b""
    seen: set[bytes] = set()
    head = content.read(_HEAD_BYTES)
    chunk = head
    while chunk:
        size_bytes += len(chunk)
        if size_bytes > most_bytes:
            raise FileNotTaken(name, "large")
        digest.update(chunk)
        joined = tail + chunk
        seen.update(mark for mark in _MARKS if mark in joined)
        tail = joined[-_OVERLAP:]
        chunk = content.read(CHUNK_BYTES)
    if not size_bytes:
        raise FileNotTaken(name, "empty")
    kind = sniff(head)
    if not kind.startswith(wanted):
        raise FileNotTaken(name, "content")
    return _Looked(f"sha256:{digest.hexdigest()}", size_bytes, kind, _finding(kind, seen))


def _finding(kind: str, seen: set[bytes]) -> Finding:
    if kind == "application/pdf":
        return Finding.SIGNED if _SIGNATURE_MARK in seen else Finding.UNSIGNED
    if kind == _OLE:
        return Finding.OLD
    if kind == _ZIP or kind.startswith(_OOXML):
        return Finding.MACRO if _MACRO_MARK in seen else Finding.PLAIN
    return Finding.PLAIN


async def _chunks(content: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(content.read, CHUNK_BYTES):
        yield chunk
