"""A document's timeline on the terminal: the bands of each addressee, what was reported, ties, and every act in order."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from docaxis.cli import words
from docaxis.cli.output import print_facts, print_line, print_table
from docaxis.cli.words import Language, say, word
from docaxis.domain.calendar import VIETNAM
from docaxis.domain.status import NAMES, StatusCode

if TYPE_CHECKING:
    from docaxis.hub.views.documents import DocumentView, SubmissionView
    from docaxis.hub.views.timeline import DeliveryView, LinkView, Timeline


def print_timeline(timeline: "Timeline", spoken: Language, now: datetime) -> None:
    """Print all of it."""
    _print_document(timeline, spoken)
    print_line("")
    _print_addressees(timeline, spoken, now)
    if any(one.recall_asked_at for one in timeline.deliveries):
        had = [one.organ_id for one in timeline.deliveries if one.had_it]
        print_line(f"{say(words.HAD_IT, spoken)}: {', '.join(had) or say(words.NOBODY, spoken)}")
    if timeline.statuses:
        print_line("")
        _print_statuses(timeline, spoken)
    if timeline.reports:
        print_line("")
        rows = ((moment(one.at), word(words.REPORTS, one.kind, spoken)) for one in timeline.reports)
        print_table(headings(spoken, "time", "report"), rows)
    print_line("")
    acts = ((moment(one.at), one.kind, "" if one.leaf_index is None else one.leaf_index) for one in timeline.events)
    print_table(headings(spoken, "time", "act", "entry"), acts)
    others = [one for one in timeline.submissions if one.submission_id != timeline.document.document_key]
    if others:
        print_line("")
        print_submissions(others, spoken)


def print_submissions(submissions: "Sequence[SubmissionView]", spoken: Language) -> None:
    """Print arrivals that named a document, refused ones included."""
    rows = ((moment(s.received_at), s.endpoint, s.outcome, s.code, s.detail, s.place) for s in submissions)
    print_table(headings(spoken, "received", "endpoint", "outcome", "code", "facts", "place"), rows)


def headings(spoken: Language, *names: str) -> list[str]:
    """Return the headings of a table."""
    return [word(words.LABELS, name, spoken) for name in names]


def moment(at: datetime | None) -> str:
    """Show a time as people here read it: local time with its offset."""
    return at.astimezone(VIETNAM).isoformat(sep=" ", timespec="seconds") if at else ""


def named(code: StatusCode | None, spoken: Language) -> str:
    """Show a status as its two digits and its name."""
    return f"{code.written} {say(NAMES[code], spoken)}" if code else ""


def number_of(document: "DocumentView") -> str:
    """Show number and notation as they are written on paper."""
    return "/".join(part for part in (document.code_number, document.code_notation) if part)


def _print_document(timeline: "Timeline", spoken: Language) -> None:
    document = timeline.document
    own = next((one for one in timeline.submissions if one.submission_id == document.document_key), None)
    facts: list[tuple[str, object]] = [
        ("document", document.document_id),
        ("sender", document.sender),
        ("number", number_of(document)),
        ("subject", document.subject),
        ("submitted", moment(own.received_at) if own else ""),
        ("accepted", moment(document.accepted_at)),
        ("finished", moment(document.finished_at)),
        ("state", word(words.DOCUMENT_STATES, document.state, spoken)),
        ("lane", document.lane),
        ("package", f"{document.digest} ({document.size_bytes} bytes)"),
        ("signer", document.signer),
    ]
    print_facts([(say(words.LABELS[name], spoken), value) for name, value in facts])
    for tie in timeline.links:
        print_line(_tie(tie, spoken))


def _tie(tie: "LinkView", spoken: Language) -> str:
    return f"{say(words.TIES[tie.direction, tie.kind], spoken)} {tie.sender} {tie.document_id} ({moment(tie.at)})"


def _print_addressees(timeline: "Timeline", spoken: Language, now: datetime) -> None:
    rows = (
        (
            one.organ_id if one.addressed_as == one.organ_id else f"{one.organ_id} ({one.addressed_as})",
            " ".join(part for part in (one.endpoint, one.rule, one.via) if part),
            word(words.TRANSPORT, one.transport, spoken),
            moment(one.dispatched_at),
            moment(one.fetched_at or one.ended_at),
            named(one.status, spoken),
            named(one.recall, spoken),
            ", ".join(_late(timeline, one, spoken, now)),
        )
        for one in timeline.deliveries
    )
    columns = ("addressee", "through", "transport", "dispatched", "fetched", "status", "recall", "late")
    print_table(headings(spoken, *columns), rows)


def _late(timeline: "Timeline", delivery: "DeliveryView", spoken: Language, now: datetime) -> Iterator[str]:
    for miss in timeline.misses:
        if miss.organ_id == delivery.organ_id:
            facts = [f"{word(words.DUTIES, miss.kind, spoken)} +{miss.late_hours(now):.1f} {say(words.HOURS, spoken)}"]
            facts += [] if miss.done_at else [say(words.STILL, spoken)]
            facts += [word(words.CAUSES, miss.cause, spoken)] if miss.cause else []
            facts += [] if miss.attributable else [say(words.NOT_ATTRIBUTABLE, spoken)]
            yield "; ".join(facts)


def _print_statuses(timeline: "Timeline", spoken: Language) -> None:
    rows = (
        (
            moment(one.accepted_at),
            moment(one.reported_at),
            one.author,
            one.organ_id,
            named(one.code, spoken),
            say(words.YES if one.applied else words.NO, spoken),
            one.description,
        )
        for one in timeline.statuses
    )
    columns = ("time", "reported", "author", "addressee", "status", "applied", "description")
    print_table(headings(spoken, *columns), rows)
