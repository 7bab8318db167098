"""The tabs under the masthead: of one's own role, only what is there, with what waits."""

import re
from datetime import timedelta

import pytest

from docaxis.domain.people import Role
from docaxis.web.operator.ports import PROPOSALS
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


def current_in(page: str) -> list[str]:
    nav = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert nav
    return re.findall(r'aria-current="page">\s*([^<]+?)\s*<', nav[0])


async def test_an_operator_sees_proposals_while_some_wait(desk: Desk):
    admin = await desk.sign_in("administrator")
    proposals = desk.app[PROPOSALS]
    await desk.sign_in("operator")
    assert "Đề nghị chờ duyệt" not in [label for _, label in tabs_in((await desk.get("/help")).text)]
    assert current_in((await desk.get("/proposals")).text) == ["Đề nghị chờ duyệt"]
    await proposals.propose("retention:set", {"days": 400}, "Theo quy chế", admin.person_id, admin.login)
    desk.clock.at += timedelta(minutes=1)
    assert ("/proposals", "Đề nghị chờ duyệt") in tabs_in((await desk.get("/help")).text)
