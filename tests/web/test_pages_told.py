"""docs/pages.md names every address of the real application under those who may use it, and every code of a refusal."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import docaxis.web
from docaxis.domain.people import Role
from docaxis.web.errors import Trouble
from docaxis.web.routing import EVERYBODY, NOBODY_YET, PAGES
from docaxis.web.words import text
from tests.web.desk import Desk

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "pages.md").read_text(encoding="utf-8")
WHO = {
    "Anybody": NOBODY_YET,
    "Everybody who has signed in": EVERYBODY,
    "Clerk": frozenset({Role.CLERK}),
    "Auditor": frozenset({Role.AUDITOR}),
    "Operator": frozenset({Role.OPERATOR}),
    "Operator and administrator": frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
    "Administrator": frozenset({Role.ADMINISTRATOR}),
}


def told() -> Iterator[tuple[str, str, frozenset[Role]]]:
    """Yield method, path and roles of every address on the page, in its order."""
    for heading, section in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE):
        for row in re.findall(r"^\| (`.*?) \| ", section, re.MULTILINE) if heading in WHO else ():
            for method, path in re.findall(r"`(GET|POST) (/[^`]*)`", row):
                yield method, path, WHO[heading]


async def test_every_page_stands_under_those_who_may_use_it_and_no_other(desk: Desk) -> None:
    served = [
        (page.method, re.sub(r":[^}]+}", "}", page.path), page.roles)
        for page in desk.app[PAGES].values()
    ]  # fmt: skip
    rows = list(told())
    assert len(rows) == len(set(rows)), "an address stands there twice"
    assert set(rows) == set(served)


def troubles() -> dict[str, set[Trouble]]:
    """Return what the modules of the pages refuse with, by code; refusals are constants of their modules."""
    found: dict[str, set[Trouble]] = {}
    for module in pkgutil.walk_packages(docaxis.web.__path__, "docaxis.web."):
        for value in vars(importlib.import_module(module.name)).values():
            for one in value.values() if isinstance(value, dict) else (value,):
                if isinstance(one, Trouble):
                    found.setdefault(one.code, set()).add(one)
    return found


def test_every_code_has_its_row_with_both_sentences() -> None:
    wanted = {
        code: {(f"{one.happened}. {one.to_do}", f"{text('en', one.happened)}. {text('en', one.to_do)}") for one in same}
        for code, same in troubles().items()
    }
    rows = re.findall(r"^\| `([A-Z]+\.[A-Z_]+)` \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
    assert {code: {(vi, en)} for code, vi, en in rows} == wanted


def test_no_code_is_written_outside_a_constant() -> None:
    written = {
        code
        for file in Path(docaxis.web.__path__[0]).rglob("*.py")
        for code in re.findall(r"\bTrouble\(\s*\"([A-Z]+\.[A-Z_]+)\"", file.read_text(encoding="utf-8"))
    }
    assert written == troubles().keys()
