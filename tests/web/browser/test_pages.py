"""Every page of everybody, in both languages and both themes, found by following links from the first one."""

from typing import get_args

import pytest

from docaxis.local.demo.people import PEOPLE
from docaxis.web.routing import EVERYBODY, Page
from docaxis.web.written import LANGUAGES, Language
from tests.web.browser import judged
from tests.web.browser.addresses import ALL_PAGES, Frontier, page_at
from tests.web.browser.visitor import Login, Visitor, Visitors

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
LINKS = """() => [...document.querySelectorAll("a[href]")]
  .map(one => new URL(one.href))
  .filter(one => one.origin === location.origin)
  .map(one => { one.hash = ""; one.searchParams.delete("lang"); return one.pathname + one.search })"""
HTML = "text/html"
FIRST: Login = "van-thu-bo"
ASKED_BY_SCRIPTS = {"changes", "verify-stream", "board-figures", "log-recognise", "compose-agencies"}
"""What a page asks for by itself; no link leads there."""
ROLES = {one.login: one.role for one in PEOPLE}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", get_args(Login))
async def test_every_page_that_can_be_reached(visitors: Visitors, login: Login, language: Language) -> None:
    visitor = await visitors.visitor(login, language)
    bare = await visitors.visitor(login, language, scripts=False)
    found, frontier = [], Frontier()
    frontier.add(["/"] if login else ["/sign-in"])
    files = set[str]()
    while frontier.waiting:
        address = frontier.waiting.pop(0)
        page = page_at(address)
        assert page is not None
        if is_anothers(page, login) or page.name in files:
            continue
        kind = await visitor.kind_of(address)
        if kind != HTML:
            files.add(page.name)
            found += [] if kind else [f"{address}: a link leads here, and it is not answered with 200"]
            continue
        found += [f"{address}: {sentence}" for sentence in await seen(visitor, bare, address, language)]
        frontier.add(await visitor.page.evaluate(LINKS))
    never = [page for page in pages_of(login) if page.name not in frontier.kinds]
    found += [f"{page.path}: no link leads here" for page in never]
    found += visitor.complaints + bare.complaints
    assert not found, f"{len(frontier.seen)} addresses\n" + "\n".join(found)


def pages_of(login: Login) -> list[Page]:
    """Return the pages that somebody may open and must be led to."""
    pages = [page for page in ALL_PAGES if not page.acts and login and ROLES[login] in page.roles]
    return [page for page in pages if page.name not in ASKED_BY_SCRIPTS]


def is_anothers(page: Page, login: Login) -> bool:
    """Whether a page is looked at by somebody else: what looks the same for everybody is seen by one alone."""
    return (page.is_open and bool(login)) or (page.roles == EVERYBODY and page.name != "home" and login != FIRST)


async def seen(visitor: Visitor, bare: Visitor, address: str, language: Language) -> list[str]:
    """Look at one address and return what is wrong with it."""
    page = visitor.page
    await visitor.go(address)
    found = await judged.of_content(page, language)
    found += await judged.of_accessibility(page)
    found += await judged.of_width(page)
    if language == "vi":
        await bare.go(address)
    if language == "vi" and await bare.heading() != await visitor.heading():
        found.append(f"without scripts it says {await bare.heading()!r}")
    return found


def test_an_address_is_told_from_its_page() -> None:
    for page in ALL_PAGES:
        if not page.acts and "{" not in page.path:
            assert page_at(page.path) == page
