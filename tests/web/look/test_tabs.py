"""The tabs under the masthead: of one's own role, only what is there, with what waits."""

import re

import pytest

from docaxis.domain.people import Role
from docaxis.web.tabs import TABS
from tests.web.desk import Desk


def tabs_in(page: str) -> list[tuple[str, str]]:
    nav = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert nav
    return re.findall(r'<a href="([^"]+)"[^>]*>\s*([^<]+?)\s*<', nav[0])


@pytest.mark.parametrize("role", list(Role))
async def test_tabs_are_those_of_the_role_and_lead_somewhere(desk: Desk, role: Role):
    await desk.sign_in(role)
    shown = tabs_in((await desk.get("/help", {"Accept-Language": "vi"})).text)
    labels = [label for _, label in shown]
    assert labels == [tab.label for tab in TABS[role] if tab.label in labels]
    for href, _ in shown:
        assert (await desk.get(href)).status == 200


async def test_nobody_has_no_tabs(desk: Desk):
    page = await desk.get("/help")
    assert page.status == 200
    assert 'class="tabs"' not in page.text


def test_no_page_is_under_two_tabs_of_a_role():
    for tabs in TABS.values():
        pages = [name for tab in tabs for name in (tab.page, *tab.covers)]
        assert len(pages) == len(set(pages))
