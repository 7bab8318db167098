"""One function for each query that serves several figures at once: from rows to measures."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median_low

from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.statistics import activity, selects
from docaxis.domain.measure import By, Measure, Scope
from docaxis.domain.period import Period

SPANS = {
    "time-accepted-to-arrived": (0, 1),
    "time-arrived-to-taken": (1, 2),
    "time-taken-to-finished": (2, 3),
    "time-accepted-to-finished": (0, 3),
}
"""Which of the moments (acceptance, first 01, first 03, first 06) each median lies between."""

_MICROSECOND = timedelta(microseconds=1)


async def documents(connection: AsyncConnection, period: Period, by: By, scope: Scope) -> list[Measure]:
    """Measure what was sent, without paper, signed by the agency and by a person."""
    measures = []
    for key, total, electronic, signed in await connection.execute(selects.documents_of(period, by, scope)):
        measures += [
            Measure("sent", period, key, numerator=total),
            Measure("electronic", period, key, numerator=electronic, denominator=total),
            Measure("signed-by-agency", period, key, numerator=signed, denominator=total),
            Measure("signed-by-person", period, key, denominator=total, open_items=_kept(not_checked=total)),
        ]
    return measures


async def copies(connection: AsyncConnection, period: Period, by: By, scope: Scope) -> list[Measure]:
    """Measure what was received and answered on time."""
    measures = []
    for row in await connection.execute(selects.copies_of(period, by, scope)):
        key, total, dispatched, waiting, answered, missed, excused, running = row
        gone = total - dispatched - waiting
        settled = answered + missed
        rest = total - settled - excused - running
        measures += [
            Measure("received", period, key, numerator=dispatched, open_items=_kept(waiting=waiting, gone=gone)),
            Measure(
                "answered-on-time",
                period,
                key,
                numerator=answered,
                denominator=settled,
                open_items=_kept(running=running, not_attributable=excused, owes_nothing=rest),
            ),
        ]
    return measures


async def medians(connection: AsyncConnection, period: Period, by: By, scope: Scope) -> list[Measure]:
    """Measure the times between statuses; of an even number of times the smaller middle one counts."""
    totals = {row[0]: row[1] for row in await connection.execute(selects.copies_counted(period, by, scope))}
    found = await (_medians if connection.dialect.name == "postgresql" else _medians_here)(
        connection, period, by, scope
    )
    return [
        Measure(
            name,
            period,
            key,
            numerator=pairs,
            denominator=total,
            median_us=length,
            open_items=_kept(without_pair=total - pairs),
        )
        for key, total in totals.items()
        for name, (pairs, length) in zip(SPANS, found.get(key, ((0, None),) * len(SPANS)), strict=True)
    ]


async def refusals(connection: AsyncConnection, period: Period, by: By, scope: Scope) -> list[Measure]:
    """Measure the refusals, all of them and by code."""
    counted: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    if by is By.TOTAL:
        counted[""] = Counter()
    for key, outcome, code, packages in await connection.execute(selects.refusals_of(period, by, scope)):
        counted[key][outcome, code if outcome == "rejected" else ""] += packages
    measures = []
    for key, kinds in counted.items():
        refused = {code: packages for (outcome, code), packages in kinds.items() if outcome == "rejected"}
        decided = kinds["accepted", ""] + sum(refused.values())
        undecided = _kept(undecided=kinds["deferred", ""])
        measures.append(Measure("refused", period, key, "", sum(refused.values()), decided, open_items=undecided))
        measures += [
            Measure("refused", period, key, code, packages, decided) for code, packages in sorted(refused.items())
        ]
    return measures


async def active(connection: AsyncConnection, period: Period) -> set[str]:
    """Return who sent a document in the period, or took a copy."""
    codes: set[str] = set()
    lateral = connection.dialect.name == "postgresql"
    for query in (activity.senders_in(period), activity.takers_in(period, lateral=lateral)):
        codes.update((await connection.execute(query)).scalars())
    return codes


async def first_acceptance(connection: AsyncConnection) -> datetime | None:
    """Return when the hub accepted its first document."""
    at: datetime | None = (await connection.execute(selects.first_acceptance())).scalar_one()
    return at


async def _medians(
    connection: AsyncConnection, period: Period, by: By, scope: Scope
) -> dict[str, Sequence[tuple[int, int | None]]]:
    rows = await connection.execute(selects.medians_of(period, by, scope, tuple(SPANS.values())))
    return {key: [*zip(values[::2], values[1::2], strict=True)] for key, *values in rows}


async def _medians_here(
    connection: AsyncConnection, period: Period, by: By, scope: Scope
) -> dict[str, Sequence[tuple[int, int | None]]]:
    """SQLite has no percentiles: read the moments and sort them here."""
    lengths: defaultdict[str, tuple[list[int], ...]] = defaultdict(lambda: tuple([] for _ in SPANS))
    for key, *moments in await connection.execute(selects.moments_of(period, by, scope)):
        for (start, end), kept in zip(SPANS.values(), lengths[key], strict=True):
            if None not in (moments[start], moments[end]) and moments[end] >= moments[start]:
                kept.append((moments[end] - moments[start]) // _MICROSECOND)
    return {key: [(len(one), median_low(one) if one else None) for one in spans] for key, spans in lengths.items()}


def _kept(**items: int) -> dict[str, int]:
    return {name.replace("_", "-"): count for name, count in items.items() if count}
