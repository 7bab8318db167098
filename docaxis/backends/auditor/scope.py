"""A mandate as conditions of SQL: whatever is read for an auditor goes through these, so that nothing else can come out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, and_, exists, literal_column, or_, true

from docaxis.backends.tables import deliveries, documents, events, submissions
from docaxis.domain.people import Mandate
from docaxis.domain.period import Period
from docaxis.hub.views.audit import LogWanted

AGENCIES_APART_MAX = 200
"""Agencies whose documents are looked for one by one; with more of them the log is walked and most entries match."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Days by the instants that bound them (until: not counted), and agencies, None for all of them."""

    since: datetime
    until: datetime
    agencies: frozenset[str] | None

    @classmethod
    def of(cls, mandate: Mandate, wanted: LogWanted | None = None) -> Self | None:
        """Return what a mandate allows, narrowed to what is wanted; None where nothing is left."""
        agencies = mandate.agencies or None
        first, last = mandate.first_day, mandate.last_day
        if wanted is not None:
            first = max(first, wanted.first)
            if wanted.agency:
                if agencies is not None and wanted.agency not in agencies:
                    return None
                agencies = frozenset((wanted.agency,))
        if first > last:
            return None
        return cls(*Period(first, last).instants(), agencies)

    @property
    def is_apart(self) -> bool:
        """Whether the documents of these agencies are looked for one agency at a time."""
        return self.agencies is not None and len(self.agencies) <= AGENCIES_APART_MAX

    def document(self) -> ColumnElement[bool]:
        """Tell whether a row of `documents` may be read."""
        in_time = and_(documents.c.accepted_at >= self.since, documents.c.accepted_at < self.until)
        return and_(in_time, self._of_a_party())

    def submission(self) -> ColumnElement[bool]:
        """Tell whether a row of `submissions` that was refused may be read; whose it is was only claimed."""
        in_time = and_(submissions.c.received_at >= self.since, submissions.c.received_at < self.until)
        mine = true() if self.agencies is None else submissions.c.sender.in_(sorted(self.agencies))
        return and_(IS_REFUSED, in_time, mine)

    def act(self) -> ColumnElement[bool]:
        """Tell whether an event that concerns no single document may be read: it may speak of anybody's documents."""
        if self.agencies is not None:
            return literal_column("1") == literal_column("0")
        return and_(events.c.document_key.is_(None), events.c.at >= self.since, events.c.at < self.until)

    def event(self) -> ColumnElement[bool]:
        """Tell whether an event may be read, with its document and its refused submission joined to it (`None` where none)."""
        of_document = and_(documents.c.document_key.is_not(None), self.document())
        of_refusal = and_(submissions.c.submission_id.is_not(None), self.submission())
        # A repeat of what never became a document names a submission only.
        return or_(of_document, of_refusal, self.act())

    def _of_a_party(self) -> ColumnElement[bool]:
        if self.agencies is None:
            return true()
        codes = sorted(self.agencies)
        addressed = exists().where(
            deliveries.c.document_key == documents.c.document_key, deliveries.c.organ_id.in_(codes)
        )
        return or_(documents.c.sender.in_(codes), addressed.correlate(documents))


IS_REFUSED: ColumnElement[bool] = submissions.c.outcome == literal_column("'rejected'")
"""In the words of the partial indexes: a parameter would not match them."""
