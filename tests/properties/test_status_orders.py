"""Any order of arrival of the nine codes ends in the same state, and what is applied is what changes the state."""

from collections.abc import Iterable, Sequence
from itertools import combinations_with_replacement

import pytest

from docaxis.domain.status import (
    BUSINESS,
    RECALL,
    StatusCode,
    advance,
    bit,
    business,
    is_answered,
    is_finished,
    is_recall_asked,
    is_taken_back,
    mask_of,
    parse_status_code,
    recall,
)

CODES = tuple(StatusCode)
REPEATS_MAX = 5


def told(statuses: int) -> tuple[StatusCode | None, StatusCode | None]:
    """Return what people call the state: work, and taking back."""
    return business(statuses), recall(statuses)


def ends(codes: tuple[StatusCode, ...], statuses: int = 0) -> set[int]:
    """Return every end of every order of some codes; orders that begin alike share their beginning."""
    if not codes:
        return {statuses}
    found: set[int] = set()
    for code in set(codes):
        left = list(codes)
        left.remove(code)
        found |= ends(tuple(left), advance(statuses, code).statuses)
    return found


def test_all_orders_of_the_nine_codes_end_alike() -> None:
    assert ends(CODES) == {mask_of(CODES)}
    assert told(mask_of(CODES)) == (StatusCode.FINISHED, StatusCode.AGREED)


@pytest.mark.parametrize("length", range(1, REPEATS_MAX + 1))
def test_all_orders_of_any_codes_with_repeats_end_alike(length: int) -> None:
    for codes in combinations_with_replacement(CODES, length):
        assert ends(codes) == {mask_of(codes)}


def test_from_every_state_what_is_applied_changes_the_state_and_nothing_moves_it_back() -> None:
    for before in every_mask():
        for code in CODES:
            after, applied = advance(before, code)
            assert applied == (told(after) != told(before))
            if before & bit(code):
                assert (after, applied) == (before, False)
            for band, was, now in zip((BUSINESS, RECALL), told(before), told(after), strict=True):
                assert was is None or (now is not None and band.index(now) >= band.index(was))


def test_the_bands_do_not_touch_each_other() -> None:
    for statuses in every_mask():
        for code in CODES:
            after = advance(statuses, code).statuses
            if code in BUSINESS:
                assert recall(after) is recall(statuses)
            else:
                assert business(after) is business(statuses)


# The furthest of each band, in words of the standard and not of the code under test.
FURTHEST = [
    ((), None, None),
    ((1,), 1, None),
    ((2, 1), 2, None),
    ((2, 3), 3, None),
    ((6, 2), 6, None),
    ((5, 4, 1), 5, None),
    ((13,), None, 13),
    ((15, 13), None, 15),
    ((16, 15, 13), None, 15),
    ((13, 16), None, 16),
    ((3, 13), 3, 13),
]


@pytest.mark.parametrize(("codes", "work", "taking_back"), FURTHEST)
def test_the_furthest_code_is_the_status(codes: Sequence[int], work: int | None, taking_back: int | None) -> None:
    assert told(mask_of(map(StatusCode, codes))) == (work, taking_back)


@pytest.mark.parametrize(
    ("codes", "finished"),
    [((), False), ((1,), False), ((2,), True), ((2, 3), False), ((6,), True), ((6, 2), True), ((1, 5), False),
     ((13,), False), ((15,), False), ((13, 15), True), ((13, 16), False), ((13, 16, 15), True), ((3, 13, 15), True)],
)  # fmt: skip
def test_what_ends_an_addressees_part(codes: Sequence[int], finished: bool) -> None:
    assert is_finished(mask_of(map(StatusCode, codes))) is finished


def test_asked_answered_and_taken_back() -> None:
    assert is_recall_asked(bit(StatusCode.RECALL_ASKED))
    assert not is_recall_asked(mask_of([*BUSINESS, StatusCode.AGREED]))
    assert not is_taken_back(bit(StatusCode.AGREED))
    assert [code for code in CODES if is_answered(bit(code))] == list(BUSINESS)


def test_only_two_digits_of_the_table_are_a_code() -> None:
    assert {parse_status_code(code.written) for code in CODES} == set(CODES)
    for text in ("", "1", "3", "07", "14", "001", " 01", "01 ", "1a", "٠١", "-1"):
        assert parse_status_code(text) is None


def every_mask() -> Iterable[int]:
    """Return every set of codes as a mask."""
    for chosen in range(2 ** len(CODES)):
        yield mask_of(code for place, code in enumerate(CODES) if chosen >> place & 1)
