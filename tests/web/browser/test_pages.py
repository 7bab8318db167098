"""Every page of everybody, in both languages and both themes, found by following links from the first one."""

from typing import get_args

import pytest

from docaxis.web.written import LANGUAGES, Language
from tests.web.browser import judged
from tests.web.browser.addresses import ALL_PAGES, Frontier
from tests.web.browser.visitor import Login, Visitor, Visitors

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
LINKS = """() => [...document.querySelectorAll("a[href], area[href]")]
  .map(one => new URL(one.href))
  .filter(one => one.origin === location.origin)
  .map(one => { one.hash = ""; one.searchParams.delete("lang"); return one.pathname + one.search })"""
HTML = "text/html"


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
        if visitor.page.url != "about:blank":
            frontier.add(await visitor.page.evaluate(LINKS))
    assert not found + visitor.complaints + bare.complaints, "\n".join([*found, *visitor.complaints, *bare.complaints])


async def seen(visitor: Visitor, bare: Visitor, address: str, language: Language) -> list[str]:
    """Look at one address and return what is wrong with it."""
    kind = await visitor.kind_of(address)
    if kind != HTML:
        return [] if kind else ["is not answered with 200"]
    page = visitor.page
    await visitor.go(address)
    found = await judged.of_content(page, language)
    found += await judged.of_accessibility(page)
    found += await judged.of_width(page)
    await bare.go(address)
    if await bare.heading() != await visitor.heading():
        found.append(f"without scripts it says {await bare.heading()!r}")
    return found


def test_there_are_pages_for_everybody() -> None:
    assert {role for page in ALL_PAGES for role in page.roles} >= set()
