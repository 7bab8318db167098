"""Directory and policy from a folder: `structure.toml`, `policy.toml`, `agencies/*.csv`, `connections.csv` (UTF-8)."""

import tomllib
from collections.abc import Callable
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from docaxis.config import ConfigError, RoutingSection
from docaxis.domain.directory import Directory
from docaxis.domain.directory_csv import read_agencies, read_connections
from docaxis.domain.organ import Agency
from docaxis.domain.policy import check_policy, load_policy, load_structure
from docaxis.domain.rules import Policy

_Value = TypeVar("_Value")
DEFAULT = "vietnam-2025"


def shipped_names() -> tuple[str, ...]:
    """Return the names of the configurations in the package."""
    return tuple(sorted(entry.name for entry in files("docaxis.data").iterdir() if (entry / "policy.toml").is_file()))


def shipped(name: str = DEFAULT) -> tuple[Directory, Policy]:
    """Return a configuration of the package; raises ValueError for a name that is none."""
    if name not in shipped_names():
        msg = f"{name}: none of {', '.join(shipped_names())}"
        raise ValueError(msg)
    return read_folder(files("docaxis.data") / name)


def configured(section: RoutingSection) -> tuple[Directory, Policy]:
    """Return the directory and rules that the configuration names; raises ConfigError.

    Of the directory only levels and branches count: the agencies are those of the database.
    """
    try:
        return read_folder(section.folder) if section.folder else shipped(section.configuration)
    except (OSError, ValueError) as error:
        raise ConfigError(f"routing: {error}") from None


def read_folder(folder: Traversable) -> tuple[Directory, Policy]:
    """Return directory and policy of a folder (a Path will do); raises ValueError naming file and place, OSError."""
    levels, branches = _read(folder / "structure.toml", lambda text: load_structure(tomllib.loads(text)))
    agencies: list[Agency] = []
    for entry in sorted((folder / "agencies").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".csv"):
            agencies += _read(entry, read_agencies)
    connections = _read(folder / "connections.csv", read_connections)
    directory = Directory.build(agencies, levels, connections, branches)
    policy = _read(folder / "policy.toml", lambda text: load_policy(tomllib.loads(text)))
    problems = check_policy(policy, directory)
    if problems:
        raise ValueError("policy.toml: " + "; ".join(problems))
    return directory, policy


def _read(entry: Traversable, read: Callable[[str], _Value]) -> _Value:
    try:
        return read(entry.read_text(encoding="utf-8"))
    except ValueError as problem:
        msg = f"{entry.name}: {problem}"
        raise ValueError(msg) from problem
