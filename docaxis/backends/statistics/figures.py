"""The one way to ask for figures: which indicators, over which periods, of whom, told apart by what. Read-only."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from docaxis.backends.registry import Endpoint
from docaxis.backends.statistics import families
from docaxis.backends.transactions import in_transaction
from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import EVERYBODY, By, Measure, Scope
from docaxis.domain.organ import Agency
from docaxis.domain.period import Period, Unit

_FAMILIES = (
    (frozenset(("sent", "electronic", "signed-by-agency", "signed-by-person")), families.documents),
    (frozenset(("received", "answered-on-time")), families.copies),
    (frozenset(families.SPANS), families.medians),
    (frozenset(("refused",)), families.refusals),
)
_PLACES = {name: place for place, name in enumerate(INDICATORS)}


class Figures:
    """Figures of one audit store and its directory; every method raises StoreUnavailable when it cannot be read now."""

    def __init__(self, engine: AsyncEngine, directory: Directory, endpoints: Iterable[Endpoint], today: date) -> None:
        """Take a reading engine, the directory as registered, all endpoints, and Vietnam's present day."""
        self._engine = engine
        self._directory = directory
        self._endpoints = {one.endpoint_id: one for one in endpoints}
        self._today = today

    async def measure(
        self, names: Collection[str], periods: Sequence[Period], by: By = By.TOTAL, scope: Scope = EVERYBODY
    ) -> list[Measure]:
        """Return the measures of the named indicators that can be told apart so, by indicator, period and key.

        An agency or level of which nothing is known is left out, unless the scope names it.
        """
        wanted = {name for name in names if by in INDICATORS[name].by}

        async def work(connection: AsyncConnection) -> list[Measure]:
            if connection.dialect.name == "postgresql":
                # A month's copies in one hash table; the server's 4 MB would send them to disk.
                await connection.execute(text("SET LOCAL work_mem = '128MB'"))
                # A period's rows lie side by side. By its default the planner takes finding them by key for four times
                # as dear as it is, and reads the copies of all years instead.
                await connection.execute(text("SET LOCAL random_page_cost = 1.1"))
            found: list[Measure] = []
            for period in periods:
                found += await self._read(connection, wanted, period, by, scope)
            return found

        found = await in_transaction(self._engine, work)
        kept = [one for one in found if one.indicator in wanted]
        return sorted(kept, key=lambda one: (_PLACES[one.indicator], one.period, one.key, one.part))

    async def _read(
        self, connection: AsyncConnection, wanted: set[str], period: Period, by: By, scope: Scope
    ) -> list[Measure]:
        found: list[Measure] = []
        for served, read in _FAMILIES:
            if wanted & served:
                found += await read(connection, period, by, scope)
        if wanted & {"growth-year", "growth-first-month"}:
            found += await self._growth(connection, period, by, scope)
        if "connected" in wanted:
            found += self._connected(period, by, scope)
        if wanted & {"silent", "depth"}:
            active = await families.active(connection, period)
            found += self._silent(active, period, by, scope)
            found += [self._depth(active, period, scope)] if by is By.TOTAL else []
        return found

    async def _growth(self, connection: AsyncConnection, period: Period, by: By, scope: Scope) -> list[Measure]:
        measures = await self._compared(connection, period, by, scope)
        first = await families.first_acceptance(connection)
        if first is None:
            return measures
        began = day_of(first)
        last = min(period.last, self._today)
        first_month, month = (Period.containing(day, Unit.MONTH) for day in (began, last))
        now, then = await self._sent(connection, month, by, scope), await self._sent(connection, first_month, by, scope)
        missing = {
            "days-to-come": _days_after(month, self._today),
            "days-before-the-first": (began - first_month.first).days,
        }
        return measures + [
            Measure(
                "growth-first-month",
                period,
                key,
                numerator=now[key],
                denominator=then[key],
                open_items=_positive(missing),
                note=str(first_month),
            )
            for key in _keys(now, then, by)
        ]

    async def _compared(self, connection: AsyncConnection, period: Period, by: By, scope: Scope) -> list[Measure]:
        """Compare what is over of the period with the same days a year earlier."""
        elapsed = period.until(self._today)
        if elapsed is None:
            return []
        earlier = elapsed.year_before()
        now, then = await self._sent(connection, elapsed, by, scope), await self._sent(connection, earlier, by, scope)
        to_come = _positive({"days-to-come": _days_after(period, self._today)})
        return [
            Measure("growth-year", period, key, "", now[key], then[key], open_items=to_come, note=str(earlier))
            for key in _keys(now, then, by)
        ]

    async def _sent(self, connection: AsyncConnection, period: Period, by: By, scope: Scope) -> Counter[str]:
        found = await families.documents(connection, period, by, scope)
        return Counter({one.key: one.numerator or 0 for one in found if one.indicator == "sent"})

    def _connected(self, period: Period, by: By, scope: Scope) -> list[Measure]:
        day = min(period.last, self._today)
        total, connected, disabled = Counter[str](), Counter[str](), Counter[str]()
        for agency in self._in_force(day, scope):
            key = _key(agency, by)
            total[key] += 1
            reached = self._directory.connected(agency.organ_id, day)
            if reached is not None:
                connected[key] += self._serves(reached[0], day)
                disabled[key] += self._is_disabled(reached[0], day)
        return [
            Measure(
                "connected",
                period,
                key,
                "",
                connected[key],
                total[key],
                open_items=_positive({"disabled": disabled[key]}),
            )
            for key in _keys(total, total, by)
        ]

    def _silent(self, active: set[str], period: Period, by: By, scope: Scope) -> list[Measure]:
        connected, silent = Counter[str](), Counter[str]()
        for agency in self._connected_agencies(min(period.last, self._today), scope):
            connected[_key(agency, by)] += 1
            silent[_key(agency, by)] += agency.organ_id not in active
        return [
            Measure("silent", period, key, "", silent[key], connected[key]) for key in _keys(connected, connected, by)
        ]

    def _depth(self, active: set[str], period: Period, scope: Scope) -> Measure:
        there = {agency.level for agency in self._in_force(min(period.last, self._today), scope)}
        taking_part = {
            agency.level
            for code in active
            if (agency := self._directory.find(code)) is not None and _is_in(agency, scope)
        } & there
        deepest = max(taking_part, key=self._directory.level_rank, default="")
        return Measure("depth", period, numerator=len(taking_part), denominator=len(there), note=deepest)

    def _in_force(self, day: date, scope: Scope) -> Iterable[Agency]:
        return (one for one in self._directory.agencies.values() if one.in_force(day) and _is_in(one, scope))

    def _connected_agencies(self, day: date, scope: Scope) -> Iterable[Agency]:
        for agency in self._in_force(day, scope):
            reached = self._directory.connected(agency.organ_id, day)
            if reached is not None and self._serves(reached[0], day):
                yield agency

    def _serves(self, endpoint: str, day: date) -> bool:
        found = self._endpoints.get(endpoint)
        return found is not None and day_of(found.created_at) <= day and not self._is_disabled(endpoint, day)

    def _is_disabled(self, endpoint: str, day: date) -> bool:
        found = self._endpoints.get(endpoint)
        return found is not None and found.disabled_at is not None and day_of(found.disabled_at) <= day


def _is_in(agency: Agency, scope: Scope) -> bool:
    return scope.agency in {"", agency.organ_id} and scope.level in {"", agency.level}


def _key(agency: Agency, by: By) -> str:
    return {By.TOTAL: "", By.AGENCY: agency.organ_id, By.LEVEL: agency.level}[by]


def _keys(one: Counter[str], other: Counter[str], by: By) -> Iterable[str]:
    return [""] if by is By.TOTAL else sorted(one.keys() | other.keys())


def _days_after(period: Period, day: date) -> int:
    return max((period.last - max(day, period.first)).days, 0)


def _positive(items: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in items.items() if count > 0}
