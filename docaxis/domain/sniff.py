"""What the octets of a file are, by their beginning; the type that a sender wrote is never trusted."""

_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-dosexec"),
    (b"<?xml", "application/xml"),
)
# The part of an Office zip whose name comes early says which kind it is.
_OFFICE = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
_LOOKED_AT = 4096


def sniff(octets: bytes) -> str:
    """Return the media type of some octets: `application/octet-stream` when nothing is known."""
    beginning = octets[:_LOOKED_AT]
    found = next((kind for mark, kind in _BEGINNINGS if beginning.startswith(mark)), "")
    if found == "application/zip":
        return _sniff_zip(beginning)
    if found:
        return found
    return "text/plain" if _is_text(beginning) else "application/octet-stream"


def _sniff_zip(beginning: bytes) -> str:
    at = beginning.find(_OPEN_DOCUMENT)
    if at >= 0:
        word = beginning[at + len(_OPEN_DOCUMENT) :].partition(b"PK")[0]
        return "application/vnd.oasis.opendocument." + word[:20].decode("ascii", "replace")
    if b"[Content_Types].xml" in beginning or b"_rels/" in beginning:
        return next((kind for mark, kind in _OFFICE if mark in beginning), "application/zip")
    return "application/zip"


def _is_text(beginning: bytes) -> bool:
    if not beginning or b"\0" in beginning:
        return False
    try:
        beginning.decode("utf-8")
    except UnicodeDecodeError as error:
        # A letter cut in two at the end is no sign of binary.
        return error.start >= len(beginning) - 3 and len(beginning) == _LOOKED_AT
    return True
