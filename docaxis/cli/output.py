"""What a command prints: JSON Lines for programs, tables for people; data to standard output, talk to standard error."""

import json
import logging
import os
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
_GAP = "  "


def print_json(value: object) -> None:
    """Print one object on one line, Vietnamese readable."""
    line = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    # A file name that is no UTF-8 holds lone surrogates; JSON writes them as \\udcXX.
    typer.echo(line.encode("utf-8", "backslashreplace").decode("utf-8"))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headings, columns as wide as their widest cell; nothing is cut and nothing coloured."""
    cells = [[clean(str(cell)) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(columns, *cells, strict=True)]
    for line in ([name.upper() for name in columns], *cells):
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        typer.echo(_GAP.join(padded).rstrip())


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Print names and values one below the other; empty values are left out."""
    shown = [(name, clean(str(value))) for name, value in facts if value not in ("", None, (), [])]
    width = max((_width(name) for name, _ in shown), default=0)
    for name, value in shown:
        typer.echo(f"{name}{' ' * (width - _width(name))}{_GAP}{value}")


def print_line(line: str) -> None:
    """Print one line of data."""
    typer.echo(clean(line))


def tell(line: str) -> None:
    """Say something to the user that is no data."""
    typer.echo(clean(line), err=True)


def hush_libraries() -> None:
    """Keep the broker library's own words about lost connections away: the command says it once, in its own."""
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)


def clean(text: str) -> str:
    """Return text that a terminal shows and does not obey: no control, direction or surrogate characters."""
    return "".join(" " if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else sign for sign in text)


def language() -> str:
    """Return `vi` or `en`, whichever the environment asks for."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "vi" if wanted.startswith("vi") else "en"


def _width(text: str) -> int:
    """Return the columns that a terminal takes for a text: marks none, East Asian wide letters two."""
    marks = sum(1 for sign in text if unicodedata.combining(sign))
    return len(text) - marks + sum(1 for sign in text if unicodedata.east_asian_width(sign) in "WF")
