"""The numbers on the tabs: what home says waits, kept for some seconds, and never another agency's."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from docaxis.web.clerk.ports import LISTS
from tests.web.desk import Desk


class Work:
    """Counts how often it is asked; an agency has as many waiting documents as it is told here."""

    def __init__(self) -> None:
        self.waiting = {"G22": 3, "H41": 0}
        self.asked: list[str] = []

    async def waiting_here(self, organ_id: str, limit: int) -> list[UUID]:
        self.asked.append(organ_id)
        return [UUID(int=number) for number in range(min(limit, self.waiting[organ_id]))]

    async def asked_back(self, organ_id: str, limit: int) -> list[UUID]:
        del organ_id, limit
        return []

    async def overdue(self, *, sender: str, limit: int) -> list[UUID]:
        del limit
        return [UUID(int=1)] if sender == "G22" else []

    refused_still = asked_back


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def desk_ports(work: Work) -> dict[object, object]:
    return {LISTS: work}


def tab_counts(text: str) -> list[str]:
    """Return the numbers on the tabs; they stand twice in a page, as tabs and as a phone's list of contents."""
    found = re.findall(r'class="tab-count"[^>]*>(?:<[^>]+>)*([0-9.]+)', text)
    half = len(found) // 2
    assert found[:half] == found[half:]
    return found[:half]


async def test_tabs_say_what_waits(desk: Desk, work: Work) -> None:
    await desk.sign_in("clerk", "G22")
    page = await desk.get("/help")
    assert tab_counts(page.text) == ["4", "3"]
    await desk.get("/help")
    assert work.asked == ["G22"]
    work.waiting["G22"] = 0
    desk.clock.at += timedelta(seconds=21)
    page = await desk.get("/help")
    assert tab_counts(page.text) == ["1"]


async def test_another_agency_has_its_own(desk: Desk) -> None:
    await desk.sign_in("clerk", "G22")
    await desk.get("/help")
    await desk.sign_in("clerk", "H41")
    assert tab_counts((await desk.get("/help")).text) == []


async def test_nobody_signed_in_asks_nothing(desk: Desk, work: Work) -> None:
    assert (await desk.get("/sign-in")).status == 200
    assert work.asked == []
