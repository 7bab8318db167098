"""Every page of everybody, in both languages and both themes, found by following links from the first one."""

from typing import get_args

import pytest

from docaxis.local.demo.people import PEOPLE
from docaxis.web.routing import Page
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
ROLES = {one.login: one.role for one in PEOPLE}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", get_args(Login))
async def test_every_page_that_can_be_reached(visitors: Visitors, login: Login, language: Language) -> None:
    visitor = await visitors.visitor(login, language)
    bare = await visitors.visitor(login, language, scripts=False)
    found, frontier = [], Frontier()
    frontier.add(["/"] if login else ["/sign-in"])
    while frontier.waiting:
        address = frontier.waiting.pop(0)
        found += [f"{address}: {sentence}" for sentence in await seen(visitor, bare, address, language)]
        frontier.add(await visitor.page.evaluate(LINKS))
    never = [page for page in pages_of(login) if page.name not in frontier.kinds]
    found += [f"{page.path}: no link leads here" for page in never]
    found += visitor.complaints + bare.complaints
    assert not found, f"{len(frontier.seen)} addresses\n" + "\n".join(found)


def pages_of(login: Login) -> list[Page]:
    """Return the pages that somebody may open and must be led to."""
    return [page for page in ALL_PAGES if not page.acts and login and ROLES[login] in page.roles]


async def seen(visitor: Visitor, bare: Visitor, address: str, language: Language) -> list[str]:
    """Look at one address and return what is wrong with it."""
    kind = await visitor.kind_of(address)
    if kind != HTML:
        return [] if kind else ["a link leads here, and it is not answered with 200"]
    page = visitor.page
    await visitor.go(address)
    found = await judged.of_content(page, language)
    found += await judged.of_accessibility(page)
    found += await judged.of_width(page)
    await bare.go(address)
    if await bare.heading() != await visitor.heading():
        found.append(f"without scripts it says {await bare.heading()!r}")
    return found


def test_an_address_is_told_from_its_page() -> None:
    for page in ALL_PAGES:
        if not page.acts and "{" not in page.path:
            assert page_at(page.path) == page
