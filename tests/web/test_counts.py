"""The numbers on the tabs: what home says waits, kept for some seconds, and never another agency's."""

import re
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import pytest

from docaxis.hub.views.work import Changed
from docaxis.web.clerk.lists_changes import CHANGES, Changes
from docaxis.web.clerk.ports import LISTS
from docaxis.web.counts import HOLDS_AT_LEAST
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


class Log:
    """Entries of which each changes one document of an agency."""

    def __init__(self) -> None:
        self.entries: list[Changed] = []

    def tell(self, organ_id: str) -> None:
        place = len(self.entries)
        self.entries.append(Changed(place, organ_id, UUID(int=place + 1)))

    async def size(self) -> int:
        return len(self.entries)

    async def read(
        self, first: int, limit: int, organs: Collection[str], endpoints: Collection[str]
    ) -> tuple[int, list[Changed]]:
        del endpoints
        found = self.entries[first : first + limit]
        return first + len(found), [one for one in found if one.organ_id in organs]


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def desk_ports(work: Work, log: Log) -> dict[object, object]:
    return {LISTS: work, CHANGES: Changes(log, lambda _: None)}


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


async def test_what_somebody_has_done_is_seen_at_once(desk: Desk, work: Work) -> None:
    await desk.sign_in("clerk", "G22")
    assert tab_counts((await desk.get("/help")).text) == ["4", "3"]
    work.waiting["G22"] = 1
    assert tab_counts((await desk.get("/help")).text) == ["4", "3"]
    assert (await desk.post("/shortcuts", {"theme": "dark"})).status == 303
    assert tab_counts((await desk.get("/help")).text) == ["2", "1"]


async def test_what_has_changed_is_counted_anew_after_a_moment(desk: Desk, work: Work, log: Log) -> None:
    await desk.sign_in("clerk", "G22")
    changes = desk.app[CHANGES]
    with changes.listen("G22", None):
        await changes.look()
        await desk.get("/help")
        work.waiting["G22"] = 1
        log.tell("G22")
        await changes.look()
        assert tab_counts((await desk.get("/help")).text) == ["4", "3"]
        desk.clock.at += HOLDS_AT_LEAST
        assert tab_counts((await desk.get("/help")).text) == ["2", "1"]
        work.waiting["G22"] = 0
        desk.clock.at += HOLDS_AT_LEAST
        assert tab_counts((await desk.get("/help")).text) == ["2", "1"]
