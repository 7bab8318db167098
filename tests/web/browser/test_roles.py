"""Every route with every role and with nobody: who may not use it finds nothing there (ASVS 5.0, v5.0.0-8.2.1, 8.2.2)."""

from http import HTTPStatus
from typing import get_args

import aiohttp
import pytest
from aiohttp import hdrs

from docaxis.local.demo.pages import form_token, signed_in
from docaxis.local.demo.people import PEOPLE
from docaxis.web.routing import Page
from tests.web.browser.addresses import ALL_PAGES, NOBODYS, filled
from tests.web.browser.visitor import Login
from tests.web.browser.world import World

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.timeout(900),  # the first one waits for the world
]
ROLES = {one.login: one.role for one in PEOPLE}
SHOWN = {HTTPStatus.OK, HTTPStatus.SEE_OTHER}
OF_QUERY = {"proposals-removal"}
"""What these are about stands in their query."""
WITHOUT_A_PROVIDER = "/sign-in/oidc"
"""Pages below this are not there: the demonstration has no identity provider."""


@pytest.mark.parametrize("login", get_args(Login))
async def test_a_page_is_there_for_its_roles_alone(world: World, login: Login) -> None:
    wrong = []
    async with signed_in(world.address, login) as session:
        for page in ALL_PAGES:
            async with session.get(filled(page), allow_redirects=False) as answer:
                status, leads_to = HTTPStatus(answer.status), answer.headers.get(hdrs.LOCATION, "")
            if page.acts:
                continue
            expected = expected_of(page, login)
            to_sign_in = status is HTTPStatus.SEE_OTHER and leads_to.startswith("/sign-in?next=")
            if status not in expected or to_sign_in != (expected == {HTTPStatus.SEE_OTHER}):
                wrong.append(f"{page.method} {page.path}: {status} {leads_to}, expected {sorted(expected)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("login", get_args(Login))
async def test_an_act_is_there_for_its_roles_alone_and_only_from_our_own_forms(world: World, login: Login) -> None:
    wrong = []
    async with signed_in(world.address, login) as session:
        token = await form_token(session, "/account" if login else "/sign-in")
        assert token
        for page in ALL_PAGES:
            if not page.acts:
                continue
            forged = (
                await posted(session, page, {"csrf": "guessed"}),
                await posted(session, page, {"csrf": token}, "http://elsewhere"),
            )
            expected = refusal_of(page, login)
            wrong += [f"{page.path}: {status}, expected {expected}" for status in forged if status != expected]
    assert not wrong, "\n".join(wrong)


async def test_a_document_of_others_is_not_there(world: World) -> None:
    parts = {"key": (await world.documents())["1107/CĐ-BTC"], "organ_id": "H14"}
    wrong = []
    async with signed_in(world.address, "van-thu-bo") as session, session.get(f"/documents/{parts['key']}") as answer:
        assert answer.status == HTTPStatus.OK
    async with signed_in(world.address, "van-thu-xa") as session:
        token = await form_token(session, "/account")
        for page in (one for one in ALL_PAGES if "{key}" in one.path):
            form = {"csrf": token, "reason": "vì thế", "extent": "all"}
            sent = form if page.acts else None
            address = filled(page, **parts)
            async with session.request(page.method, address, data=sent, allow_redirects=False) as answer:
                if answer.status != HTTPStatus.NOT_FOUND:
                    wrong.append(f"{page.method} {page.path}: {answer.status}")
    assert not wrong, "\n".join(wrong)


def expected_of(page: Page, login: Login) -> set[HTTPStatus]:
    """Return what a GET of a page may answer; nothing is known by the identifier that stands in its address."""
    if page.is_open:
        absent = "{" in page.path or page.path.startswith(WITHOUT_A_PROVIDER)
        return {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} if absent else SHOWN
    if not login:
        return {HTTPStatus.SEE_OTHER}
    about_nothing = NOBODYS in filled(page) or "{number" in page.path or page.name in OF_QUERY
    if ROLES[login] not in page.roles or about_nothing:
        return {HTTPStatus.NOT_FOUND}
    return SHOWN


def refusal_of(page: Page, login: Login) -> HTTPStatus:
    """Return what a forged POST must answer."""
    if page.path.startswith(WITHOUT_A_PROVIDER):
        return HTTPStatus.NOT_FOUND
    if page.is_open or (login and ROLES[login] in page.roles):
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.NOT_FOUND if login else HTTPStatus.UNAUTHORIZED


async def posted(session: aiohttp.ClientSession, page: Page, form: dict[str, str], origin: str = "") -> HTTPStatus:
    """Post a form and return the status."""
    headers = {hdrs.ORIGIN: origin} if origin else {}
    async with session.post(filled(page), data=form, headers=headers, allow_redirects=False) as answer:
        return HTTPStatus(answer.status)
