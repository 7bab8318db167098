"""The first page of each role, asked for as a browser does: signed in with one press, then read."""

import re
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
            wrong = await _read(address, one.login)
        except (aiohttp.ClientError, TimeoutError) as error:
            wrong = str(error) or "no answer"
        if wrong:
            differences.append(f"first page of {one.login}: {wrong}")
    return len(PEOPLE) - len(differences), differences


async def _read(address: str, login: str) -> str:
    """Sign in, be led to the first page, and return what is wrong with it, or an empty text."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with aiohttp.ClientSession(address, timeout=timeout, headers={hdrs.ORIGIN: address}) as session:
        async with session.get("/sign-in") as answer:
            found = _TOKEN.search(await answer.text())
        if found is None:
            return f"sign-in answers {answer.status} without a form"
        async with session.post("/sign-in/demo", data={"csrf": found[1], "login": login}) as answer:
            text = await answer.text()
        if answer.status != HTTPStatus.OK:
            return f"{answer.url.path} answers {answer.status}"
        return "" if "DỮ LIỆU THỬ" in text and "<h1" in text else f"{answer.url.path} is no page of test data"
