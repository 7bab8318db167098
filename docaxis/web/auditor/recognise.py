"""The smart box: what a pasted text may be, told by its form alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from docaxis.hub.views.audit import Found

TEXT_MAX = 300
"""Signs that are looked at: an id of the standards has fewer."""

_LEAF_INDEX_DIGITS = 18
_SERIAL_DIGITS = 40
_SHA256_DIGITS, _UUID_DIGITS = 64, 32
_SPACES = re.compile(r"\s+")
_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(?:[:\s-][0-9A-Fa-f]{2})+", re.ASCII)
_FOURS = re.compile(r"[0-9A-Fa-f]{4}(?:\s[0-9A-Fa-f]{4}){7,}", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_NUMBER = re.compile(r"(?=.*[^\W\d_])[0-9]{1,9}\w{0,3}\s*[/ ]\s*\w[\w\s.\-–/]*")
_PREFIX = re.compile(r"sha-?256\s*:\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text may be, the likeliest first, each with the text in the form that it is looked for by."""

    meanings: Mapping[Found, str]

    @property
    def likeliest(self) -> Found | None:
        """Return what it most likely is, None of an empty text."""
        return next(iter(self.meanings), None)


def recognise(pasted: str) -> Recognised:
    """Return what a pasted text may be; of a text that has none of the known forms an id that somebody gave."""
    text = _SPACES.sub(" ", pasted.replace("\x00", " ")).strip()[:TEXT_MAX]
    if not text:
        return Recognised({})
    return Recognised(_hexadecimal(text) or _plain(text))


def _hexadecimal(text: str) -> dict[Found, str]:
    bare = _PREFIX.sub("", text, count=1)
    digits = re.sub(r"[\s:-]", "", bare).lower()
    if not _HEX.fullmatch(digits):
        return {}
    if len(digits) == _SHA256_DIGITS and (_HEX.fullmatch(bare) or _PAIRS.fullmatch(bare) or _FOURS.fullmatch(bare)):
        return {Found.DIGEST: digits, Found.LEAF_HASH: digits, Found.FINGERPRINT: digits}
    if bare != text:
        return {}
    serial = digits.lstrip("0") or "0"
    if _UUID.fullmatch(text):
        return {Found.EVENT_ID: digits, Found.MESSAGE_ID: text}
    if len(digits) == _UUID_DIGITS and _HEX.fullmatch(text):
        return {Found.EVENT_ID: digits, Found.SERIAL: serial, Found.MESSAGE_ID: text}
    if len(digits) <= _SERIAL_DIGITS and _PAIRS.fullmatch(text):
        return {Found.SERIAL: serial}
    return {}


def _plain(text: str) -> dict[Found, str]:
    if _GROUPED.fullmatch(text):
        return {Found.LEAF_INDEX: _index(re.sub(r"[.,]", "", text))}
    if _DIGITS.fullmatch(text) and len(text) <= _LEAF_INDEX_DIGITS:
        return {Found.NUMBER: text, Found.LEAF_INDEX: _index(text), Found.SERIAL: text.lstrip("0") or "0"}
    if _NUMBER.fullmatch(text):
        return {Found.NUMBER: text, Found.DOCUMENT_ID: text, Found.MESSAGE_ID: text}
    found = {Found.DOCUMENT_ID: text, Found.MESSAGE_ID: text}
    if _HEX.fullmatch(text) and len(text) <= _SERIAL_DIGITS:
        return {Found.SERIAL: text.lower().lstrip("0") or "0", **found}
    return found


def _index(digits: str) -> str:
    return str(int(digits[:_LEAF_INDEX_DIGITS]))
