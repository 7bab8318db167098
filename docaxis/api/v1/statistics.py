"""Figures of one's own agencies: n of N over a period, never a percentage alone."""

from datetime import datetime

from aiohttp import hdrs, web
from pydantic import Field

from docaxis.api.v1.answering import answered, prefers_wait_s, read_query
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.operations import Form, Operation
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import ApiProblem, ProblemCode, refused
from docaxis.domain.calendar import day_of
from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import Measure, percent_of
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.period import Period, Unit

PATIENCE_S = 5
RETRY_S = 3


class StatisticsQuery(Form):
    """Which figures."""

    period: str = Field(
        "", max_length=10, description="2026-11, 2026-Q4, 2026 or a day; left out: this month, by Vietnam's days"
    )
    agency: str = Field("", max_length=35, description="An agency of yours; may be left out where there is only one")


class Figure(Form):
    """One figure: docs/indicators says what n, N and open mean. No data: N is null or 0, and so no percentage."""

    indicator: str
    part: str | None
    kind: str
    n: int | None
    N: int | None
    percent: float | None
    median_s: float | None
    open: dict[str, int]


class Statistics(Form):
    """Figures of an agency over a period."""

    agency: str
    period: str
    counted_at: datetime
    items: list[Figure]


async def show_statistics(request: web.Request) -> web.StreamResponse:
    """Return the figures of an agency of the client."""
    query = read_query(request, StatisticsQuery)
    ports = request.app[PORTS]
    agency = _agency(request, query.agency)
    try:
        period = Period.parse(query.period) if query.period else Period.containing(day_of(ports.now()), Unit.MONTH)
    except ValueError:
        raise refused("?period", "2026-11, 2026-Q4, 2026 or 2026-11-22") from None
    found = await ports.statistics.measure(agency, period, prefers_wait_s(request) or PATIENCE_S)
    if found is None:
        later = ApiProblem(ProblemCode.UNAVAILABLE, "the figures are being counted")
        later.headers = {hdrs.RETRY_AFTER: str(RETRY_S)}
        raise later
    measures, counted_at = found
    told = Statistics(agency=agency, period=str(period), counted_at=counted_at, items=[_told(one) for one in measures])
    return answered(request, told)


def _agency(request: web.Request, given: str) -> str:
    directory, endpoint = request.app[PORTS].directory(), request[CLIENT].endpoint
    if not given:
        own = [code for code, holder in directory.connections.items() if holder == endpoint]
        if len(own) != 1:
            raise refused("?agency", "needed: this endpoint stands for several agencies or none")
        return own[0]
    agency = directory.find(parse_organ_id(given) or "")
    if agency is None or not directory.serves(endpoint, agency.organ_id):
        raise refused("?agency", "not an agency of this endpoint")
    return agency.organ_id


def _told(one: Measure) -> Figure:
    kind = INDICATORS[one.indicator].kind
    percentage = percent_of(kind, one)
    return Figure(
        indicator=one.indicator, part=one.part or None, kind=kind.value, n=one.numerator, N=one.denominator,
        percent=None if percentage is None else float(percentage),
        median_s=None if one.length is None else one.length.total_seconds(), open=dict(one.open_items),
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "GET", "/stats", "stats", "Figures of an agency of yours", show_statistics, Statistics, query=StatisticsQuery,
        tag="statistics",
    ),
)  # fmt: skip
