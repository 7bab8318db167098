"""`docaxis receipts`: what became of a document, from the hub's own records."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from docaxis.cli import words
from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, print_json, print_line, tell
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.cli.words import Language, LanguageOption, chosen, say

if TYPE_CHECKING:
    from docaxis.hub.views.documents import SubmissionView
    from docaxis.hub.views.timeline import Timeline

WATCH_S = 2.0
"""How often the records are read again."""


class Found(NamedTuple):
    """All that the hub knows of a document id."""

    timelines: "Sequence[Timeline]"
    submissions: "Sequence[SubmissionView]"


def receipts(
    document_id: Annotated[str, typer.Argument(help="The document's id, as the sender gave it.", show_default=False)],
    *,
    sender: Annotated[str | None, typer.Option(metavar="CODE", help="The sender, where several use this id.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the hub's signed receipt here; - prints it.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again whenever it changes, until Ctrl-C.")] = False,
    lang: LanguageOption = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show who got a document, what each addressee did with it, what is late, and every act in order; refused tries too.

    Exit code 3 when the hub never saw such a document.

    \b
    Examples:
      docaxis receipts G22,2026/01/05,12/QĐ-TTg
      docaxis receipts G22,2026/01/05,12/QĐ-TTg --watch --lang en
      docaxis receipts G22,2026/01/05,12/QĐ-TTg --sender G22 --out receipt.xml
    """  # noqa: D301
    spoken = chosen(lang)
    if out is not None and watch:
        raise typer.BadParameter("either --out or --watch")

    def show(found: Found) -> None:
        if out is not None:
            _write_receipt(out, found)
            if as_json or str(out) == "-":
                return
        _show(found, document_id, spoken, as_json=as_json)

    asyncio.run(_read(config, document_id, sender, show, watch=watch))


async def _read(
    config_file: Path, document_id: str, sender: str | None, show: Callable[[Found], None], *, watch: bool
) -> None:
    from docaxis.backends.queries import Queries
    from docaxis.cli.database import opened_engine, read_config
    from docaxis.config import secret_url
    from docaxis.domain.organ import parse_organ_id

    config = read_config(config_file)
    code = (parse_organ_id(sender) or sender) if sender else None
    async with (
        opened_engine(config),
        Queries(secret_url(config.store.url, config.store.password_file), 1) as queries,
    ):

        async def read() -> Found:
            return Found(await queries.timelines(document_id, code), await queries.submissions_of(document_id, code))

        found = await read()
        if not any(found):
            raise CommandError(f"{document_id}: no such document", ExitCode.NOT_FOUND)
        show(found)
        if watch:
            await _watch(found, read, show)


_pause = asyncio.sleep


async def _watch(last: Found, read: Callable[[], Awaitable[Found]], show: Callable[[Found], None]) -> None:
    while True:
        await _pause(WATCH_S)
        found = await read()
        if found != last:
            last = found
            show(found)


def _show(found: Found, document_id: str, spoken: Language, *, as_json: bool) -> None:
    from docaxis.cli.receipts_screen import print_submissions, print_timeline

    if as_json:
        for about in _described(found):
            print_json(about)
        return
    if not found.timelines:
        tell(f"{document_id}: {say(words.NEVER_ACCEPTED, spoken)}")
        print_submissions(found.submissions, spoken)
    for position, timeline in enumerate(found.timelines):
        if position:
            print_line("")
        print_timeline(timeline, spoken, datetime.now(UTC))


def _described(found: Found) -> list[dict[str, Any]]:
    from docaxis.cli.plain import to_plain

    if not found.timelines:
        nothing: dict[str, Any] = {
            name: [] for name in ("deliveries", "statuses", "links", "misses", "reports", "events")
        }
        return [{"document": None, **nothing, "submissions": [to_plain(one) for one in found.submissions]}]
    now = datetime.now(UTC)
    told = []
    for timeline in found.timelines:
        about = to_plain(timeline)
        for plain, event in zip(about["events"], timeline.events, strict=True):
            plain["leaf_hash"] = event.leaf_hash.hex()
        for plain, delivery in zip(about["deliveries"], timeline.deliveries, strict=True):
            plain["had_it"] = delivery.had_it
        for plain, miss in zip(about["misses"], timeline.misses, strict=True):
            plain["late_hours"] = round(miss.late_hours(now), 2)
        told.append(about)
    return told


def _write_receipt(out: Path, found: Found) -> None:
    from docaxis.cli.octets import write_octets

    senders = sorted({timeline.document.sender for timeline in found.timelines})
    if len(senders) > 1:
        raise CommandError(f"several senders use this id: {', '.join(senders)}; choose with --sender", ExitCode.USAGE)
    accepted = {timeline.document.document_key for timeline in found.timelines}
    receipts = [one for one in found.submissions if one.submission_id in accepted] or list(found.submissions[-1:])
    write_octets(out, receipts[0].receipt)
