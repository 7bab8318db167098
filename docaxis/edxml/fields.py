"""Single values of the package: each function reads one kind of field or refuses with the place of the element."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Self, cast

from lxml import etree

from docaxis.domain.organ import parse_organ_id
from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.names import EDXML
from docaxis.edxml.safety import place

XML_SPACE = " \t\r\n"
VIETNAM = timezone(timedelta(hours=7))
"""The zone of every wire time: `yyyy/MM/dd HH:mm:ss` without zone is local time of Vietnam (no summer time)."""

_DATE = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2})")
_TIME = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
_COUNT = re.compile(r"[0-9]{1,6}")
_PREFIX = f"{{{EDXML}}}"
_SHOWN = 60
_SPLIT_FIELDS = etree.XPath(
    "//*[comment()|processing-instruction()][not(*)][not(ancestor-or-self::*[local-name()='Signature'])]"
    "[text()[normalize-space()]]",
    smart_strings=False,
)


class RefusedError(Exception):
    """Carries a refusal out of the depth of the reader; never leaves `docaxis.edxml`."""

    def __init__(self, rejection: Rejection) -> None:
        """Keep the refusal."""
        super().__init__(rejection.code.value)
        self.rejection = rejection


def refuse(code: Reason, detail: str, element: etree._Element) -> RefusedError:
    """Return the exception that refuses an element."""
    return RefusedError(Rejection(code, detail, place(element)))


class Fields:
    """The children of one element by local name, whatever their order and prefix (only the package's namespace)."""

    __slots__ = ("_by_tag", "element")

    def __init__(self, element: etree._Element) -> None:
        """Index the children; the schema has already refused repeats where only one is read."""
        self.element = element
        self._by_tag = {child.tag: child for child in element}

    def one(self, name: str) -> etree._Element | None:
        """Return the child of that name."""
        return self._by_tag.get(_PREFIX + name)

    def all(self, name: str) -> list[etree._Element]:
        """Return the children of that name in document order."""
        return list(self.element.iterchildren(_PREFIX + name))

    def group(self, name: str) -> "Self | None":
        """Return the fields of a child, None when it is absent."""
        child = self._by_tag.get(_PREFIX + name)
        return None if child is None else type(self)(child)

    def must(self, name: str) -> Self:
        """Return the fields of a child that the schema demands."""
        return type(self)(self._by_tag[_PREFIX + name])

    def text(self, name: str, most: int = 1000) -> str:
        """Return a child's text without surrounding XML space, empty when absent; `most` in characters."""
        child = self._by_tag.get(_PREFIX + name)
        return "" if child is None else read_text(child, most)

    def required(self, name: str, most: int = 1000) -> str:
        """Return a text that may not be empty."""
        text = self.text(name, most)
        if not text:
            raise self.empty(name)
        return text

    def code(self, name: str, allowed: str) -> str:
        """Return a one-character code out of `allowed`, empty when absent or blank."""
        text = self.text(name)
        if text and (len(text) != 1 or text not in allowed):
            raise self.wrong(name, f"{'|'.join(allowed)}")
        return text

    def count(self, name: str) -> int | None:
        """Return a number of up to six digits, None when absent or blank."""
        text = self.text(name)
        if not text:
            return None
        if not _COUNT.fullmatch(text):
            raise self.wrong(name, "0…999999")
        return int(text)

    def day(self, name: str) -> date | None:
        """Return a day (`yyyy/MM/dd`), None when absent or blank."""
        text = self.text(name)
        if not text:
            return None
        day = parse_day(text)
        if day is None:
            raise self.wrong(name, "yyyy/MM/dd")
        return day

    def organ_id(self, name: str = "OrganId") -> str:
        """Return an agency code in canonical spelling (35 characters at most), empty when absent or blank."""
        element = self.one(name)
        return "" if element is None else read_organ_id(element)

    def empty(self, name: str) -> RefusedError:
        """Return the refusal of a field that is absent or blank."""
        element = self.one(name)
        return refuse(Reason.PKG_VALUE, f"{name}: empty", self.element if element is None else element)

    def wrong(self, name: str, expected: str) -> RefusedError:
        """Return the refusal of a value: what stands there and what is expected."""
        element = self.one(name)
        element = self.element if element is None else element
        return refuse(Reason.PKG_VALUE, f"{name} “{show(element.text or '')}”: {expected}", element)


def check_fields_whole(root: etree._Element) -> Rejection | None:
    """Refuse a comment or instruction inside an element that holds text: it would split what people read as one."""
    found: list[etree._Element] = cast("Any", _SPLIT_FIELDS(root))
    if not found:
        return None
    return Rejection(Reason.PKG_HIDDEN_CONTENT, etree.QName(found[0]).localname[:_SHOWN], place(found[0]))


def read_text(element: etree._Element, most: int) -> str:
    """Return the text of a field without surrounding XML space; refuses what is too long.

    The text is whole: a comment within it was refused before (`check_fields_whole`), elements by the schema.
    """
    text = element.text
    if text is None:
        return ""
    text = text.strip(XML_SPACE)
    if len(text) > most:
        raise refuse(Reason.PKG_VALUE, f"{etree.QName(element).localname}: {len(text)} > {most}", element)
    return text


def read_organ_id(element: etree._Element) -> str:
    """Return the agency code that an element holds, in canonical spelling, empty when blank."""
    text = read_text(element, 1000)
    code = parse_organ_id(text) if text else ""
    if code is None:
        expected = "000.00.00.X00 | X00.00"
        raise refuse(Reason.PKG_VALUE, f"{etree.QName(element).localname} “{show(text)}”: {expected}", element)
    return code


def parse_day(text: str) -> date | None:
    """Return the day of `yyyy/MM/dd`, None when it is written otherwise or is no day of the calendar."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_time(text: str) -> datetime | None:
    """Return the moment of `yyyy/MM/dd HH:mm:ss` (local time of Vietnam) in UTC, None when it is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=VIETNAM).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def show(text: str) -> str:
    """Return a sender's text as it may stand in a detail: one line, printable, short."""
    flat = "".join(character if character.isprintable() else " " for character in text[: _SHOWN + 1].strip(XML_SPACE))
    return flat[:_SHOWN] + "…" if len(flat) > _SHOWN else flat
