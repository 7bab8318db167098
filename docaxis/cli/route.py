"""`docaxis route explain`: which rule sends a document where, through whom, and why."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docaxis.cli.output import JsonOption, print_json, print_line
from docaxis.cli.trouble import ExitCode

if TYPE_CHECKING:
    from docaxis.domain.directory import Directory
    from docaxis.domain.rules import Policy

app = typer.Typer(no_args_is_help=True, help="Explain where a document would go, and why.")
_UNKNOWN = frozenset({"RTE.SENDER_UNKNOWN", "RTE.ADDRESSEE_UNKNOWN"})


@app.callback()
def route() -> None:
    """Explain where a document would go, and why."""


@app.command()
def explain(
    *,
    sender: Annotated[str, typer.Option("--from", metavar="CODE", help="The sending agency.")],
    to: Annotated[str, typer.Option(metavar="CODE", help="The addressee, or a list.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Ask the directory of this hub's database, by its rules.")
    ] = None,
    directory: Annotated[
        str | None, typer.Option(metavar="NAME|DIR|CSV", help="Ask a shipped directory or one's own, without any hub.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="On this day (today).")
    ] = None,
    priority: Annotated[int, typer.Option(min=0, max=4, help="The document's urgency.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Show every rule that was asked, the one that decides, the endpoint, and who is told besides.

    Exit code 0 delivered, 3 sender or addressee unknown, 5 refused.

    \b
    Examples:
      docaxis route explain --from G22 --to LIST.PROVINCES
      docaxis route explain --from H41 --to G12 --on 2025-02-01 --directory vietnam-2024 --json
      docaxis route explain --from H41 --to G12 --config config.toml
    """  # noqa: D301
    from docaxis.domain.calendar import day_of
    from docaxis.domain.explain import explain as explain_route

    if config is not None and directory is not None:
        raise typer.BadParameter("either --config or --directory")
    known, policy = _read_offline(directory) if config is None else asyncio.run(_read_registered(config))
    day: date = on.date() if on else day_of(datetime.now(UTC))
    explanations = explain_route(sender, to, known, policy, day, priority=priority)
    for explanation in explanations:
        if as_json:
            print_json(explanation.to_dict())
        else:
            for line in explanation.lines():
                print_line(line)
    refusals = {str(explanation.refusal) for explanation in explanations if explanation.refusal}
    if refusals:
        raise typer.Exit(int(ExitCode.NOT_FOUND if refusals <= _UNKNOWN else ExitCode.REFUSED))


def _read_offline(directory: str | None) -> "tuple[Directory, Policy]":
    from docaxis.backends.directory_files import DEFAULT
    from docaxis.cli.directories import read_directory

    return read_directory(directory or DEFAULT)


async def _read_registered(config_file: Path) -> "tuple[Directory, Policy]":
    from docaxis.cli.database import opened_registry, read_config, read_registered

    config = read_config(config_file)
    async with opened_registry(config) as registry:
        return await read_registered(config, registry)
