"""Who has missed a deadline, and why: pure, from what the hub knows of a document at the moment it looks."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from docaxis.domain.deadline import Duty
from docaxis.domain.report import Cause
from docaxis.domain.status import is_answered, is_finished, is_recall_asked, is_taken_back

Interval = tuple[datetime, datetime]


class Copy(NamedTuple):
    """One addressee's copy: waiting, dispatched, fetched, withdrawn or expired, the statuses seen, whether a reply came."""

    organ_id: str
    endpoint: str
    state: str
    statuses: int
    replied: bool = False


class Late(NamedTuple):
    """An addressee that has missed a duty."""

    organ_id: str
    endpoint: str
    state: str
    cause: Cause
    attributable: bool


UNREAD = frozenset({"waiting", "dispatched"})
"""States in which the copy has not reached its addressee, and still may."""


def late(duty: Duty, copies: Iterable[Copy], *, hub_away: bool) -> tuple[Late, ...]:
    """Return the addressees that have not done their duty; what nobody expects of them any more is no miss."""
    return tuple(
        Late(copy.organ_id, copy.endpoint, copy.state, _cause(copy, hub_away=hub_away), not hub_away)
        for copy in copies
        if _is_expected(copy) and not _is_met(duty, copy)
    )


def ended(copies: Iterable[Copy]) -> tuple[Copy, ...]:
    """Return the copies that the end of the document's validity finds unread."""
    return tuple(copy for copy in copies if copy.state in UNREAD)


def away_share(start_at: datetime, due_at: datetime, present: Sequence[Interval]) -> float:
    """Return which part of the time from start to due (0 to 1) no interval covers; intervals may overlap."""
    window = due_at - start_at
    if window <= timedelta(0):
        return 0.0
    covered, reached = timedelta(0), start_at
    for since, until in sorted(present):
        first, last = max(since, reached), min(until, due_at)
        if last > first:
            covered += last - first
            reached = last
    return 1.0 - covered / window


def _is_expected(copy: Copy) -> bool:
    if copy.state not in {*UNREAD, "fetched"} or is_taken_back(copy.statuses):
        return False
    # Asked for back and not read yet: the sender expects no answer, and the addressee may be about to give it back.
    return not (copy.state in UNREAD and is_recall_asked(copy.statuses))


def _is_met(duty: Duty, copy: Copy) -> bool:
    if duty == "receipt":
        return is_answered(copy.statuses)
    return copy.replied or is_finished(copy.statuses)


def _cause(copy: Copy, *, hub_away: bool) -> Cause:
    if hub_away:
        return "hub-away"
    return "endpoint-away" if copy.state in UNREAD else "addressee"
