"""Every page of everybody, in both languages and both themes, found by following links from the first one."""

from typing import get_args

import pytest

from docaxis.web.routing import EVERYBODY, Page
from docaxis.web.written import LANGUAGES, Language
from tests.web.browser import judged
from tests.web.browser.addresses import Frontier, page_at
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
    found += visitor.complaints + bare.complaints
    assert not found, f"{len(frontier.seen)} addresses\n" + "\n".join(found)


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
