"""Input that nobody types: what is no text, no number and no key, in every place of every page; nothing falls over it."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import hdrs

from docaxis.domain.people import Role
from docaxis.web.people.guard import MACHINES
from docaxis.web.routing import Page
from docaxis.wiring.pages import AREAS
from tests.web.desk import ORIGIN, Desk

PAGES = [page for area in AREAS for page in area.pages]
READ = [page for page in PAGES if not page.acts]
ACTS = [page for page in PAGES if page.acts and page.name not in MACHINES]
ENDLESS = {"auditor-check-stream"}
NASTY = ("\0", "\ud800", "%", "../../etc/passwd", "'\"><script>", "9" * 400, "٣", "\r\nSet-Cookie: a=b", "0001-01-01", "é" * 3000)
NAMES = (
    "q", "after", "state", "level", "to", "of", "which", "next", "fingerprint", "find", "code", "agency", "open", "columns",
    "year", "urgency", "size", "sent", "period", "parent", "organ_id", "first", "last", "lang", "kind", "keep", "entry",
    "below", "answers", "since", "until", "with", "asked", "number",
)  # fmt: skip
FIELDS = (
    *NAMES, "reason", "name", "how", "valid_to", "organ_ids", "days", "credential", "branch", "aliases", "extent", "session",
    "role", "login", "link", "key", "format", "with_subordinates", "theme", "successor", "pem", "password", "old", "new",
    "language", "decision", "agencies", "address", "endpoint", "first_day", "last_day", "ends_on", "earlier", "subject",
    "promulgated_on", "due_on", "priority", "files", "file",
)  # fmt: skip


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


def written(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def path_of(page: Page, part: str) -> str:
    return "/".join(part if piece.startswith("{") else piece for piece in page.path.split("/"))


async def seated(desk: Desk, role: Role) -> None:
    await desk.sign_in(role)


@pytest.mark.parametrize("role", Role)
async def test_no_address_is_a_fault(desk: Desk, role: Role) -> None:
    """v5.0.0-2.2.1: whatever stands in an address, the answer is a page or a refusal, never a fault."""
    await desk.sign_in(role)
    failed = []
    for page in READ:
        if (page.roles and role not in page.roles) or "stream" in page.path or "changes" in page.path:
            continue
        parts = [written(nasty) for nasty in NASTY] if "{" in page.path else ["x"]
        addresses = [path_of(page, part) for part in parts]
        addresses += [
            f"{path_of(page, 'x')}?" + "&".join(f"{name}={written(nasty)}" for name in NAMES) for nasty in NASTY[:-1]
        ]
        for address in addresses:
            answer = await desk.get(address)
            if answer.status >= 500:
                failed.append((answer.status, address[:200]))
    assert not failed


@pytest.mark.parametrize("role", Role)
async def test_no_form_is_a_fault(desk: Desk, role: Role) -> None:
    """v5.0.0-2.2.1: the same of every form."""
    await desk.sign_in(role)
    person = desk.person
    assert person
    failed = []
    for page in ACTS:
        if page.roles and role not in page.roles:
            continue
        for nasty in NASTY:
            if nasty == "\ud800":
                continue
            await desk.sit_down(person)
            answer = await desk.post(path_of(page, "x"), dict.fromkeys(FIELDS, nasty))
            if answer.status >= 500:
                failed.append((answer.status, page.name, nasty))
    assert not failed
