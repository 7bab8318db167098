"""Every page is led to: whoever begins at the first page comes to all there is by following links alone."""

import html
import re
from collections.abc import Iterable
from urllib.parse import urldefrag

import pytest

from docaxis.local.demo.pages import signed_in
from docaxis.local.demo.people import PEOPLE
from tests.web.browser.addresses import ALL_PAGES, Frontier, page_at
from tests.web.browser.world import World

ASKED_BY_SCRIPTS = {"changes", "verify-stream", "board-figures", "log-recognise", "compose-agencies"}
"""What a page asks for by itself."""
AFTER_AN_ACT = {
    "assign", "progress", "finish", "agree", "decline", "compose-draft", "compose-sent", "register-entry", "proposal",
    "quarantine-message", "submission",
}  # fmt: skip
"""Where one comes only after something was done; the days of `test_days.py` go there."""
GIVEN_BY_OTHERS = {"signin-oidc", "signin-oidc-back", "signin-link", "check"}
"""Where an identity provider, an administrator's address or a printed code leads."""
LINK = re.compile(r'<a\b[^>]*?\shref="(/[^"]*)"')


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(900)  # the first one waits for the world
async def test_every_page_is_led_to(world: World) -> None:
    led_to, broken = set[str](), []
    for login in ("", *(one.login for one in PEOPLE)):
        frontier = Frontier(most_kinds=6, of_each=5)
        frontier.add(["/" if login else "/sign-in"])
        async with signed_in(world.address, login) as session:
            while frontier.waiting:
                address = frontier.waiting.pop(0)
                async with session.get(address) as answer:
                    if answer.status >= 400:
                        broken.append(f"{address}: {answer.status}, for {login or 'nobody'}")
                    if answer.content_type == "text/html":
                        frontier.add(links_of(await answer.text()))
        led_to |= set(frontier.kinds)
    never = {page.name for page in ALL_PAGES if not page.acts} - led_to
    assert not broken, "\n".join(broken)
    assert sorted(never - ASKED_BY_SCRIPTS - AFTER_AN_ACT - GIVEN_BY_OTHERS) == []


def links_of(text: str) -> Iterable[str]:
    """Return where the links of a page lead, without the choice of a language."""
    for found in LINK.findall(text):
        address = urldefrag(html.unescape(found)).url
        if "lang=" not in address:
            yield address


def test_an_address_is_told_from_its_page() -> None:
    for page in ALL_PAGES:
        if not page.acts and "{" not in page.path:
            assert page_at(page.path) == page
