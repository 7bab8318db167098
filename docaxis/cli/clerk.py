"""`docaxis documents` and `docaxis overdue`: a clerk's lists, newest first, from the hub's own records."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docaxis.cli import words as vocabulary
from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, print_json, tell
from docaxis.cli.words import Language, LanguageOption, chosen, say

if TYPE_CHECKING:
    from docaxis.backends.clerk_queries import ClerkQueries

SenderOption = Annotated[str | None, typer.Option(metavar="CODE", help="Only what this agency sent.")]
LimitOption = Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="So many rows at most.")]

Ask = Callable[["ClerkQueries"], Awaitable[Sequence[Any]]]


def documents(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]", help="Words of number, notation and subject; nghi* begins one."),
    ] = None,
    *,
    sender: SenderOption = None,
    received_by: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only what was sent out to this agency.")
    ] = None,
    number: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Number, or number/notation, as 12/QĐ-UBND.")
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Somebody has not finished it (with --sender or --received-by).")
    ] = False,
    refused: Annotated[
        bool, typer.Option("--refused", help="An addressee refused it, and has not taken it since.")
    ] = False,
    recalled: Annotated[bool, typer.Option("--recalled", help="Asked back, and not yet answered.")] = False,
    limit: LimitOption = 100,
    lang: LanguageOption = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List documents, newest first; marks, case and signs of words do not count: 12 qd ubnd finds 12/QĐ-UBND.

    With --received-by, --unfinished are those that await a first word of the agency, in time or late.

    \b
    Examples:
      docaxis documents 12 qd ubnd
      docaxis documents quy hoach --sender H41 --limit 20
      docaxis documents --received-by H41 --unfinished --json
      docaxis documents --number 12/QĐ-UBND
    """  # noqa: D301
    typed = " ".join(words or ())
    of, to = _code(sender), _code(received_by)
    asked = [one for one in (bool(typed), number is not None, unfinished, refused, recalled) if one]
    if len(asked) > 1:
        raise typer.BadParameter("only one of WORDS, --number, --unfinished, --refused and --recalled")
    if (number is not None or refused) and to is not None:
        raise typer.BadParameter("--received-by goes with WORDS, --unfinished or --recalled")
    if unfinished and (of is None) is (to is None):
        raise typer.BadParameter("--unfinished wants --sender or --received-by")

    def ask(clerk: "ClerkQueries") -> Awaitable[Sequence[Any]]:
        if number is not None:
            return clerk.numbered(number, sender=of, limit=limit)
        if unfinished:
            return clerk.unfinished(of, limit=limit) if of else clerk.unanswered(to or "", limit=limit)
        if refused:
            return clerk.refused(of, limit=limit)
        if recalled:
            return clerk.recalled(sender=of, organ_id=to, limit=limit)
        if to and not of and not typed:
            return clerk.received(to, limit=limit)
        return clerk.documents(typed, sender=of, received_by=to, limit=limit)

    _show(asyncio.run(_ask(config, ask)), limit, chosen(lang), as_json=as_json)


def overdue(
    *,
    sender: SenderOption = None,
    addressee: Annotated[str | None, typer.Option(metavar="CODE", help="Only what this agency owes.")] = None,
    limit: LimitOption = 100,
    lang: LanguageOption = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List what is overdue and still not done: a receipt until the first status, a reply until the answer.

    \b
    Examples:
      docaxis overdue
      docaxis overdue --sender G22 --json
      docaxis overdue --addressee H41 --lang en
    """  # noqa: D301
    of, to = _code(sender), _code(addressee)

    def ask(clerk: "ClerkQueries") -> Awaitable[Sequence[Any]]:
        return clerk.overdue(sender=of, organ_id=to, limit=limit)

    _show(asyncio.run(_ask(config, ask)), limit, chosen(lang), as_json=as_json)


def _code(text: str | None) -> str | None:
    from docaxis.domain.organ import parse_organ_id

    return None if text is None else parse_organ_id(text) or text


async def _ask(config_file: Path, ask: Ask) -> Sequence[Any]:
    from docaxis.backends.clerk_queries import ClerkQueries
    from docaxis.cli.database import opened_engine, read_config
    from docaxis.config import secret_url

    config = read_config(config_file)
    async with (
        opened_engine(config),
        ClerkQueries(secret_url(config.store.url, config.store.password_file), 1) as clerk,
    ):
        return await ask(clerk)


def _show(rows: Sequence[Any], limit: int, spoken: Language, *, as_json: bool) -> None:
    from docaxis.cli.clerk_screen import describe, print_rows

    now = datetime.now(UTC)
    if as_json:
        for row in rows:
            print_json(describe(row, now))
        return
    if not rows:
        tell(say(vocabulary.NOTHING, spoken))
        return
    print_rows(rows, spoken, now)
    if len(rows) == limit:
        tell(say(vocabulary.MORE, spoken))
