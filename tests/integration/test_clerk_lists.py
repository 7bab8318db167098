"""The lists of a clerk against a plain look at every row: random documents, every filter, every page, both databases."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from docaxis.backends.clerk import walks
from docaxis.backends.clerk.lists import ClerkLists
from docaxis.backends.clerk.work import ClerkWork
from docaxis.backends.database import Database
from docaxis.domain.status import StatusCode, business, is_answered, is_finished, mask_of, recall
from docaxis.hub.views.lists import RECEIVED_STATES, SENT_STATES, Place, Standing, Wanted
from tests.integration.clerk_rows import BEGIN, World

ME, OTHERS = "H41", ("H01", "H02", "H03")
TOLD = (
    (),
    (StatusCode.ARRIVED,),
    (StatusCode.ARRIVED, StatusCode.REFUSED),
    (StatusCode.REFUSED, StatusCode.ACCEPTED),
    (StatusCode.ARRIVED, StatusCode.RECALL_ASKED),
    (StatusCode.RECALL_ASKED, StatusCode.DECLINED),
    (StatusCode.RECALL_ASKED, StatusCode.AGREED),
    (StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.FINISHED),
)
STATES = ("dispatched", "dispatched", "dispatched", "waiting", "withdrawn")
SUBJECTS = ("quy hoạch đất", "nghỉ Tết", "mưa lũ ở Tây Nguyên")


@dataclass
class Made:
    """A document as it was made: who got it in which state, what was told, who missed it."""

    name: str
    sender: str
    subject: str
    masks: dict[str, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)
    finished: bool = False
    stands: bool = False

    def overdue(self, organ: str) -> bool:
        return (
            organ in self.missed
            and self.states[organ] in {"dispatched", "waiting"}
            and not is_answered(self.masks[organ])
        )

    def refused(self, organ: str) -> bool:
        return business(self.masks[organ]) is StatusCode.REFUSED

    def asked(self, organ: str) -> bool:
        return self.states[organ] == "dispatched" and recall(self.masks[organ]) is StatusCode.RECALL_ASKED


SENT: dict[str, Callable[[Made], bool]] = {
    "all": lambda one: True,
    "unfinished": lambda one: not one.finished,
    "overdue": lambda one: any(map(one.overdue, one.masks)),
    "refused": lambda one: any(map(one.refused, one.masks)),
    "recalled": lambda one: any(map(one.asked, one.masks)),
    "attention": lambda one: any(one.overdue(to) or one.refused(to) or one.asked(to) for to in one.masks),
}
RECEIVED: dict[str, Callable[[Made], bool]] = {
    "all": lambda one: True,
    "unfinished": lambda one: not is_finished(one.masks[ME]),
    "overdue": lambda one: one.overdue(ME),
    "refused": lambda one: one.refused(ME),
    "recalled": lambda one: one.asked(ME),
    "waiting": lambda one: (
        (business(one.masks[ME]) is StatusCode.ARRIVED and recall(one.masks[ME]) is not StatusCode.AGREED)
        or (not is_answered(one.masks[ME]) and (one.stands or ME in one.missed))
    ),
}


def made(draw: random.Random, count: int) -> tuple[World, list[Made]]:
    """Return rows and what they mean."""
    world, all_made = World(), []
    for number in range(count):
        sender = draw.choice((ME, ME, *OTHERS))
        to = draw.sample([organ for organ in (ME, *OTHERS) if organ != sender], draw.randint(1, 3))
        told = {organ: draw.choice(TOLD) for organ in to}
        states = {organ: draw.choice(STATES) for organ in to}
        one = Made(f"VB-{number}", sender, draw.choice(SUBJECTS))
        one.masks = {organ: mask_of(codes) for organ, codes in told.items()}
        one.states, one.finished, one.stands = states, draw.random() < 0.3, draw.random() < 0.4
        key = world.document(
            one.name, told, sender=sender, number=str(number), subject=one.subject, finished=one.finished, states=states
        )
        if one.stands:
            world.deadline(key)
        for organ in to if not one.stands else ():
            if draw.random() < 0.6:
                world.miss(key, organ, sender=sender)
                one.missed.add(organ)
        all_made.append(one)
    return world, all_made


async def pages(clerk: ClerkLists, wanted: Wanted, limit: int, *, sent: bool) -> list[str]:
    """Return the documents of all pages, and see that no page is too long and that only a cut one may be short."""
    found: list[str] = []
    after: Place | None = None
    for _ in range(500):
        page = await (clerk.list_sent if sent else clerk.list_received)(ME, wanted, after, limit)
        assert len(page.rows) <= limit
        assert len(page.rows) == limit or page.is_cut or page.following is None
        found += [one.document.document_id for one in page.rows]
        after = page.following
        if after is None:
            return found
    raise AssertionError("no end")


@pytest.mark.parametrize("walked", [7, 10_000])
async def test_every_filter_finds_what_is_there_once(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    for name in ("WALKED", "EVENTS_WALKED", "FOUND_BY_WORDS"):
        monkeypatch.setattr(walks, name, walked)
    world, documents = made(random.Random(walked), 45)
    await world.write(database)
    other = "H02"
    async with ClerkLists(database_url) as clerk:
        for words in ("", "mua lu*"):
            for asked_other in ("", other):
                for sent, judged, states in ((True, SENT, SENT_STATES), (False, RECEIVED, RECEIVED_STATES)):
                    mine = [
                        one for one in documents if (one.sender == ME if sent else one.states.get(ME) == "dispatched")
                    ]
                    if words:
                        mine = [one for one in mine if one.subject.startswith("mưa")]
                    if asked_other:
                        mine = [
                            one for one in mine if (asked_other in one.masks if sent else one.sender == asked_other)
                        ]
                    for state in states:
                        expected = sorted(one.name for one in mine if judged[state](one))
                        found = await pages(clerk, Wanted(state, words, other=asked_other), 3, sent=sent)
                        assert sorted(found) == expected, (state, words, asked_other, sent)


async def test_days_and_urgency_narrow_every_list(database: Database, database_url: str) -> None:
    world, documents = made(random.Random(5), 40)
    await world.write(database)
    day = BEGIN.date()
    async with ClerkLists(database_url) as clerk:
        for sent, judged in ((True, SENT), (False, RECEIVED)):
            for state in judged:
                whole = await pages(clerk, Wanted(state), 10, sent=sent)
                assert await pages(clerk, Wanted(state, since=day, until=day), 10, sent=sent) == whole
                assert await pages(clerk, Wanted(state, since=day + timedelta(days=1)), 10, sent=sent) == []
                assert await pages(clerk, Wanted(state, until=day - timedelta(days=1)), 10, sent=sent) == []
                assert await pages(clerk, Wanted(state, urgency=1), 10, sent=sent) == []
                assert (
                    await pages(clerk, Wanted(state, since=date(1900, 1, 1), until=date(9000, 1, 1)), 9, sent=sent)
                    == whole
                )
        mine = [one for one in documents if one.sender == ME]
        count = await clerk.count_listed(ME, Wanted(), sent=True, most=2)
        assert (count.number, count.exact) == (2, False)
        assert (await clerk.count_all(ME, sent=True)).number == len(mine)


async def test_a_row_sums_up_all_addressees(database: Database, database_url: str) -> None:
    world, documents = made(random.Random(3), 60)
    await world.write(database)
    async with ClerkLists(database_url) as clerk:
        found = {row.document.document_id: row.standing for row in (await clerk.list_sent(ME, Wanted())).rows}
    for one in documents:
        if one.sender != ME:
            continue
        standing = found[one.name]
        here = [to for to, state in one.states.items() if state == "dispatched"]
        assert standing == Standing(
            addressees=len(one.masks),
            answered=sum(is_answered(one.masks[to]) for to in here),
            accepted=sum((business(one.masks[to]) or 0) >= StatusCode.ACCEPTED for to in here),
            finished=sum(is_finished(one.masks[to]) for to in here),
            overdue=sum(map(one.overdue, one.masks)),
            refused=sum(map(one.refused, here)),
            waiting=sum(state == "waiting" for state in one.states.values()),
            withdrawn=sum(state == "withdrawn" for state in one.states.values()),
            asked_back=sum(map(one.asked, one.masks)),
            due_at=BEGIN + timedelta(days=9) if one.stands else None,
        )


async def test_the_day_of_a_clerk(database: Database, database_url: str) -> None:
    accepted, refused = StatusCode.ACCEPTED, StatusCode.REFUSED
    world = World()
    mended = world.document("mended", {"H01": (refused,)})
    world.link(world.document("mends", {"H01": ()}), "update", mended, document_id="mended")
    plain = world.document("plain", {"H01": (refused,), "H02": (accepted,), "H03": ()})
    world.deadline(plain)
    world.deadline(plain, "reply")
    world.deadline(world.document("all met", {"H01": (accepted,)}))
    mine = world.document("mine", {"H41": ()}, sender="H02")
    world.miss(mine, "H41", sender="H02")
    await world.write(database)
    async with ClerkWork(database_url) as clerk:
        assert [one.document.document_id for one in await clerk.refused_still("H41", 10)] == ["plain"]
        coming = await clerk.coming("H41", BEGIN, 10)
        assert [(one.document.document_id, one.kind, one.missing, one.addressees) for one in coming] == [
            ("plain", "receipt", 1, 3),
            ("plain", "reply", 2, 3),
        ]
        assert await clerk.coming("H41", BEGIN + timedelta(days=10), 10) == []
        [waiting] = await clerk.waiting_here("H41", 10)
        assert (waiting.document.document_id, waiting.is_late) == ("mine", True)
        today = await clerk.sent_since("H41", BEGIN)
        assert (today.documents, today.addressees, today.accepted) == (4, 6, 2)
        assert today.median == timedelta(hours=1)
        assert (await clerk.sent_since("H99", BEGIN)).median is None
        line = await clerk.line("e")
        assert line.seen_at == BEGIN + timedelta(minutes=5)
        assert (await clerk.line("nobody")).seen_at is None
