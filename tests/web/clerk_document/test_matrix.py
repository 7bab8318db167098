"""Every state of the matrix: what a cell is and says, how rows are grouped, ordered, folded and found."""

from datetime import date, datetime, timedelta

import pytest

from docaxis.backends.directory_files import shipped
from docaxis.domain.deadline import Duty
from docaxis.domain.directory import Directory
from docaxis.domain.status import StatusCode
from docaxis.web.clerk.matrix import ROWS_MAX, UNFOLDED, Matrix, Wanted, matrix
from docaxis.web.clerk.matrix_rows import Row
from tests.web.clerk_document.story import ACCEPTED_AT, DUE_AT, LATER, NOW, Story

ARRIVED, REFUSED, ACCEPTED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED
ASSIGNED, PROCESSING, FINISHED = StatusCode.ASSIGNED, StatusCode.PROCESSING, StatusCode.FINISHED
ASKED, AGREED, DECLINED = StatusCode.RECALL_ASKED, StatusCode.AGREED, StatusCode.DECLINED
OVER = timedelta(hours=4, minutes=32)
LEFT = timedelta(hours=2, minutes=28)
IN_TIME: dict[Duty, datetime] = {"receipt": LATER}
PAST: dict[Duty, datetime] = {"receipt": DUE_AT}


@pytest.fixture(scope="session")
def directory() -> Directory:
    return shipped()[0]


def made(directory: Directory, story: Story, dues: dict[Duty, datetime] = PAST, wanted: Wanted | None = None) -> Matrix:
    return matrix(story.timeline(), directory, NOW, dues, wanted or Wanted())


def only(directory: Directory, story: Story, dues: dict[Duty, datetime] = PAST) -> Row:
    (group,) = made(directory, story, dues).groups
    (row,) = group.rows
    return row


def said(row: Row) -> list[tuple[str, str, str, int]]:
    return [(cell.step, cell.kind, cell.says, cell.columns) for cell in row.cells]


def test_all_steps_done(directory: Directory) -> None:
    row = only(directory, Story().to("H21", ARRIVED, ACCEPTED, ASSIGNED, PROCESSING, FINISHED))
    assert [(cell.kind, cell.says) for cell in row.cells] == [("done", "time")] * 7
    assert [cell.at for cell in row.cells][:3] == [ACCEPTED_AT + timedelta(minutes=n) for n in (1, 5, 10)]
    assert (row.standing, row.is_accepted, row.late_by) == ("accepted", True, None)


def test_in_time_says_how_long_is_left(directory: Directory) -> None:
    row = only(directory, Story().to("H21", transport="dispatched"), IN_TIME)
    assert said(row)[:3] == [
        ("dispatched", "done", "time", 1),
        ("fetched", "wait", "not-fetched", 1),
        ("01", "wait", "left", 1),
    ]
    assert (row.cells[2].span, row.cells[2].due_at, row.standing) == (LEFT, LATER, "waiting")
    assert {cell.says for cell in row.cells[3:]} == {"not-reached"}


def test_arrived_waits_for_acceptance_without_a_due_time(directory: Directory) -> None:
    row = only(directory, Story().to("H21", ARRIVED))
    assert said(row)[2:4] == [("01", "done", "time", 1), ("03", "wait", "wait", 1)]
    assert (row.cells[3].due_at, row.standing) == (None, "waiting")


def test_overdue_once_the_hub_has_noted_whose_fault_it_is(directory: Directory) -> None:
    row = only(directory, Story().to("H15").missed("H15"))
    assert said(row)[2] == ("01", "late", "over", 1)
    assert (row.cells[2].span, row.cells[2].due_at) == (OVER, DUE_AT)
    assert (row.standing, row.late_by) == ("late", OVER)


def test_overdue_and_not_fetched_is_late_in_both_bands(directory: Directory) -> None:
    row = only(directory, Story().to("H15", transport="dispatched").missed("H15"))
    assert said(row)[1:3] == [("fetched", "late", "not-fetched", 1), ("01", "late", "over", 1)]


@pytest.mark.parametrize("noted", [True, False])
def test_late_without_a_known_fault_is_not_attributable(directory: Directory, noted: bool) -> None:
    story = Story().to("H15")
    row = only(directory, story.missed("H15", attributable=False) if noted else story)
    assert (said(row)[2], row.standing) == (("01", "unattributed", "unattributed", 1), "unattributed")
    assert row.late_by == OVER


def test_a_miss_that_was_made_good_is_no_debt(directory: Directory) -> None:
    row = only(directory, Story().to("H15", ARRIVED).missed("H15", done=True))
    assert (row.standing, row.late_by) == ("waiting", None)


def test_refusal_takes_the_place_of_acceptance_with_its_reason(directory: Directory) -> None:
    row = only(directory, Story().to("H21", ARRIVED, REFUSED, words="Thiếu Phụ lục II"))
    assert said(row)[2:] == [("01", "done", "time", 1), ("03", "refused", "refused", 1), ("04", "none", "reason", 3)]
    assert (row.cells[3].note, row.note, row.standing, row.is_accepted) == (
        "Thiếu Phụ lục II", "Thiếu Phụ lục II", "refused", False,
    )  # fmt: skip


def test_who_accepts_after_a_refusal_has_accepted(directory: Directory) -> None:
    row = only(directory, Story().to("H21", REFUSED, ACCEPTED, words="nhầm"))
    assert (row.standing, row.note, said(row)[2]) == ("accepted", "", ("01", "none", "skipped", 1))


def test_steps_that_were_left_out_are_not_taken_for_done(directory: Directory) -> None:
    row = only(directory, Story().to("H21", ARRIVED, FINISHED))
    assert [cell.says for cell in row.cells[2:]] == ["time", "skipped", "skipped", "skipped", "time"]


def test_waiting_for_the_line_takes_the_handling_columns(directory: Directory) -> None:
    row = only(directory, Story().to("H15", transport="waiting"), IN_TIME)
    assert said(row) == [
        ("dispatched", "held", "line", 1),
        ("fetched", "none", "not-reached", 1),
        ("01", "none", "inbox-full", 5),
    ]
    assert row.standing == "held"


def test_waiting_for_the_line_and_overdue_shows_the_debt(directory: Directory) -> None:
    row = only(directory, Story().to("H15", transport="waiting").missed("H15"))
    assert (said(row)[2], row.standing) == (("01", "late", "over", 1), "late")


def test_withdrawn_unread_takes_the_handling_columns_with_its_reason(directory: Directory) -> None:
    row = only(directory, Story().to("H50", ASKED, transport="withdrawn", words="Gửi nhầm phường."))
    assert said(row)[1:] == [("fetched", "withdrawn", "withdrawn", 1), ("01", "none", "withdrawn-unread", 5)]
    assert (row.cells[2].note, row.cells[2].at, row.standing) == (
        "Gửi nhầm phường.", ACCEPTED_AT + timedelta(minutes=12), "withdrawn",
    )  # fmt: skip


def test_withdrawing_and_expired(directory: Directory) -> None:
    row = only(directory, Story().to("H50", ASKED, transport="withdrawing"))
    assert (said(row)[1:], row.standing) == (
        [("fetched", "withdrawn", "withdrawing", 1), ("01", "none", "asked-unread", 5)], "withdrawn",
    )  # fmt: skip
    row = only(directory, Story(state="expired").to("H50", transport="expired"))
    assert (said(row)[1:], row.standing) == (
        [("fetched", "held", "expired", 1), ("01", "none", "expired-unread", 5)], "expired",
    )  # fmt: skip


def test_asked_back_after_it_was_fetched(directory: Directory) -> None:
    row = only(directory, Story().to("H21", ARRIVED, ACCEPTED, ASKED))
    assert said(row)[4:] == [("04", "wait", "asked", 3)]
    row = only(directory, Story().to("H21", ARRIVED, ASKED, AGREED))
    assert (said(row)[3:], row.standing, row.is_accepted) == (
        [("03", "withdrawn", "given-back", 4)],
        "withdrawn",
        False,
    )
    row = only(directory, Story().to("H21", ARRIVED, ACCEPTED, ASKED, DECLINED))
    assert (row.standing, row.recall) == ("accepted", DECLINED)


def test_the_reply_is_due_under_the_last_step(directory: Directory) -> None:
    dues: dict[Duty, datetime] = {"receipt": DUE_AT, "reply": LATER}
    story = Story(due_on=date(2026, 11, 20)).to("H21", ARRIVED, ACCEPTED)
    row = only(directory, story, dues)
    assert (said(row)[6], row.cells[6].span) == (("06", "wait", "left", 1), LEFT)
    assert made(directory, story, dues).dues == {"01": DUE_AT, "06": LATER}
    row = only(directory, Story().to("H21", ARRIVED, ACCEPTED).missed("H21", kind="reply"), dues)
    assert (said(row)[6], row.standing, row.is_accepted) == (("06", "late", "over", 1), "late", True)


def test_nobody_is_late_with_a_document_that_is_no_longer_in_force(directory: Directory) -> None:
    row = only(directory, Story(state="recalled").to("H21").missed("H21"))
    assert (row.standing, said(row)[2]) == ("waiting", ("01", "none", "not-reached", 1))


def test_groups_by_level_with_what_needs_attention_first(directory: Directory) -> None:
    story = Story().to("G22", ARRIVED, ACCEPTED).to("H21", ARRIVED, REFUSED).to("H15").missed("H15").to("H50", ARRIVED)
    story.to("H17", ARRIVED, ACCEPTED)
    table = made(directory, story)
    assert [group.level.name for group in table.groups] == ["central", "provincial"]
    provincial = table.groups[1]
    assert [row.organ_id for row in provincial.rows] == ["H21", "H15", "H50", "H17"]
    assert (provincial.addressees, provincial.accepted, dict(provincial.counts)) == (
        4, 1, {"refused": 1, "late": 1, "waiting": 1, "accepted": 1},
    )  # fmt: skip
    assert (table.addressees, table.accepted, table.late) == (5, 2, ("H15",))
    assert [row.organ_id for row in table.attention] == ["H21", "H15"]


def test_an_agency_that_the_directory_does_not_know_has_a_group_of_its_own(directory: Directory) -> None:
    table = made(directory, Story().to("H21", ARRIVED).to("X99", ARRIVED))
    assert [group.level.name for group in table.groups] == ["provincial", ""]
    assert table.groups[1].rows[0].name == "X99"


def test_the_accepted_rest_is_folded_until_it_is_asked_for(directory: Directory) -> None:
    codes = [agency.organ_id for agency in directory.of_level("provincial")][: UNFOLDED + 6]
    story = Story()
    for code in codes[:-1]:
        story.to(code, ARRIVED, ACCEPTED)
    story.to(codes[-1], ARRIVED, REFUSED)
    (group,) = made(directory, story).groups
    assert (len(group.rows), group.folded, group.is_unfolded) == (UNFOLDED + 1, 5, False)
    (group,) = made(directory, story, wanted=Wanted(unfolded=frozenset({"provincial"}))).groups
    assert (len(group.rows), group.folded, group.is_unfolded) == (len(codes), 0, True)


def test_one_row_alone_is_not_folded(directory: Directory) -> None:
    story = Story()
    for agency in directory.of_level("provincial")[: UNFOLDED + 1]:
        story.to(agency.organ_id, ARRIVED, ACCEPTED)
    (group,) = made(directory, story).groups
    assert (len(group.rows), group.folded) == (UNFOLDED + 1, 0)


def test_figures_filter_and_words_find_without_marks(directory: Directory) -> None:
    story = Story().to("G22", ARRIVED, ACCEPTED).to("H21", ARRIVED, REFUSED).to("H15", transport="waiting")

    def found(wanted: Wanted) -> list[str]:
        return [row.organ_id for group in made(directory, story, IN_TIME, wanted).groups for row in group.rows]

    assert found(Wanted("refused")) == ["H21"]
    assert found(Wanted("waiting")) == ["H15"]
    assert found(Wanted("accepted")) == ["G22"]
    assert found(Wanted(words="van phong chinh phu")) == ["G22"]
    assert found(Wanted(words="h15")) == ["H15"]
    assert found(Wanted(words="không có ai")) == []


def test_a_letter_to_thousands_is_cut_and_says_how_many_are_left(directory: Directory) -> None:
    story = Story()
    for number in range(ROWS_MAX + 30):
        story.to(f"X{number:04d}", ARRIVED)
    (group,) = made(directory, story).groups
    assert (len(group.rows), group.left) == (ROWS_MAX, 30)
    (group,) = made(directory, story, wanted=Wanted(rows_max=10_000)).groups
    assert (len(group.rows), group.left) == (ROWS_MAX + 30, 0)
