"""One addressee's copy as stops in two bands: transport, signed by the hub, and handling, signed by the addressee. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from docaxis.domain.status import RECALL, StatusCode
from docaxis.hub.views.documents import EventView
from docaxis.hub.views.timeline import DeliveryView, StatusView, Timeline
from docaxis.web.clerk.matrix_rows import HANDLING, Row

Band = Literal["transport", "business"]
StopKind = Literal["done", "refused", "late", "withdrawn", "unattributed", "held", "due"]

REMINDED: Final = "person:reminded"
"""The act of a clerk who reminds addressees of a document."""
_LAST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stop:
    """An act on the way of a copy; name is the step, who an agency's code or an endpoint, quote somebody's own words.

    at is None for what is still to come; due_at is then until when. event is the act in the log, None where there is none
    of its own. span: by how long a duty was missed, up to the moment when it was done, or now.
    """

    band: Band
    kind: StopKind
    name: str
    at: datetime | None = None
    who: str = ""
    quote: str = ""
    due_at: datetime | None = None
    span: timedelta | None = None
    event: EventView | None = None
    digest: str = ""
    count: int = 0
    recorded_only: bool = False

    @property
    def anchor(self) -> str:
        """Return the name by which a cell of the matrix leads here."""
        return f"step-{self.name}"


def stops(timeline: Timeline, copy: DeliveryView, row: Row, now: datetime) -> tuple[Stop, ...]:
    """Return the stops of one copy in order of time, then what is still to come; row is the same copy's in the matrix."""
    found = [
        *_arrival(timeline),
        *_way(timeline, copy),
        *_hub_words(timeline, copy, now),
        *_told(timeline, copy),
    ]
    found.sort(key=lambda stop: stop.at or _LAST)
    return (*_once(found), *_to_come(row))


def reminders(events: Iterable[EventView], organ_id: str) -> Iterator[EventView]:
    """Yield the acts by which an addressee was reminded by the document's sender, oldest first."""
    for event in events:
        if event.kind == REMINDED and any(one[:1] == [organ_id] for one in _listed(event, "addressees")):
            yield event


def reminded_since(events: Iterable[EventView], since: datetime) -> frozenset[str]:
    """Return the addressees whom the document's sender has reminded after a moment."""
    lately = [event for event in events if event.kind == REMINDED and event.at > since]
    return frozenset(str(one[0]) for event in lately for one in _listed(event, "addressees") if one)


def _arrival(timeline: Timeline) -> Iterator[Stop]:
    document = timeline.document
    accepted = next((one for one in timeline.events if one.kind == "document:accepted"), None)
    own = next((one for one in timeline.submissions if one.submission_id == document.document_key), None)
    if own is not None:
        yield Stop("transport", "done", "submitted", own.received_at, document.endpoint, event=accepted)
    count = len(timeline.deliveries)
    yield Stop("transport", "done", "accepted", document.accepted_at, event=accepted, count=count)


def _way(timeline: Timeline, copy: DeliveryView) -> Iterator[Stop]:
    if copy.transport == "waiting":
        yield Stop("transport", "held", "waiting", who=copy.endpoint)
        return
    if copy.dispatched_at is not None:
        event = next((e for e in timeline.events if e.kind == "copies:dispatched" and e.at == copy.dispatched_at), None)
        yield Stop("transport", "done", "dispatched", copy.dispatched_at, copy.endpoint, event=event)
    if copy.fetched_at is not None:
        yield Stop(
            "transport", "done", "fetched", copy.fetched_at, copy.endpoint, event=_fetching(timeline.events, copy)
        )
    if copy.transport == "withdrawn":
        event = next(
            (e for e in timeline.events if e.kind == "copies:withdrawn" and _names(e, "withdrawn", copy)), None
        )
        yield Stop("transport", "withdrawn", "withdrawn", copy.ended_at, copy.endpoint, event=event)
    elif copy.transport == "expired":
        event = next((e for e in timeline.events if e.kind == "document:expired"), None)
        yield Stop("transport", "held", "expired", event.at if event else None, copy.endpoint, event=event)


def _hub_words(timeline: Timeline, copy: DeliveryView, now: datetime) -> Iterator[Stop]:
    missed = {_duty(e): e for e in timeline.events if e.kind == "deadline:missed" and _names(e, "addressees", copy)}
    for miss in timeline.misses:
        if miss.organ_id == copy.organ_id:
            kind: StopKind = "late" if miss.attributable else "unattributed"
            span = (miss.done_at or now) - miss.due_at
            event = missed.get(miss.kind)
            name = f"missed-{miss.kind}"
            yield Stop("transport", kind, name, miss.noticed_at, miss.cause, "", miss.due_at, span, event)
    for event in timeline.events:
        if event.kind == "deadline:reminded" and _names(event, "addressees", copy):
            yield Stop("transport", "done", "hub-reminded", event.at, event=event)
    for event in reminders(timeline.events, copy.organ_id):
        yield Stop("transport", "done", "reminded", event.at, timeline.document.sender, event=event)


def _told(timeline: Timeline, copy: DeliveryView) -> Iterator[Stop]:
    acts = [one for one in timeline.events if one.kind in {"status:accepted", "recall:accepted"}]
    for one in timeline.statuses:
        if one.organ_id == copy.organ_id:
            yield Stop(
                "business",
                _kind_of(one, copy),
                one.code.written,
                one.accepted_at,
                one.author,
                one.description,
                event=_act_of(acts, one),
                digest=one.digest,
                recorded_only=not one.applied,
            )
    for tie in timeline.links:
        if (tie.direction, tie.kind, tie.sender) == ("by", "reply", copy.organ_id):
            yield Stop("business", "done", "reply", tie.at, tie.sender, tie.document_id)


def _kind_of(status: StatusView, copy: DeliveryView) -> StopKind:
    if status.code is StatusCode.REFUSED:
        # Who has accepted after all has not refused any more.
        return "refused" if copy.status is StatusCode.REFUSED else "done"
    return "withdrawn" if status.code in RECALL else "done"


def _act_of(acts: Sequence[EventView], status: StatusView) -> EventView | None:
    return next((e for e in acts if e.at == status.accepted_at and e.body.get("package") == status.digest), None)


def _to_come(row: Row) -> Iterator[Stop]:
    for cell in row.cells:
        if cell.step in HANDLING and cell.kind in {"wait", "late", "unattributed"} and cell.says != "asked":
            kind: StopKind = "due" if cell.kind == "wait" else "late" if cell.kind == "late" else "unattributed"
            yield Stop("business", kind, f"due-{cell.step}", due_at=cell.due_at, who=row.organ_id, span=cell.span)


def _once(found: Sequence[Stop]) -> Iterator[Stop]:
    """Leave out what was recorded twice at the same moment: a repeat tells nobody anything."""
    seen: set[tuple[str, datetime | None]] = set()
    for stop in found:
        if (stop.name, stop.at) not in seen:
            seen.add((stop.name, stop.at))
            yield stop


def _fetching(events: Iterable[EventView], copy: DeliveryView) -> EventView | None:
    for event in events:
        if event.kind == "copies:fetched":
            for one in _listed(event, "fetched"):
                match one:
                    case [copy.endpoint, copy.lane, int(first), int(last)] if first <= copy.sequence <= last:
                        return event
    return None


def _names(event: EventView, listed: str, copy: DeliveryView) -> bool:
    return any(one[:1] == [copy.organ_id] for one in _listed(event, listed))


def _duty(event: EventView) -> str:
    return str(event.body.get("kind", ""))


def _listed(event: EventView, name: str) -> Iterator[list[Any]]:
    listed = event.body.get(name, ())
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, list):
            yield one
