"""Every page of everybody, found by following links from the first one; at length in both languages and both themes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import get_args

import pytest

from docaxis.web.routing import EVERYBODY, Page
from docaxis.web.state import Theme
from docaxis.web.written import Language
from tests.web.browser import judged
from tests.web.browser.addresses import ALL_PAGES, Frontier, page_at
from tests.web.browser.visitor import Login, Visitor, Visitors

LINKS = """() => [...document.querySelectorAll("a[href]")]
  .map(one => new URL(one.href))
  .filter(one => one.origin === location.origin)
  .map(one => { one.hash = ""; one.searchParams.delete("lang"); return one.pathname + one.search })"""
HTML = "text/html"
FIRST: Login = "van-thu-bo"
Look = tuple[Language, Theme]
LOOKS: tuple[Look, ...] = (("vi", "light"), ("en", "dark"), ("vi", "dark"), ("en", "light"))
WITHOUT_SCRIPTS = {
    "home",
    "sent",
    "document",
    "compose",
    "register",
    "search",
    "log",
    "log-entry",
    "board",
    "people",
    "help",
}
"""One page of each kind is seen without scripts each time; at length all of them are."""


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(900)  # the first one waits for the world
@pytest.mark.parametrize("login", get_args(Login))
async def test_every_page_that_can_be_reached(visitors: Visitors, login: Login) -> None:
    walk = Walk(await visitors.visitor(login), await visitors.visitor(login, scripts=False), login)
    await walk.see(Frontier(most_kinds=1, of_each=1), cycle(LOOKS), WITHOUT_SCRIPTS)
    assert walk.in_looks == set(LOOKS)
    assert not walk.found, "\n".join(walk.found)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("look", LOOKS, ids="-".join)
@pytest.mark.parametrize("login", get_args(Login))
async def test_every_page_in_every_look(visitors: Visitors, login: Login, look: Look) -> None:
    walk = Walk(await visitors.visitor(login), await visitors.visitor(login, scripts=False), login, whole=True)
    await walk.see(Frontier(), cycle([look]), {page.name for page in ALL_PAGES} if look == LOOKS[0] else set())
    assert not walk.found, "\n".join(walk.found)


def test_what_is_seen_without_scripts_is_there() -> None:
    assert {page.name for page in ALL_PAGES} >= WITHOUT_SCRIPTS


@dataclass
class Walk:
    """One person's way through the pages, with the same pages beside it in a browser without scripts."""

    visitor: Visitor
    bare: Visitor
    login: Login
    whole: bool = False
    in_looks: set[Look] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    async def see(self, frontier: Frontier, looks: Iterator[Look], without_scripts: set[str]) -> None:
        """Follow links until none is left, page by page in the next look; what is wrong stands in `found`."""
        first = "/" if self.login else "/sign-in"
        frontier.add([first])
        files = set[str]()
        while frontier.waiting:
            address = frontier.waiting.pop(0)
            page = page_at(address)
            assert page is not None
            if is_anothers(page, self.login) or page.name in files:
                continue
            kind = await self.visitor.kind_of(address)
            if kind == HTML:
                await self._judge(address, next(looks), bare=page.name in without_scripts)
                frontier.add(await self.visitor.page.evaluate(LINKS))
            else:
                files.add(page.name)
                self.found += [] if kind else [f"{address}: a link leads here, and it is not answered with 200"]
        while len(self.in_looks) < len(LOOKS) and (look := next(looks)) not in self.in_looks:
            await self._judge(first, look, bare=False)
        self.found += self.visitor.complaints + self.bare.complaints

    async def _judge(self, address: str, look: Look, *, bare: bool) -> None:
        self.in_looks.add(look)
        await self.visitor.prefer(*look)
        await self.visitor.go(address)
        page = self.visitor.page
        wrong = await judged.of_content(page, look[0])
        wrong += await judged.of_accessibility(page, whole=self.whole)
        wrong += await judged.of_width(page)
        if bare:
            await self.bare.prefer(*look)
            await self.bare.go(address)
            if await self.bare.heading() != await self.visitor.heading():
                wrong.append(f"without scripts it says {await self.bare.heading()!r}")
        self.found += [f"{address} ({', '.join(look)}): {sentence}" for sentence in wrong]


def is_anothers(page: Page, login: Login) -> bool:
    """Whether a page is looked at by somebody else: what looks the same for everybody is seen by one alone."""
    return (page.is_open and bool(login)) or (page.roles == EVERYBODY and page.name != "home" and login != FIRST)
