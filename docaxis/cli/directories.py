"""The directory and the rules that an offline command is to use: a shipped configuration, a folder, or one CSV file."""

from pathlib import Path

from docaxis.backends.directory_files import DEFAULT, read_folder, shipped, shipped_names
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.directory import Directory
from docaxis.domain.directory_csv import read_agencies
from docaxis.domain.rules import Policy


def read_directory(named: str) -> tuple[Directory, Policy]:
    """Return what a shipped name, a folder or a CSV file of agencies stands for; raises CommandError.

    A CSV file says nothing of levels, rules and connections: levels and rules are those of the shipped default, and every
    agency counts as connected.
    """
    path = Path(named)
    try:
        if named in shipped_names():
            return shipped(named)
        if path.is_dir():
            return read_folder(path)
        if path.is_file():
            return _read_csv(path)
    except (ValueError, OSError) as error:
        raise CommandError(f"{named}: {error}") from None
    names = ", ".join(shipped_names())
    raise CommandError(f"{named}: no folder, no file and none of the shipped {names}", ExitCode.NOT_FOUND)


def _read_csv(path: Path) -> tuple[Directory, Policy]:
    agencies = read_agencies(path.read_text(encoding="utf-8"))
    default, policy = shipped(DEFAULT)
    connections = {agency.organ_id: agency.organ_id for agency in agencies}
    return Directory.build(agencies, default.levels, connections, default.branches), policy
