"""`docaxis stats`: figures of the exchange, and where the targets stand."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, language, print_json
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.measure import By, Scope
from docaxis.domain.period import Period, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docaxis.backends.statistics.figures import Figures
    from docaxis.domain.directory import Directory
    from docaxis.domain.measure import Measure
    from docaxis.domain.targets import Outlook, Target

_WEEKS = 8
_WEEK = timedelta(days=7)
_DAYS_SHOWN = 31


class Apart(StrEnum):
    """What the figures are told apart by."""

    AGENCY = "agency"
    LEVEL = "level"
    PERIOD = "period"


@dataclass(frozen=True)
class _Asked:
    names: "Sequence[str]"
    periods: "Sequence[Period]"
    by: By
    agency: str
    level: str
    targets: "tuple[Target, ...] | None"


def stats(
    indicators: Annotated[
        list[str] | None, typer.Argument(metavar="INDICATOR", help="Which ones (all).", show_default=False)
    ] = None,
    *,
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day, yyyy-mm-dd.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day (today).")] = None,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="A month (this month).")] = None,
    quarter: Annotated[str | None, typer.Option(metavar="YYYY-QN", help="A quarter, such as 2026-Q4.")] = None,
    year: Annotated[str | None, typer.Option(metavar="YYYY", help="A year.")] = None,
    agency: Annotated[str | None, typer.Option(metavar="CODE", help="Of this agency only.")] = None,
    level: Annotated[str | None, typer.Option(metavar="NAME", help="Of the agencies of this level only.")] = None,
    by: Annotated[Apart | None, typer.Option(help="Tell agencies, levels or parts of the period apart.")] = None,
    each: Annotated[Unit | None, typer.Option(help="The parts of --by period (days up to 31, months beyond).")] = None,
    targets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Show where the targets of this CSV or TOML file stand.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show figures of the exchange: sent, received, answered on time, times, connections, growth, refusals.

    Each share is n / N and percent; with N = 0 there is no data. Days are Vietnam's calendar days.

    \b
    Examples:
      docaxis stats --month 2026-11
      docaxis stats answered-on-time silent --quarter 2026-Q4 --by level
      docaxis stats sent --from 2026-11-01 --to 2026-11-30 --by period --csv
      docaxis stats --targets targets.toml
    """  # noqa: D301
    from docaxis.domain.calendar import day_of

    if as_csv and as_json:
        raise typer.BadParameter("either --csv or --json")
    today = day_of(datetime.now(UTC))
    period = _period(first, last, {"--month": month, "--quarter": quarter, "--year": year}, today)
    if each is not None and by is not Apart.PERIOD:
        raise typer.BadParameter("needs --by period", param_hint="--each")
    unit = each or (Unit.DAY if period.days <= _DAYS_SHOWN else Unit.MONTH)
    told_by = By(by.value) if by in {Apart.AGENCY, Apart.LEVEL} and by is not None else By.TOTAL
    asked = _Asked(
        names=_names(indicators or (), told_by),
        periods=period.split(unit) if by is Apart.PERIOD else (period,),
        by=told_by,
        agency=agency or "",
        level=level or "",
        targets=_read_targets(targets) if targets else None,
    )
    measures, outlooks, names = asyncio.run(_read(config, asked, today))
    if targets is None:
        _print_measures(measures, names, as_csv=as_csv, as_json=as_json)
    else:
        _print_outlooks(outlooks, names, as_csv=as_csv, as_json=as_json)


def _period(first: str | None, last: str | None, named: dict[str, str | None], today: date) -> Period:
    given = {option: text for option, text in named.items() if text is not None}
    if len(given) + (first is not None or last is not None) > 1:
        raise typer.BadParameter("one of --from/--to, --month, --quarter and --year")
    form = {"--month": Unit.MONTH, "--quarter": Unit.QUARTER, "--year": Unit.YEAR}
    for option, text in given.items():
        try:
            period = Period.parse(text)
        except ValueError:
            period = None
        if period is None or period != Period.containing(period.first, form[option]):
            raise typer.BadParameter(f"{text}: no such {form[option]}", param_hint=option)
        return period
    try:
        ends = date.fromisoformat(last) if last else None
        if first is None and ends is None:
            return Period.containing(today, Unit.MONTH)
        # An end alone: from the first day of its month.
        return Period(date.fromisoformat(first) if first else (ends or today).replace(day=1), ends or today)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--from/--to") from None


def _names(given: "Sequence[str]", by: By) -> "Sequence[str]":
    from docaxis.domain.indicators import INDICATORS

    for name in given:
        if name not in INDICATORS:
            raise typer.BadParameter(f"{name}: none of {', '.join(INDICATORS)}", param_hint="INDICATOR")
        if by not in INDICATORS[name].by:
            raise typer.BadParameter(f"{name} cannot be told apart by {by}", param_hint="--by")
    return given or list(INDICATORS)


def _read_targets(file: Path) -> "tuple[Target, ...]":
    from docaxis.cli.octets import read_file
    from docaxis.domain.targets import read_targets

    try:
        return read_targets(read_file(file).decode("utf-8"), is_csv=file.suffix.lower() == ".csv")
    except ValueError as error:
        raise CommandError(f"{file}: {error}") from None


async def _read(
    config_file: Path, asked: _Asked, today: date
) -> "tuple[Sequence[Measure], Sequence[Outlook], dict[str, str]]":
    from docaxis.backends.registry import Registry
    from docaxis.backends.statistics.figures import Figures
    from docaxis.cli.database import opened_engine, read_config, read_registered

    config = read_config(config_file)
    async with opened_engine(config) as engine:
        registry = Registry(engine)
        directory, _ = await read_registered(config, registry)
        figures = Figures(engine, directory, await registry.endpoints(), today)
        scope = _scope(asked, directory)
        vietnamese = language() == "vi"
        names = {one.name: (one.label_vi if vietnamese else one.label_en) or one.name for one in directory.levels}
        if asked.targets is None:
            return await figures.measure(asked.names, asked.periods, asked.by, scope), (), names
        return (), [await _outlook(figures, one, asked, directory, today) for one in asked.targets], names


def _scope(asked: _Asked, directory: "Directory") -> Scope:
    from docaxis.domain.organ import parse_organ_id

    agency = directory.find(parse_organ_id(asked.agency) or "") if asked.agency else None
    if asked.agency and agency is None:
        raise CommandError(f"{asked.agency}: no such agency", ExitCode.NOT_FOUND)
    _check_level(asked.level, directory)
    return Scope(agency.organ_id if agency else "", asked.level)


def _check_level(level: str, directory: "Directory") -> None:
    levels = [one.name for one in directory.levels]
    if level and level not in levels:
        raise CommandError(f"{level}: no such level, only {', '.join(levels)}", ExitCode.NOT_FOUND)


async def _outlook(
    figures: "Figures", target: "Target", asked: _Asked, directory: "Directory", today: date
) -> "Outlook":
    """Measure a target now, over the period asked for, and in each of the last eight weeks."""
    from docaxis.domain.targets import outlook

    _check_level(target.level, directory)
    scope = Scope(_scope(asked, directory).agency, target.level or asked.level)
    weeks = [Period(today - _WEEK * (n + 1) + timedelta(days=1), today - _WEEK * n) for n in range(_WEEKS)]
    found = await figures.measure([target.indicator], [*asked.periods, *weeks], scope=scope)
    whole = {one.period: one for one in found if not one.part}
    now = whole.get(asked.periods[-1])
    history = [(week.last, 100 * one.share) for week in weeks if (one := whole.get(week)) and one.share is not None]
    return outlook(target, (now.numerator, now.denominator) if now else (None, None), history, today)


def _print_measures(measures: "Sequence[Measure]", names: dict[str, str], *, as_csv: bool, as_json: bool) -> None:
    from docaxis.cli import stats_output

    if as_csv:
        stats_output.write_measures_csv(measures)
    elif as_json:
        stats_output.write_measures_json(measures)
    else:
        stats_output.show_measures(measures, language(), names)


def _print_outlooks(outlooks: "Sequence[Outlook]", names: dict[str, str], *, as_csv: bool, as_json: bool) -> None:
    from docaxis.cli import stats_output

    if as_csv:
        stats_output.write_outlooks_csv(outlooks)
    elif as_json:
        for one in outlooks:
            print_json(stats_output.describe_outlook(one))
    else:
        stats_output.show_outlooks(outlooks, language(), names)
