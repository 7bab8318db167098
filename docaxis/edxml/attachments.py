"""From an attachment to a file on a desk: what the bytes are is sniffed, a zip of one file is opened within limits.

The hub never calls this; a receiver's client and `package unpack` do. Attachment names are a stranger's text.
"""

import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from docaxis.domain.envelope import Attachment
from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.fields import show
from docaxis.edxml.limits import DEFAULT_LIMITS, Limits

NAME_BYTES = 200
"""Longest file name in UTF-8 bytes: below the 255 of common file systems, with room for a `(2)`."""

_ZIP = b"PK\x03\x04"
_CHUNK = 1 << 16
_FREE_BYTES = 1 << 20
_EXTENSION_MOST = 20
_ENCRYPTED = 0x1
_FORBIDDEN = frozenset('/\\:*?"<>|')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)
_KEPT_ZIPPED = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".zip", ".epub", ".jar", ".apk", ".ofd"})
"""Formats that are zips themselves: unwrapping one of them would destroy it."""


@dataclass(frozen=True, slots=True)
class UnpackedFile:
    """A file ready to be written: a name without any path, and its octets."""

    name: str
    content: bytes


def unpack(attachment: Attachment, limits: Limits = DEFAULT_LIMITS) -> UnpackedFile | Rejection:
    """Return the file of an inline attachment, out of its zip when that holds one file.

    The name is always the attachment's own: inside its zip the field writes a random one.
    Errors: PKG.ATTACHMENT_MISSING for a blob reference, PKG.ATTACHMENT_DAMAGED for a broken or encrypted zip,
    PKG.LIMIT_EXCEEDED for one that grows beyond `unpacked_bytes` or `unpacked_ratio`.
    """
    if attachment.blob is not None:
        return Rejection(Reason.PKG_ATTACHMENT_MISSING, attachment.blob.digest)
    name = safe_name(attachment.attachment_name)
    content = attachment.content
    if not content.startswith(_ZIP) or PurePosixPath(name).suffix.casefold() in _KEPT_ZIPPED:
        return UnpackedFile(name, content)
    try:
        unwrapped = _unwrap(content, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return Rejection(Reason.PKG_ATTACHMENT_DAMAGED, f"“{show(name)}”: zip")
    if isinstance(unwrapped, Rejection):
        return unwrapped
    return UnpackedFile(name, content if unwrapped is None else unwrapped)


def safe_name(name: str) -> str:
    """Return a file name that means the same on every system and can do no harm: NFC, no path, no control or direction.

    Never empty, at most 200 bytes of UTF-8, its extension kept.
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Categories C*: control, format (direction overrides, zero width), surrogate, private; Zl and Zp break lines.
    kept = "".join(
        "_" if character in _FORBIDDEN else " " if unicodedata.category(character) == "Zs" else character
        for character in plain
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
    kept = " ".join(kept.split()).lstrip(".-~ ").rstrip(". ")
    stem, dot, extension = kept.rpartition(".")
    if not dot or len(extension) > _EXTENSION_MOST:
        stem, extension = kept, ""
    if stem.partition(".")[0].rstrip().casefold() in _RESERVED:
        stem = f"_{stem}"
    ending = f".{extension}" if extension else ""
    room = NAME_BYTES - len(ending.encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") or "attachment"
    # Cutting may part a letter from its mark; composing again is stable.
    return unicodedata.normalize("NFC", stem + ending)


def _unwrap(content: bytes, limits: Limits) -> bytes | Rejection | None:
    """Return the one file of a zip, None when it holds none or several and is to be kept as it is."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) != 1 or entries[0].is_dir():
            return None
        if entries[0].flag_bits & _ENCRYPTED:
            message = "encrypted"
            raise ValueError(message)
        most = min(limits.unpacked_bytes, max(_FREE_BYTES, len(content) * limits.unpacked_ratio))
        parts: list[bytes] = []
        size = 0
        # The size that the zip declares is its maker's word: what counts is what comes out.
        with archive.open(entries[0]) as file:
            while part := file.read(_CHUNK):
                size += len(part)
                if size > most:
                    return Rejection(Reason.PKG_LIMIT_EXCEEDED, f"zip > {most} bytes")
                parts.append(part)
        return b"".join(parts)
