"""One addressee's copy as a row of times: which step was reached when, what is due, late, refused or taken back. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from docaxis.domain.deadline import Duty
from docaxis.domain.status import StatusCode
from docaxis.hub.views.timeline import DeliveryView, StatusView, Timeline
from docaxis.web.clerk.acts import is_given_back

Kind = Literal["done", "wait", "late", "refused", "held", "withdrawn", "unattributed", "none"]
Standing = Literal["refused", "late", "unattributed", "held", "waiting", "withdrawn", "expired", "accepted"]

TRANSPORT: Final = ("dispatched", "fetched")
HANDLING: Final = ("01", "03", "04", "05", "06")
_SHORT: Final = (("Ủy ban nhân dân", "UBND"), ("Hội đồng nhân dân", "HĐND"))
_REFUSED_AT: Final = 1
"""A refusal stands where acceptance would have stood."""
_TAKEN: Final = frozenset({StatusCode.ACCEPTED, StatusCode.ASSIGNED, StatusCode.PROCESSING, StatusCode.FINISHED})


class Cell(NamedTuple):
    """One step of one addressee; says is the form of words, at the time of the act, span how long late or left.

    columns: how many steps a sentence takes; note is a reason in somebody's own words.
    """

    step: str
    kind: Kind
    says: str
    at: datetime | None = None
    span: timedelta | None = None
    due_at: datetime | None = None
    columns: int = 1
    note: str = ""


_NOT_REACHED: Final = {step: Cell(step, "none", "not-reached") for step in (*TRANSPORT, *HANDLING)}


@dataclass(frozen=True, slots=True)
class Row:
    """An addressee's row; late_by is how long the oldest open duty is overdue; note is the reason of a refusal."""

    organ_id: str
    name: str
    endpoint: str
    standing: Standing
    is_accepted: bool
    cells: tuple[Cell, ...]
    recall: StatusCode | None = None
    late_by: timedelta | None = None
    note: str = ""

    @property
    def short(self) -> str:
        """Return the name as tables show it."""
        return short_name(self.name)


@dataclass(frozen=True, slots=True)
class _Debt:
    """A duty that is still to be done: how long is left, or by how long it is late; blamed: the hub has noted whose fault."""

    due_at: datetime
    left: timedelta
    late_by: timedelta | None
    blamed: bool


def short_name(name: str) -> str:
    """Return an agency's name with its kind written short, as in tables and headings."""
    for long, short in _SHORT:
        name = name.replace(long, short)
    return name


@dataclass(frozen=True, slots=True)
class Told:
    """What an addressee (or, for 13, the sender) has said of one copy: the first of each code."""

    at: Mapping[StatusCode, datetime]
    words: Mapping[StatusCode, str]


@dataclass(frozen=True, slots=True)
class Stand:
    """A copy and where it stands: all that is needed to count it and to find its place in the table."""

    copy: DeliveryView
    standing: Standing
    is_accepted: bool


class RowMaker:
    """Makes the rows of one document at one moment; dues are the deadlines that its addressees have."""

    def __init__(self, timeline: Timeline, dues: Mapping[Duty, datetime], now: datetime) -> None:
        self._document = timeline.document
        self._dues, self._now = dues, now
        self._statuses: defaultdict[str, list[StatusView]] = defaultdict(list)
        for one in timeline.statuses:
            self._statuses[one.organ_id].append(one)
        self._open = {(one.organ_id, one.kind): one for one in timeline.misses if one.done_at is None}
        self._replied = {one.sender for one in timeline.links if (one.direction, one.kind) == ("by", "reply")}

    def stand(self, copy: DeliveryView) -> Stand:
        """Return where one copy stands; of a letter to everybody only some copies are shown as rows."""
        late = _late(self._debt(copy, "receipt"), self._debt(copy, "reply"))
        return Stand(copy, _standing(copy, late), copy.status in _TAKEN and not is_given_back(copy))

    def row(self, copy: DeliveryView, name: str) -> Row:
        """Return the row of one copy."""
        told, stand = self._told(copy.organ_id), self.stand(copy)
        receipt, reply = self._debt(copy, "receipt"), self._debt(copy, "reply")
        late = _late(receipt, reply)
        return Row(
            organ_id=copy.organ_id,
            name=name,
            endpoint=copy.endpoint,
            standing=stand.standing,
            is_accepted=stand.is_accepted,
            cells=(*_transport(copy, receipt), *_handling(copy, told, receipt, reply)),
            recall=copy.recall,
            late_by=max((one.late_by for one in late if one.late_by), default=None),
            note=told.words.get(StatusCode.REFUSED, "") if copy.status is StatusCode.REFUSED else "",
        )

    def _told(self, organ_id: str) -> Told:
        times: dict[StatusCode, datetime] = {}
        words: dict[StatusCode, str] = {}
        for one in self._statuses.get(organ_id, ()):
            times.setdefault(one.code, one.accepted_at)
            if one.description:
                words.setdefault(one.code, one.description)
        return Told(times, words)

    def _debt(self, copy: DeliveryView, duty: Literal["receipt", "reply"]) -> _Debt | None:
        if self._document.state != "active" or copy.transport not in {"waiting", "dispatched", "fetched"}:
            return None
        if is_given_back(copy) or self._is_done(copy, duty):
            return None
        miss = self._open.get((copy.organ_id, duty))
        due_at = miss.due_at if miss else self._dues.get(duty)
        if due_at is None:
            return None
        late_by = self._now - due_at if miss or self._now > due_at else None
        return _Debt(due_at, due_at - self._now, late_by, blamed=miss is not None and miss.attributable)

    def _is_done(self, copy: DeliveryView, duty: str) -> bool:
        if duty == "receipt":
            return copy.status is not None
        return copy.organ_id in self._replied or copy.status in {StatusCode.REFUSED, StatusCode.FINISHED}


def _late(*debts: _Debt | None) -> list[_Debt]:
    return [one for one in debts if one is not None and one.late_by is not None]


def _standing(copy: DeliveryView, late: Sequence[_Debt]) -> Standing:
    if copy.transport in {"withdrawn", "withdrawing"} or is_given_back(copy):
        return "withdrawn"
    if copy.transport == "expired":
        return "expired"
    if copy.status is StatusCode.REFUSED:
        return "refused"
    if late:
        return "late" if any(one.blamed for one in late) else "unattributed"
    if copy.status in _TAKEN:
        return "accepted"
    return "held" if copy.transport == "waiting" else "waiting"


def _transport(copy: DeliveryView, receipt: _Debt | None) -> Iterator[Cell]:
    if copy.transport == "waiting":
        yield Cell("dispatched", "held", "line")
        yield _NOT_REACHED["fetched"]
        return
    never_left = copy.transport == "withdrawn" and copy.dispatched_at is None and copy.ended_at == copy.recall_asked_at
    if never_left:
        yield _NOT_REACHED["dispatched"]
    else:
        yield Cell("dispatched", "done", "time", copy.dispatched_at)
    if copy.transport == "fetched":
        yield Cell("fetched", "done", "time", copy.fetched_at)
    elif copy.transport == "dispatched":
        late = receipt is not None and receipt.late_by is not None
        yield Cell("fetched", _late_kind(receipt) if late else "wait", "not-fetched")
    elif copy.transport == "expired":
        yield Cell("fetched", "held", "expired")
    else:
        yield Cell("fetched", "withdrawn", copy.transport, copy.ended_at or copy.recall_asked_at)


def _handling(copy: DeliveryView, told: Told, receipt: _Debt | None, reply: _Debt | None) -> Iterator[Cell]:
    reached = _reached(copy.status)
    for number, step in enumerate(HANDLING[:reached]):
        yield _reached_cell(step, number, copy, told)
    rest = HANDLING[reached:]
    if not rest:
        return
    if ending := _ending(copy, told, receipt):
        says, kind, at, note = ending
        yield Cell(rest[0], kind, says, at, columns=len(rest), note=note)
        return
    for step in rest:
        if step == "01":
            yield _owed(step, receipt)
        elif step == "06" and reply is not None:
            yield _owed(step, reply)
        elif step == "03" and reached == 1:
            # It has arrived; that somebody accepts it is the next thing, for which the law knows no time of its own.
            yield Cell(step, "wait", "wait")
        else:
            yield _NOT_REACHED[step]


def _reached(status: StatusCode | None) -> int:
    """Return how many steps of handling stand behind a copy; a refusal takes the place of acceptance."""
    if status is None:
        return 0
    if status is StatusCode.REFUSED:
        return _REFUSED_AT + 1
    return HANDLING.index(status.written) + 1


def _reached_cell(step: str, number: int, copy: DeliveryView, told: Told) -> Cell:
    if number == _REFUSED_AT and copy.status is StatusCode.REFUSED:
        return Cell(
            step, "refused", "refused", told.at.get(StatusCode.REFUSED), note=told.words.get(StatusCode.REFUSED, "")
        )
    at = told.at.get(StatusCode(int(step)))
    # Steps may be left out: who reports 06 right after 01 has not said when 03 was.
    return Cell(step, "done", "time", at) if at else Cell(step, "none", "skipped")


def _ending(copy: DeliveryView, told: Told, receipt: _Debt | None) -> tuple[str, Kind, datetime | None, str] | None:
    """Return the sentence that takes the rest of a row: its form of words, kind, time and reason."""
    asked = copy.recall_asked_at
    why = told.words.get(StatusCode.RECALL_ASKED, "")
    found: tuple[str, Kind, datetime | None, str] | None = None
    if copy.transport == "withdrawn":
        found = ("withdrawn-unread", "none", copy.ended_at or asked, why)
    elif copy.transport == "withdrawing":
        found = ("asked-unread", "none", asked, why)
    elif copy.transport == "expired":
        found = ("expired-unread", "none", None, "")
    elif copy.transport == "waiting" and (receipt is None or receipt.late_by is None):
        found = ("inbox-full", "none", None, "")
    elif copy.status is StatusCode.REFUSED:
        found = ("reason", "none", None, "")
    elif is_given_back(copy):
        found = ("given-back", "withdrawn", told.at.get(StatusCode.AGREED), why)
    elif copy.recall is StatusCode.RECALL_ASKED:
        found = ("asked", "wait", asked, why)
    return found


def _owed(step: str, debt: _Debt | None) -> Cell:
    if debt is None:
        return _NOT_REACHED[step]
    if debt.late_by is None:
        return Cell(step, "wait", "left", span=debt.left, due_at=debt.due_at)
    kind = _late_kind(debt)
    return Cell(step, kind, "over" if kind == "late" else "unattributed", span=debt.late_by, due_at=debt.due_at)


def _late_kind(debt: _Debt | None) -> Kind:
    return "late" if debt is not None and debt.blamed else "unattributed"
