"""`docaxis agency`: the agencies of the hub's directory."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, print_facts, print_json, print_table, tell
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from docaxis.domain.directory import Directory
    from docaxis.domain.organ import Agency

app = typer.Typer(no_args_is_help=True, help="Import and look up agencies.")


@app.command("import")
def import_agencies(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE.csv]", help="Agencies, UTF-8, first line the columns.", show_default=False),
    ] = None,
    *,
    shipped: Annotated[
        str | None, typer.Option(metavar="NAME", help="A shipped directory: vietnam-2025, vietnam-2024.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check all of it and change nothing.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Add agencies to the directory and replace those of the same code; nothing is removed.

    \b
    Examples:
      docaxis agency import --shipped vietnam-2025
      docaxis agency import communes.csv --dry-run
    """  # noqa: D301
    if (file is None) == (shipped is None):
        raise typer.BadParameter("name a CSV file, or --shipped NAME")
    imported = _read_csv(file) if file is not None else _read_shipped(shipped or "")
    asyncio.run(_import(config, imported, dry_run=dry_run))


@app.command("list")
def list_agencies(
    *,
    level: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this level, as provincial.")] = None,
    branch: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this branch, as government.")] = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Words of code or name; marks may be left out.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List agencies.

    \b
    Examples:
      docaxis agency list --level provincial --search "thanh hoa"
      docaxis agency list --json
    """  # noqa: D301
    from docaxis.domain.folding import fold

    directory = asyncio.run(_read(config))
    wanted = fold(search or "").split()
    found = [
        agency
        for agency in directory.agencies.values()
        if (level is None or agency.level == level)
        and (branch is None or agency.branch == branch)
        and (not wanted or _holds(fold(" ".join((agency.organ_id, agency.name, *agency.aliases))), wanted))
    ]
    if as_json:
        for agency in found:
            print_json(_describe(agency, directory))
        return
    columns = ("code", "name", "level", "branch", "parent", "reached through")
    print_table(columns, ((a.organ_id, a.name, a.level, a.branch, a.parent, _endpoint(a, directory)) for a in found))
    tell(f"{len(found)} of {len(directory)} agencies")


@app.command("show")
def show_agency(
    code: Annotated[str, typer.Argument(help="Its code or an alias.", show_default=False)],
    *,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show an agency: its place, its time in force, its successors, and how it is reached.

    \b
    Example:
      docaxis agency show 000.00.00.G22
    """  # noqa: D301
    from docaxis.domain.organ import parse_organ_id

    directory = asyncio.run(_read(config))
    canonical = parse_organ_id(code)
    agency = directory.find(canonical) if canonical else None
    if agency is None:
        raise CommandError(f"{code}: no such agency", ExitCode.NOT_FOUND)
    about = _describe(agency, directory)
    if as_json:
        print_json(about)
    else:
        print_facts((name, ", ".join(value) if isinstance(value, list) else value) for name, value in about.items())


def _read_csv(file: Path) -> "list[Agency]":
    from docaxis.cli.octets import read_file
    from docaxis.domain.directory_csv import read_agencies

    try:
        return read_agencies(read_file(file).decode("utf-8-sig"))
    except ValueError as error:
        raise CommandError(f"{file}: {error}") from None


def _read_shipped(name: str) -> "list[Agency]":
    from docaxis.backends.directory_files import shipped, shipped_names

    if name not in shipped_names():
        raise CommandError(f"{name}: none of the shipped {', '.join(shipped_names())}", ExitCode.NOT_FOUND)
    return list(shipped(name)[0].agencies.values())


async def _import(config_file: Path, imported: "list[Agency]", *, dry_run: bool) -> None:
    from docaxis.backends.directory_files import configured
    from docaxis.cli.database import opened_registry, read_config
    from docaxis.domain.directory import Directory

    config = read_config(config_file)
    structure, _ = configured(config.routing)
    async with opened_registry(config, writes=True) as registry:
        there = {agency.organ_id: agency for agency in await registry.agencies()}
        new = {agency.organ_id: agency for agency in imported}
        changed = sum(1 for code, agency in new.items() if code in there and there[code] != agency)
        try:
            # What the hub could not load must not get into the database: it would go on with the old directory.
            Directory.build((there | new).values(), structure.levels, await registry.connections(), structure.branches)
        except ValueError as error:
            raise CommandError(f"nothing imported: {error}") from None
        if not dry_run:
            await registry.import_agencies(imported)
    done = "would be imported" if dry_run else "imported"
    print_facts(
        [(f"agencies {done}", len(new)), ("of them new", len(new.keys() - there)), ("of them changed", changed)]
    )


async def _read(config_file: Path) -> "Directory":
    from docaxis.cli.database import opened_registry, read_config, read_registered

    config = read_config(config_file)
    async with opened_registry(config) as registry:
        directory, _ = await read_registered(config, registry)
    return directory


def _describe(agency: "Agency", directory: "Directory") -> dict[str, Any]:
    from docaxis.cli.plain import to_plain

    reached = directory.connected(agency.organ_id)
    plain: dict[str, Any] = to_plain(agency)
    return plain | {
        "ancestors": [above.organ_id for above in directory.ancestors(agency.organ_id)],
        "endpoint": reached[0] if reached else None,
        "via": reached[1].organ_id if reached and reached[1] is not agency else None,
    }


def _endpoint(agency: "Agency", directory: "Directory") -> str:
    reached = directory.connected(agency.organ_id)
    if reached is None:
        return "-"
    return reached[0] if reached[1] is agency else f"{reached[0]} of {reached[1].organ_id}"


def _holds(folded: str, wanted: list[str]) -> bool:
    words = folded.split()
    return all(any(word.startswith(part) for word in words) for part in wanted)
