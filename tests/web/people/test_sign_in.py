"""Signing in with a password, and out."""

import re

import pytest

from docaxis.domain.people import Person, Role
from docaxis.hub.ids import new_id
from docaxis.web.people.ports import ACCOUNTS
from tests.web.desk import BEGIN, Desk

PASSWORD = "con ngựa đúng pin ghim"


@pytest.fixture
async def person(desk: Desk) -> Person:
    """A clerk with a password."""
    made = Person(new_id(BEGIN), "ha.ntt", "Nguyễn Thị Thu Hà", Role.CLERK, "G10", "Văn thư")
    assert await desk.app[ACCOUNTS].add(made, BEGIN, "test", PASSWORD)
    return made


async def form_token(desk: Desk, path: str = "/sign-in") -> str:
    page = await desk.get(path)
    assert page.status == 200
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def test_signs_in_and_out(desk: Desk, person: Person) -> None:
    token = await form_token(desk)
    done = await desk.post("/sign-in", {"csrf": token, "login": "ha.ntt", "password": PASSWORD, "next": "/x?y=1"})
    assert (done.status, done.location) == (303, "/x?y=1")
    assert desk.cookie("docaxis")
    assert (await desk.get("/sign-in")).status == 303


async def test_account_shows(desk: Desk) -> None:
    await desk.sign_in("clerk")
    page = await desk.get("/account")
    assert page.status == 200, page.text
    print(page.text)
