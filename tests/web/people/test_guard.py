"""No form but our own: every route that changes something, tried with each kind of forged request."""

from collections.abc import Iterator

import pytest
from aiohttp.web_urldispatcher import PrefixedSubAppResource

from docaxis.domain.people import Role
from docaxis.web.people.guard import MACHINES, is_open_token, make_open_token
from docaxis.web.routing import PAGES, Page
from docaxis.wiring.pages import AREAS
from tests.web.desk import BEGIN, ORIGIN, Desk

ACTS = [page for area in AREAS for page in area.pages if page.acts and page.name not in MACHINES]
EVIL = "https://evil.example"


def read() -> list[Page]:
    return [page for area in AREAS for page in area.pages if not page.acts]


def name_of(page: Page) -> str:
    return page.name


def path_of(page: Page) -> str:
    """Return an address of the page, whatever its parts are."""
    return "/".join("1" if part.startswith("{") else part for part in page.path.split("/"))


async def seated(desk: Desk, page: Page) -> None:
    if not page.is_open:
        await desk.sign_in(next(role for role in Role if role in page.roles))


def forged(desk: Desk) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Yield what is wrong, the headers and the form."""
    token = desk.form_token
    good = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    yield "no token", good, {}
    yield "another session's token", good, {"csrf": "token-of-somebody-else"}
    yield "empty token", good, {"csrf": ""}
    yield "a token of before sign-in", good, {"csrf": make_open_token(b"k" * 32, BEGIN)}
    yield "another origin", {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}, {"csrf": token}
    yield "another origin, no fetch metadata", {"Origin": EVIL}, {"csrf": token}
    yield "a hidden origin", {"Origin": "null"}, {"csrf": token}
    yield "a neighbouring site", {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}, {"csrf": token}
    yield "typed into the address bar", {"Sec-Fetch-Site": "none"}, {"csrf": token}
    yield "nothing said", {}, {"csrf": token}


@pytest.mark.parametrize("page", ACTS, ids=name_of)
async def test_forged_requests_are_refused(desk: Desk, page: Page) -> None:
    """v5.0.0-3.5.1, v5.0.0-3.5.3: what changes something takes POST from our own pages only."""
    await seated(desk, page)
    for what, headers, form in forged(desk):
        answer = await desk.request("POST", path_of(page), headers=headers, data=form)
        assert answer.status == 403, f"{page.name}: {what}"
        assert "WEB.FORM_OUTDATED" in answer.text
    answer = await desk.get(path_of(page))
    assert answer.status in {404, 405} or any(other.path == page.path and not other.acts for other in read()), "GET"


async def test_token_of_a_session_that_ended_is_worth_nothing(desk: Desk) -> None:
    person = await desk.sign_in("clerk")
    old = desk.form_token
    await desk.sit_down(person)
    assert (await desk.post("/account/language", {"csrf": old, "language": "en"})).status == 403


async def test_header_stands_for_the_field(desk: Desk) -> None:
    await desk.sign_in("clerk")
    headers = {"X-Form-Token": desk.form_token}
    assert (await desk.post("/account/language", {"csrf": "", "language": "en"}, headers)).status == 303
    wrong = {"X-Form-Token": "wrong"}
    assert (await desk.post("/account/language", {"language": "en"}, wrong)).status == 403


async def test_sign_in_is_bound_to_the_browser_that_asked(desk: Desk) -> None:
    """v5.0.0-3.5.1: nobody is signed in as somebody else by a form from elsewhere (login CSRF)."""
    await desk.get("/sign-in")
    mine = desk.cookie("docaxis-open")
    theirs = make_open_token(desk_key(), desk.clock.at)
    assert (await desk.post("/sign-in", {"csrf": theirs, "login": "x", "password": "y"})).status == 403
    assert (await desk.post("/sign-in", {"csrf": mine, "login": "x", "password": "y"})).status == 422
    desk.cookies({"docaxis-open": "planted"})
    assert (await desk.post("/sign-in", {"csrf": "planted", "login": "x", "password": "y"})).status == 403


async def test_forms_that_are_none_are_refused(desk: Desk) -> None:
    await desk.sign_in("clerk")
    headers = {"Origin": ORIGIN, "Content-Type": "multipart/form-data"}
    assert (await desk.request("POST", "/account/language", headers=headers, data=b"x")).status in {400, 403}
    headers = {"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    assert (await desk.request("POST", "/account/language", headers=headers, data=b"x=1")).status in {400, 403}


async def test_strangers_send_no_large_forms(desk: Desk) -> None:
    answer = await desk.post("/sign-in", {"csrf": "x", "login": "x" * 70_000})
    assert answer.status == 413


def test_open_token_holds_for_some_hours_and_is_ours() -> None:
    key = b"k" * 32
    token = make_open_token(key, BEGIN)
    assert is_open_token(key, token, BEGIN)
    assert not is_open_token(b"x" * 32, token, BEGIN)
    assert not is_open_token(key, token, BEGIN.replace(hour=12))
    assert not is_open_token(key, token, BEGIN.replace(hour=6))
    for wrong in ("", "..", "a.b.c", token + "0", token.replace(".", "")):
        assert not is_open_token(key, wrong, BEGIN)


async def test_every_route_is_a_page(desk: Desk) -> None:
    """v5.0.0-8.1.1: who may use a route is said of every route; what is mounted beside is the API, which knows no cookie."""
    for resource in desk.app.router.resources():
        if isinstance(resource, PrefixedSubAppResource):
            assert resource.canonical.startswith("/api/")
            continue
        page = desk.app[PAGES][str(resource.name)]
        for route in resource:
            assert route.handler == page.handler
            assert route.method in ({"POST"} if page.acts else {"GET", "HEAD"})


def desk_key() -> bytes:
    return b"k" * 32
