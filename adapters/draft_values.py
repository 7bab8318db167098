"""Values out of a clerk's TOML, each with its own complaint in Vietnamese and English."""

import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date


class DraftError(ValueError):
    """A draft that cannot be sent; vi and en say what to change, key names the place in the TOML."""

    def __init__(self, key: str, vi: str, en: str) -> None:
        super().__init__(f"{key}: {en}")
        self.key, self.vi, self.en = key, vi, en


def read_values(octets: bytes, known: Collection[str]) -> dict[str, object]:
    """Read a TOML whose keys are all known; raises DraftError."""
    try:
        values = tomllib.loads(octets.decode("utf-8-sig"))
    except ValueError as error:
        raise DraftError("TOML", f"tệp không đọc được: {error}", f"cannot be read: {error}") from None
    check_keys(values, known)
    return values


def check_keys(values: Mapping[str, object], known: Collection[str]) -> None:
    """Refuse a key that is not known; raises DraftError."""
    for key in values:
        if key not in known:
            names = ", ".join(sorted(known))
            raise DraftError(key, f"mục không có trong mẫu; các mục có: {names}", f"unknown; known are {names}")


def text(values: Mapping[str, object], key: str) -> str:
    """Return a text, in composed form; a whole number may stand for one, what is missing is empty. Raises DraftError."""
    value = values.get(key, "")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise DraftError(key, "phải là chữ trong ngoặc kép", "a text expected")
    return unicodedata.normalize("NFC", value.strip())


def needed_text(values: Mapping[str, object], key: str) -> str:
    """Return a text that must be there; raises DraftError."""
    found = text(values, key)
    if not found:
        raise DraftError(key, "thiếu", "missing")
    return found


def names(values: Mapping[str, object], key: str, *, needed: bool = True) -> tuple[str, ...]:
    """Return a list of texts, which may be left out where it is not needed; raises DraftError."""
    if not needed and key not in values:
        return ()
    value = values.get(key, [])
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise DraftError(key, 'phải là danh sách, ví dụ ["…"]', 'a list of texts expected, like ["…"]')
    return tuple(value)


def day(values: Mapping[str, object], key: str) -> date | None:
    """Return a day, None where it is left out; raises DraftError."""
    value = values.get(key)
    if value is None or type(value) is date:
        return value
    raise DraftError(key, "phải là ngày, ví dụ 2026-11-22 (không có ngoặc kép)", "a date expected, like 2026-11-22")
