"""The statements of the figures. Recall orders are no documents of their own and are left out everywhere."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Interval,
    Select,
    and_,
    cast,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)

from docaxis.backends.columns import UtcDateTime
from docaxis.backends.directory_tables import agencies
from docaxis.backends.flow_tables import deadlines, misses, statuses
from docaxis.backends.tables import deliveries, documents, submissions
from docaxis.domain.envelope import BusinessDocType
from docaxis.domain.measure import EVERYBODY, By, Scope
from docaxis.domain.period import Period
from docaxis.domain.status import ANSWERED, StatusCode

SPAN_CODES = (StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.FINISHED)

_RECEIPT = "receipt"


def documents_of(period: Period, by: By, scope: Scope) -> Select[Any]:
    """Select key, documents, those without paper, those signed by the agency; of the senders."""
    return _keyed(
        documents,
        documents.c.sender,
        by,
        scope,
        func.count(),
        func.count().filter(documents.c.paper.is_(False)),
        func.count().filter(documents.c.signer != ""),
    ).where(accepted_in(period))


def copies_of(period: Period, by: By, scope: Scope) -> Select[Any]:
    """Select key and counts of copies, of the addressees.

    In order: all, dispatched, waiting, answered without a miss, missed by the addressee's own fault, missed by another's,
    unanswered with the deadline still to come.
    """
    source = (
        documents.join(deliveries, deliveries.c.document_key == documents.c.document_key)
        .outerjoin(
            misses,
            and_(
                misses.c.document_key == deliveries.c.document_key,
                misses.c.organ_id == deliveries.c.organ_id,
                misses.c.kind == _RECEIPT,
            ),
        )
        .outerjoin(deadlines, and_(deadlines.c.document_key == documents.c.document_key, deadlines.c.kind == _RECEIPT))
    )
    is_answered = deliveries.c.statuses.op("&")(int(ANSWERED)) != 0
    is_missed = misses.c.document_key.is_not(None)
    is_running = and_(misses.c.document_key.is_(None), ~is_answered, deadlines.c.document_key.is_not(None))
    return _keyed(
        source,
        deliveries.c.organ_id,
        by,
        scope,
        func.count(),
        func.count().filter(deliveries.c.state == "dispatched"),
        func.count().filter(deliveries.c.state == "waiting"),
        func.count().filter(misses.c.document_key.is_(None), is_answered),
        func.count().filter(is_missed, misses.c.attributable.is_(True)),
        func.count().filter(is_missed, misses.c.attributable.is_(False)),
        func.count().filter(is_running, deliveries.c.state.in_(("dispatched", "waiting"))),
    ).where(accepted_in(period))


def copies_counted(period: Period, by: By, scope: Scope) -> Select[Any]:
    """Select key and copies, of the addressees."""
    source = documents.join(deliveries, deliveries.c.document_key == documents.c.document_key)
    return _keyed(source, deliveries.c.organ_id, by, scope, func.count()).where(accepted_in(period))


def moments_of(period: Period, by: By, scope: Scope) -> Select[Any]:
    """Select key, acceptance and first 01, 03 and 06 (NULL: never) of every copy with one of these statuses."""
    joined = documents.join(statuses, statuses.c.document_key == documents.c.document_key)
    source, conditions = _scoped(joined, statuses.c.organ_id, scope)
    firsts = (
        select(statuses.c.organ_id, documents.c.accepted_at, *_first_moments())
        .select_from(source)
        .where(accepted_in(period), _is_of_a_span(), *conditions)
        .group_by(documents.c.document_key, documents.c.accepted_at, statuses.c.organ_id)
        .subquery("firsts")
    )
    key, source = _key(firsts, firsts.c.organ_id, by, EVERYBODY)
    return select(key, firsts.c.accepted_at, *_moments(firsts)).select_from(source)


def medians_of(period: Period, by: By, scope: Scope, spans: tuple[tuple[int, int], ...]) -> Select[Any]:
    """Select key, then pairs and median in microseconds for each span; PostgreSQL only.

    A span is told by places in (acceptance, 01, 03, 06).
    """
    # Document by document: one grouping of a month's statuses takes PostgreSQL three times as long.
    firsts = (
        select(statuses.c.organ_id, *_first_moments())
        .where(statuses.c.document_key == documents.c.document_key, _is_of_a_span())
        .group_by(statuses.c.organ_id)
        .correlate(documents)
        .lateral("firsts")
    )
    moments = (documents.c.accepted_at, *_moments(firsts))
    columns: list[ColumnElement[Any]] = []
    for start, end in spans:
        in_order = moments[end] >= moments[start]
        # Whole numbers: intervals take several times as long to sort.
        seconds = func.date_part("epoch", type_coerce(moments[end] - moments[start], Interval()))
        length = cast(seconds * 1_000_000, BigInteger)
        columns += [func.count().filter(in_order), func.percentile_disc(0.5).within_group(length).filter(in_order)]
    source = documents.join(firsts, true())
    return _keyed(source, firsts.c.organ_id, by, scope, *columns).where(accepted_in(period))


def refusals_of(period: Period, by: By, scope: Scope) -> Select[Any]:
    """Select key, outcome, code and packages that arrived in the period; the sender of a refused one is only claimed."""
    is_counted = submissions.c.outcome.in_(("accepted", "rejected", "deferred"))
    # A deferred one has a code too, which is none of its refusal.
    split = (submissions.c.outcome, submissions.c.code)
    query = _keyed(submissions, submissions.c.sender, by, scope, *split, func.count())
    return query.where(within(submissions.c.received_at, period), is_counted).group_by(*split)


def first_acceptance() -> Select[Any]:
    """Select when the first document was accepted."""
    return select(func.min(documents.c.accepted_at, type_=UtcDateTime())).where(_IS_DOCUMENT)


_IS_DOCUMENT = documents.c.business_type != int(BusinessDocType.RECALL)


def accepted_in(period: Period) -> ColumnElement[bool]:
    """Tell whether a row of `documents` is one that was accepted in the period."""
    return and_(within(documents.c.accepted_at, period), _IS_DOCUMENT)


def within(moment: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    """Tell whether a moment lies in the period."""
    since, until = period.instants()
    return and_(moment >= since, moment < until)


def _is_of_a_span() -> ColumnElement[bool]:
    return statuses.c.code.in_([int(code) for code in SPAN_CODES])


def _first_moments() -> list[ColumnElement[Any]]:
    """Return the first moment of each code, of grouped statuses."""
    moment = statuses.c.accepted_at
    return [
        func.min(moment, type_=UtcDateTime()).filter(statuses.c.code == int(code)).label(f"first_{code:d}")
        for code in SPAN_CODES
    ]


def _moments(firsts: FromClause) -> tuple[ColumnElement[Any], ...]:
    return tuple(firsts.c[f"first_{code:d}"] for code in SPAN_CODES)


def _keyed(
    source: FromClause, organ: ColumnElement[str], by: By, scope: Scope, *columns: ColumnElement[Any]
) -> Select[Any]:
    """Select the key and aggregates, grouped by the key; one row without a key, even of nothing, for the total."""
    scoped, conditions = _scoped(source, organ, scope)
    key, joined = _key(scoped, organ, by, scope)
    query = select(key, *columns).select_from(joined).where(*conditions)
    return query if by is By.TOTAL else query.group_by(key)


def _scoped(
    source: FromClause, organ: ColumnElement[str], scope: Scope
) -> tuple[FromClause, list[ColumnElement[bool]]]:
    conditions: list[ColumnElement[bool]] = [organ == scope.agency] if scope.agency else []
    if scope.level:
        source = source.join(agencies, agencies.c.organ_id == organ)
        conditions.append(agencies.c.level == scope.level)
    return source, conditions


def _key(source: FromClause, organ: ColumnElement[str], by: By, scope: Scope) -> tuple[ColumnElement[str], FromClause]:
    if by is By.TOTAL:
        return literal_column("''"), source
    if by is By.AGENCY:
        return organ, source
    if not scope.level:
        source = source.outerjoin(agencies, agencies.c.organ_id == organ)
    return func.coalesce(agencies.c.level, literal_column("''")), source
