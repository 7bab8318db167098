import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.durable import append_line
from adapters.journal import MEMORY, Journal, Outgoing, Withdrawn, Written


@pytest.fixture(params=["file", MEMORY])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    return Journal(MEMORY if request.param == MEMORY else tmp_path / "state/journal.sqlite3")


def test_written_deliveries_fulfil_their_intents(journal: Journal):
    journal.put_intent("a")
    assert journal.intended("a")
    one = Written("a", "urgent", 4, "sha256:00")
    journal.put_written([one, one])
    assert not journal.intended("a")
    assert journal.written(["a", "b"]) == {"a": one}


def test_the_first_record_of_a_delivery_stands(journal: Journal):
    journal.put_written([Written("a", "urgent", 4, "d")])
    journal.put_written([Written("a", "normal", 9, "e")])
    assert journal.written(["a"])["a"].sequence == 4


def test_receipts_are_numbered_and_repeats_change_nothing(journal: Journal):
    rows = [("m1", "d", "deferred", b"1"), ("m1", "d", "accepted", b"2"), ("m2", "d", "accepted", b"2")]
    journal.put_receipts(rows)
    journal.put_receipts(rows)
    assert [one.outcome for one in journal.receipts_of("m1")] == ["deferred", "accepted"]
    assert [one.number for one in journal.receipts_after(0)] == [1, 2, 3]
    assert journal.last_receipt_number() == 3
    assert journal.receipts_after(3) == []


def test_notices_and_what_was_set_aside_count_once(journal: Journal):
    assert journal.put_notice("n", b"x")
    assert not journal.put_notice("n", b"x")
    assert not journal.set_aside("d")
    journal.put_set_aside("d")
    journal.put_set_aside("d")
    assert journal.set_aside("d")


def test_what_was_taken_back_owes_nothing_any_more(journal: Journal):
    status = Outgoing("01-a", "a", "H01", b"<x/>")
    journal.put_intent("a", [status])
    copies = [Withdrawn("a", "normal", 7), Withdrawn("b", "urgent", 1)]
    journal.put_withdrawn(copies)
    journal.put_withdrawn([Withdrawn("a", "urgent", 9)])
    assert journal.withdrawn(["a", "b", "c"]) == {"a": copies[0], "b": copies[1]}
    assert not journal.intended("a")
    journal.put_written([Written("a", "normal", 7, "d")])
    assert journal.outgoing() == []


def test_a_status_is_owed_once_its_delivery_is_written_until_it_is_answered(journal: Journal):
    statuses = [Outgoing(f"01-a-{organ}", "a", organ, b"<x/>") for organ in ("H01", "H02")]
    journal.put_intent("a", statuses)
    journal.put_intent("a", [Outgoing("01-a-H01", "a", "H01", b"<other/>")])
    assert journal.outgoing() == []
    journal.put_written([Written("a", "normal", 1, "d")])
    assert sorted(journal.outgoing(), key=lambda one: one.message_id) == statuses
    journal.put_outcome("01-a-H01", "accepted")
    assert journal.outgoing() == statuses[1:]


def test_what_was_heard_is_remembered(journal: Journal):
    journal.put_heard(["package 1", "report 1"])
    journal.put_heard(["package 1"])
    assert [journal.heard(one) for one in ("package 1", "report 1", "notice 1")] == [True, True, False]
    journal.forget(datetime.now(UTC) + timedelta(seconds=1))
    assert not journal.heard("package 1")


def test_a_line_is_appended_once_when_that_is_wanted(tmp_path: Path):
    file = tmp_path / "lines.txt"
    for line, once in (("một\n", True), ("hai\n", True), ("một\n", True), ("hai\n", False)):
        append_line(file, line, once=once)
    assert file.read_text() == "một\nhai\nhai\n"


def test_what_is_older_than_wanted_is_forgotten(journal: Journal):
    journal.put_written([Written("a", "normal", 1, "d")])
    journal.put_receipts([("m", "d", "accepted", b"1")])
    journal.put_notice("n", b"x")
    journal.put_set_aside("d")
    journal.put_intent("b")
    journal.forget(datetime.now(UTC) - timedelta(days=1))
    assert journal.written(["a"])
    assert journal.receipts_of("m")
    journal.forget(datetime.now(UTC) + timedelta(seconds=1))
    assert not journal.written(["a"])
    assert not journal.receipts_of("m")
    assert journal.put_notice("n", b"x")
    assert not journal.set_aside("d")
    assert journal.intended("b")
    # Numbers go on, or a reader who stopped at 1 would miss it.
    journal.put_receipts([("m", "d", "accepted", b"1")])
    assert [one.number for one in journal.receipts_after(1)] == [2]


def test_a_file_is_remembered_and_a_failed_commit_leaves_it_usable(tmp_path: Path):
    file = tmp_path / "j.sqlite3"
    journal = Journal(file)
    journal.put_written([Written("a", "normal", 1, "d")])
    with pytest.raises(sqlite3.Error):
        journal.put_written([Written("b", "normal", None, "d")])  # type: ignore[arg-type]
    journal.close()
    assert set(Journal(file).written(["a", "b"])) == {"a"}
