"""The first page of each role, asked for as a browser does: signed in with one press, then read."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp
from aiohttp import hdrs

from docaxis.local.demo.people import PEOPLE

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_TIMEOUT_S = 20.0


async def read_pages(address: str) -> tuple[int, list[str]]:
    """Return how many of the roles' first pages were shown, and what is wrong with each of the others."""
    differences = []
    for one in PEOPLE:
        try:
            async with signed_in(address, one.login) as session:
                wrong = await _first_page(session)
        except (aiohttp.ClientError, TimeoutError) as error:
            wrong = str(error) or "no answer"
        if wrong:
            differences.append(f"first page of {one.login}: {wrong}")
    return len(PEOPLE) - len(differences), differences


@asynccontextmanager
async def signed_in(address: str, login: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session of one of the demonstration's people, of nobody without a login; raises aiohttp's errors."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with aiohttp.ClientSession(address, timeout=timeout, headers={hdrs.ORIGIN: address}) as session:
        if login:
            form = {"csrf": await form_token(session, "/sign-in"), "login": login}
            async with session.post("/sign-in/demo", data=form, allow_redirects=False) as answer:
                answer.raise_for_status()
        yield session


async def form_token(session: aiohttp.ClientSession, path: str) -> str:
    """Return what the forms of a page carry, an empty text where it has none."""
    async with session.get(path) as answer:
        found = _TOKEN.search(await answer.text())
    return found[1] if found else ""


async def _first_page(session: aiohttp.ClientSession) -> str:
    """Be led to the first page, and return what is wrong with it, or an empty text."""
    async with session.get("/") as answer:
        text = await answer.text()
    if answer.status != HTTPStatus.OK:
        return f"{answer.url.path} answers {answer.status}"
    return "" if "DỮ LIỆU THỬ" in text and "<h1" in text else f"{answer.url.path} is no page of test data"
