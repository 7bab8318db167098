"""A clerk's lists as tables and as plain values; each kind of row brings its own columns after the document's."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from docaxis.cli import words
from docaxis.cli.output import print_table
from docaxis.cli.plain import to_plain
from docaxis.cli.receipts_screen import headings, moment, named, number_of
from docaxis.cli.words import Language, say, word
from docaxis.domain.status import NAMES, StatusCode
from docaxis.hub.views.clerk import Overdue, Recalled, Received, Refused, Unfinished
from docaxis.hub.views.documents import DocumentView


class _Kind(NamedTuple):
    columns: tuple[str, ...]
    cells: Callable[[Any, Language, datetime], Sequence[object]]


def describe(row: Any, now: datetime) -> dict[str, Any]:  # noqa: ANN401 - any row of a list
    """Return a row as one flat object: the document's fields first; late_hours is as of now."""
    if isinstance(row, DocumentView):
        plain: dict[str, Any] = to_plain(row)
        return plain
    about: dict[str, Any] = to_plain(row)
    if isinstance(row, Overdue):
        about["late_hours"] = round(_late_hours(row, now), 2)
    return {**about.pop("document"), **about}


def print_rows(rows: Sequence[Any], spoken: Language, now: datetime) -> None:
    """Print rows of one kind under their headings."""
    kind = _KINDS[type(rows[0])]
    columns = ("accepted", "sender", "number", "document", *kind.columns, "subject")
    table = ((*_document(row), *kind.cells(row, spoken, now), _held(row).subject) for row in rows)
    print_table(headings(spoken, *columns), table)


def _held(row: Any) -> DocumentView:  # noqa: ANN401
    held: DocumentView = row if isinstance(row, DocumentView) else row.document
    return held


def _document(row: Any) -> Sequence[object]:  # noqa: ANN401
    document = _held(row)
    return moment(document.accepted_at), document.sender, number_of(document), document.document_id


def _late_hours(row: Overdue, now: datetime) -> float:
    return max(0.0, (now - row.due_at).total_seconds() / 3600)


def _listed(row: DocumentView, spoken: Language, now: datetime) -> Sequence[object]:
    del now
    return (word(words.DOCUMENT_STATES, row.state, spoken),)


def _unfinished(row: Unfinished, spoken: Language, now: datetime) -> Sequence[object]:
    del now
    return (", ".join(f"{count} {_stage(stage, spoken)}" for stage, count in row.addressees.items()),)


def _stage(stage: str, spoken: Language) -> str:
    """Name a stage: two digits are a status, all else is the state of a copy."""
    return say(NAMES[StatusCode(int(stage))], spoken) if stage.isdigit() else word(words.TRANSPORT, stage, spoken)


def _received(row: Received, spoken: Language, now: datetime) -> Sequence[object]:
    del now
    return row.organ_id, named(row.status, spoken), named(row.recall, spoken)


def _overdue(row: Overdue, spoken: Language, now: datetime) -> Sequence[object]:
    cause = word(words.CAUSES, row.cause, spoken) if row.cause else ""
    blame = "" if row.attributable else say(words.NOT_ATTRIBUTABLE, spoken)
    return (
        row.organ_id,
        word(words.DUTIES, row.kind, spoken),
        moment(row.due_at),
        f"+{_late_hours(row, now):.1f} {say(words.HOURS, spoken)}",
        ", ".join(part for part in (cause, blame) if part),
        named(row.status, spoken),
    )


def _refused(row: Refused, spoken: Language, now: datetime) -> Sequence[object]:
    del spoken, now
    return row.organ_id, moment(row.refused_at), row.description


def _recalled(row: Recalled, spoken: Language, now: datetime) -> Sequence[object]:
    del now
    return row.organ_id, moment(row.asked_at), named(row.status, spoken), row.description


_KINDS: dict[type, _Kind] = {
    DocumentView: _Kind(("state",), _listed),
    Unfinished: _Kind(("addressees",), _unfinished),
    Received: _Kind(("addressee", "status", "recall"), _received),
    Overdue: _Kind(("addressee", "duty", "due", "late", "cause", "status"), _overdue),
    Refused: _Kind(("addressee", "refused", "description"), _refused),
    Recalled: _Kind(("addressee", "asked", "status", "description"), _recalled),
}
