"""All words of the pages: each has its one English, none stands in the catalogues for nothing, and the terms are the agreed ones.

What each area says is judged by its own tests too; here are the texts that no area counts as its own, and what spans areas.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import docaxis.web

WEB = Path(docaxis.web.__file__).parent
CATALOGUES = sorted((WEB / "locale" / "en").glob("*.po"))
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MODULES = [*sorted(WEB.rglob("*.py")), *sorted((WEB.parent / "api").glob("*.py"))]
MARKS = {"_": None, "spoken": (2,), "say": None}


class Entry(NamedTuple):
    """One entry of one catalogue: the Vietnamese text (and its plural form), the English forms."""

    file: str
    texts: tuple[str, ...]
    forms: tuple[str, ...]
    is_fuzzy: bool


def whole(value: object) -> tuple[str, ...]:
    """Return one text or several as several, those left out that are no constant."""
    return tuple(one for one in (value if isinstance(value, tuple | list) else (value,)) if isinstance(one, str))


@lru_cache(1)
def entries() -> list[Entry]:
    found: list[Entry] = []
    for file in CATALOGUES:
        with file.open("rb") as stream:
            said = [one for one in read_po(stream, locale="en", abort_invalid=True) if one.id]
        found += [Entry(file.name, whole(one.id), whole(one.string), bool(one.fuzzy)) for one in said]
    return found


@lru_cache(1)
def in_templates() -> dict[tuple[str, ...], str]:
    """Return every text of the templates, with its plural form where it has one → a template."""
    found: dict[tuple[str, ...], str] = {}
    for file in TEMPLATES:
        with file.open("rb") as stream:
            options = {"silent": "false", "trim_blocks": "true"}
            for _, name, message, _ in babel_extract(stream, ("_", "gettext", "ngettext"), [], options):
                texts = whole(message)
                found[texts if name == "ngettext" else texts[:1]] = str(file.relative_to(WEB))
    # Nothing is left of what is handed to `_` by a variable: its text is marked where it is written.
    found.pop((), None)
    return found


@lru_cache(1)
def marked() -> dict[str, str]:
    """Return every text that Python marks → a module."""
    found: dict[str, str] = {}
    for file in MODULES:
        with file.open("rb") as stream:
            for _, message, _, _ in extract("python", stream, MARKS):
                found |= dict.fromkeys(whole(message)[:1], str(file.relative_to(WEB.parent)))
    return found


@lru_cache(1)
def constants() -> set[str]:
    """Return every string that Python holds: some are put together in tables and translated where they are shown."""
    return {
        node.value
        for file in MODULES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def used() -> set[str]:
    return {texts[0] for texts in in_templates()} | marked().keys()


def test_every_text_has_its_english():
    known = {one.texts[0] for one in entries()}
    missing = {texts[0]: file for texts, file in in_templates().items()} | marked()
    assert len(missing) > 1000
    assert {text: file for text, file in missing.items() if text not in known} == {}


def test_no_english_stands_for_a_text_that_is_gone():
    said = used() | constants()
    assert [(one.file, one.texts[0]) for one in entries() if one.texts[0] not in said] == []


def test_a_text_has_one_english_in_all_catalogues():
    said: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for one in entries():
        said[one.texts[0]].add(one.forms)
    assert {text: forms for text, forms in said.items() if len(forms) > 1} == {}


def test_every_form_is_there():
    wrong = [one for one in entries() if one.is_fuzzy or not all(one.forms) or len(one.forms) != len(one.texts)]
    assert wrong == []
    forms = {one.texts for one in entries()}
    assert {texts: file for texts, file in in_templates().items() if len(texts) > 1 and texts not in forms} == {}


def test_the_facts_in_a_text_are_those_of_its_english():
    def facts(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)", text))

    wrong = [
        (one.file, one.texts[0])
        for one in entries()
        for form in one.forms
        # A singular may leave its number out.
        if not facts(one.texts[-1]) - {"num"} <= facts(form) <= facts(one.texts[-1]) | {"num"}
    ]
    assert wrong == []


VIETNAMESE = {
    "công văn": "văn bản (công văn is only one type)",
    "đối tác": "nơi gửi, nơi nhận",
    "hệ thống": "trục",
    "trễ": "quá hạn",
    "chậm": "quá hạn",
    "biên lai": "biên nhận",
    "xác minh": "kiểm chứng",
    "xác thực": "kiểm chứng",
    "bản ghi nhật ký": "mục",
    "nhật kí": "nhật ký",
    "hàng đợi": "hàng chờ",
    "tải xuống": "tải về",
    "gói đã duyệt": "đã chấp nhận",
    "văn bản đã duyệt": "đã chấp nhận",
    "vui lòng": "an instruction without it",
    "rất tiếc": "what happened",
    "xin lỗi": "what happened",
    "bạn": "anh chị",
    "tôi": "no first person",
    "chắc không": "what will happen, and to whom",
    "client": "đầu mối",
    "node": "đầu mối",
    "file": "tệp",
    "pending": "chờ đường truyền",
    "log": "nhật ký",
}
"""What is not said, and what is said in its place."""
ENGLISH = {
    "recipient": "addressee",
    "recipients": "addressees",
    "client": "endpoint",
    "pending": "waiting for the line",
    "deleted unread": "withdrawn unread",
    "validate": "verify",
    "validated": "verified",
    "log record": "entry",
    "dlq": "quarantine",
    "replay": "release",
    "please": "an instruction without it",
    "sorry": "what happened",
    "are you sure": "what will happen, and to whom",
    "business layer": "handling",
    "technical layer": "transport",
}


def words_of(text: str) -> str:
    """Return what a reader sees of a text: without the names of facts, in small letters."""
    return re.sub(r"%\(\w+\)s|docaxis [a-z ]+", " ", text).lower()


def broken(texts: Iterator[str], terms: dict[str, str]) -> dict[str, str]:
    """Return the texts that hold one of the words → what is said in its place."""
    return {
        text: said
        for text in texts
        for word, said in terms.items()
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", words_of(text))
    }


def test_the_terms_are_the_agreed_ones():
    texts = {text for one in entries() for text in one.texts} | used()
    assert broken(iter(sorted(texts)), VIETNAMESE) == {}
    assert broken(iter(sorted({form for one in entries() for form in one.forms})), ENGLISH) == {}


@pytest.mark.parametrize("text", ["Gửi ngay!", "Xong !"])
def test_an_exclamation_is_seen(text):
    assert exclaims(text)


def exclaims(text: str) -> bool:
    return "!" in text


def test_nobody_exclaims():
    assert [one for one in entries() for text in (*one.texts, *one.forms) if exclaims(text)] == []
