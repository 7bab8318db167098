"""The clerk's questions: the same answers on both databases, page by page."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from docaxis.backends import word_search
from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.database import Database
from docaxis.domain.status import StatusCode
from docaxis.hub.views.clerk import Overdue
from tests.integration.clerk_rows import BEGIN, World

ARRIVED, REFUSED, ACCEPTED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED
FINISHED, ASKED, AGREED = StatusCode.FINISHED, StatusCode.RECALL_ASKED, StatusCode.AGREED


@pytest.fixture
async def clerk(database: Database, database_url: str) -> AsyncIterator[ClerkQueries]:
    async with ClerkQueries(database_url) as opened:
        yield opened


def ids(rows) -> list[str]:
    return [getattr(row, "document", row).document_id for row in rows]


async def test_words_are_found_without_marks_and_as_whole_words(database: Database, clerk: ClerkQueries) -> None:
    world = World()
    world.document("decision", {"H01": ()}, number="12", notation="QĐ-UBND", subject="Về việc quy hoạch sử dụng đất")
    world.document("letter", {"H01": ()}, number="120", notation="CV-UBND", subject="Về việc nghỉ Tết", sender="G22")
    world.document(
        "report", {"H41": ()}, number="7", notation="BC-SO", subject="Nghị quyết 12; it's 100% \\ 'done'", sender="G22"
    )
    await world.write(database)
    assert ids(await clerk.documents()) == ["report", "letter", "decision"]
    assert ids(await clerk.documents("12 qd ubnd")) == ["decision"]
    assert ids(await clerk.documents("12/QĐ-UBND")) == ["decision"]
    assert ids(await clerk.documents("ubnd viec")) == ["letter", "decision"]
    assert ids(await clerk.documents("ubnd viec", sender="G22")) == ["letter"]
    assert ids(await clerk.documents("12")) == ["report", "decision"]
    assert ids(await clerk.documents("12*")) == ["report", "letter", "decision"]
    assert ids(await clerk.documents("nghi*")) == ["report", "letter"]
    assert ids(await clerk.documents("it's 'done' \\")) == ["report"]
    assert ids(await clerk.documents("ubnd", received_by="H01")) == ["letter", "decision"]
    assert ids(await clerk.documents("ubnd", received_by="H01", sender="G22")) == ["letter"]
    assert ids(await clerk.documents(sender="G22", received_by="H41")) == ["report"]
    assert await clerk.documents("!!!") == ()
    assert await clerk.documents("h41") == []


async def test_pages_of_words_come_from_the_walk_and_from_the_index_alike(
    database: Database, clerk: ClerkQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    for number in range(30):
        subject = "quy hoạch" if number % 5 == 0 else "nghỉ Tết"
        world.document(
            f"VB-{number}", {"H01": (), "H02": ()}, number=str(number), subject=subject, sender=f"H4{number % 2}"
        )
    await world.write(database)
    wanted = [f"VB-{number}" for number in range(25, -1, -5)]
    for walked in (10_000, 3):
        monkeypatch.setattr(word_search, "WALKED", walked)
        for scope in ({}, {"received_by": "H02"}):
            found, after = [], None
            while page := await clerk.documents("quy hoach", after=after, limit=2, **scope):
                assert len(page) <= 2
                found += ids(page)
                after = page[-1].cursor
            assert found == wanted, (walked, scope)
        assert ids(await clerk.documents("quy hoach", sender="H41")) == ["VB-25", "VB-15", "VB-5"]
        assert await clerk.documents("quy tet") == []


async def test_a_word_longer_than_the_index_keeps(database: Database, clerk: ClerkQueries, monkeypatch) -> None:
    monkeypatch.setattr(word_search, "WALKED", 1)
    world = World()
    # Each of these signs is folded into three of three bytes: 4,500 bytes, which no index entry may have.
    world.document("long", {"H01": ()}, subject="각" * 500)
    world.document("other", {"H01": ()}, subject="각" * 400)
    # Longer than a word is looked for, and in a document that is short enough to be kept as it is.
    world.document("whole", {"H01": ()}, subject="a" * 300 + " cuối")
    world.document("whole too", {"H01": ()}, subject="a" * 301)
    await world.write(database)
    assert ids(await clerk.documents("각" * 500)) == ["long"]
    assert ids(await clerk.documents("a" * 300)) == ["whole"]
    assert ids(await clerk.documents("a" * 290 + "*")) == ["whole too", "whole"]
    assert await clerk.documents("a" * 299) == []
    assert ids(await clerk.documents("각" * 100 + "*")) == ["other", "long"]


async def test_by_number(database: Database, clerk: ClerkQueries) -> None:
    world = World()
    world.document("first", {"H01": ()}, number="12", notation="QĐ-UBND")
    world.document("second", {"H01": ()}, number="12", notation="CV-UBND", sender="G22")
    world.document("third", {"H01": ()}, number="120", notation="QĐ-UBND")
    await world.write(database)
    assert ids(await clerk.numbered("12")) == ["second", "first"]
    assert ids(await clerk.numbered("12/QĐ-UBND")) == ids(await clerk.numbered(" 12 / qd ")) == ["first"]
    assert ids(await clerk.numbered("12", sender="G22")) == ["second"]
    assert ids(await clerk.numbered("12", limit=1)) == ["second"]
    assert ids(await clerk.numbered("12", after=(await clerk.numbered("12", limit=1))[-1].cursor)) == ["first"]
    assert await clerk.numbered("12/%") == await clerk.numbered("12", limit=5)
    assert await clerk.numbered("") == []


async def test_sent_and_unfinished(database: Database, clerk: ClerkQueries) -> None:
    world = World()
    world.document("done", {"H01": (FINISHED,)}, finished=True)
    world.document(
        "open",
        {"H01": (), "H02": (ARRIVED, ACCEPTED), "H03": (ACCEPTED,), "H04": (REFUSED,), "H05": ()},
        states={"H05": "waiting"},
    )
    world.document("alone", {})
    world.document("theirs", {"H01": ()}, sender="G22")
    await world.write(database)
    found = await clerk.unfinished("H41")
    assert ids(found) == ["alone", "open"]
    assert [one.addressees for one in found] == [{}, {"02": 1, "03": 2, "dispatched": 1, "waiting": 1}]
    assert ids(await clerk.unfinished("H41", limit=1)) == ["alone"]
    assert ids(await clerk.unfinished("H41", after=found[0].document.cursor)) == ["open"]


async def test_received_and_unanswered(database: Database, clerk: ClerkQueries) -> None:
    world = World()
    for key in (
        world.document("new", {"H01": (), "H02": (ARRIVED,)}),
        world.document("asked back", {"H01": (ASKED,)}),
        world.document("told", {"H01": (ARRIVED, ACCEPTED)}),
        world.document("not there yet", {"H01": ()}, states={"H01": "waiting"}),
    ):
        world.deadline(key)
    await world.write(database)
    received = await clerk.received("H01")
    assert ids(received) == ["told", "asked back", "new"]
    assert [(one.status, one.recall) for one in received] == [(ACCEPTED, None), (None, ASKED), (None, None)]
    assert ids(await clerk.received("H01", after=received[0].document.cursor, limit=1)) == ["asked back"]
    assert ids(await clerk.unanswered("H01")) == ["asked back", "new"]
    assert await clerk.unanswered("H02") == []


async def test_overdue_until_it_is_done(database: Database, clerk: ClerkQueries) -> None:
    world = World()
    late = world.document("late", {"H01": (), "H02": (ARRIVED,), "H03": ()})
    for organ in ("H01", "H02", "H03"):
        world.miss(late, organ)
    world.miss(late, "H01", "reply", cause="hub-away")
    world.miss(late, "H02", "reply")
    answer = world.document("answer", {"H41": ()}, sender="H02")
    world.link(answer, "reply", late, "H41", "late")
    gone = world.document("gone", {"H01": ()}, states={"H01": "withdrawn"}, sender="G22")
    world.miss(gone, "H01", sender="G22")
    other = world.document("other", {"H01": ()}, sender="G22")
    due = world.miss(other, "H01", sender="G22")
    await world.write(database)
    found = await clerk.overdue()
    duties = [(one.document.document_id, one.organ_id, one.kind, one.attributable) for one in found]
    assert duties == [
        ("other", "H01", "receipt", True),
        ("late", "H01", "reply", False),
        ("late", "H03", "receipt", True),
        ("late", "H01", "receipt", True),
    ]
    assert (found[0].due_at, found[0].endpoint, found[0].status) == (due, "e-h01", None)
    assert ids(await clerk.overdue(sender="G22")) == ["other"]
    assert ids(await clerk.overdue(organ_id="H01")) == ["other", "late", "late"]
    assert ids(await clerk.overdue(organ_id="H01", sender="H41")) == ["late", "late"]
    pages: list[Overdue] = []
    after = None
    while page := await clerk.overdue(after=after, limit=1):
        pages += page
        after = page[-1].cursor
    assert pages == list(found)


async def test_refused_and_not_taken_since(database: Database, clerk: ClerkQueries) -> None:
    world = World()
    world.document("refused", {"H01": (REFUSED,), "H02": (ACCEPTED,)})
    world.document("taken after all", {"H01": (REFUSED, ACCEPTED)})
    theirs = world.document("theirs", {"H01": (REFUSED,)}, sender="G22")
    world.status(theirs, "H01", REFUSED, BEGIN + timedelta(days=1), "G22", applied=False)
    await world.write(database)
    found = await clerk.refused()
    assert ids(found) == ["theirs", "refused"]
    assert (found[0].organ_id, found[0].description) == ("H01", "nội dung 02")
    assert ids(await clerk.refused("H41")) == ["refused"]
    assert ids(await clerk.refused(after=found[0].cursor)) == ["refused"]


async def test_asked_back_and_not_answered(database: Database, clerk: ClerkQueries) -> None:
    world = World()
    world.document("asked", {"H01": (ACCEPTED, ASKED), "H02": (ASKED, AGREED)})
    world.document("unread", {"H01": (ASKED,)}, states={"H01": "withdrawn"})
    world.document("theirs", {"H03": (ASKED,)}, sender="G22")
    await world.write(database)
    found = await clerk.recalled()
    assert {(one.document.document_id, one.organ_id, one.status) for one in found} == {
        ("theirs", "H03", None),
        ("asked", "H01", ACCEPTED),
    }
    assert ids(await clerk.recalled(sender="G22")) == ["theirs"]
    assert ids(await clerk.recalled(organ_id="H01")) == ["asked"]
    assert ids(await clerk.recalled(after=found[0].cursor)) == ids(found[1:])
