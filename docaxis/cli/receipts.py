"""`docaxis receipts`: what became of a document, from the hub's own records."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, print_facts, print_json, print_line, print_table, tell
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from docaxis.backends.views import DocumentView, EventView, SubmissionView, Timeline


def receipts(
    document_id: Annotated[str, typer.Argument(help="The document's id, as the sender gave it.", show_default=False)],
    *,
    sender: Annotated[str | None, typer.Option(metavar="CODE", help="The sender, where several use this id.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the hub's signed receipt here; - prints it.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show who got a document, when, through whom, and every act in order; refused tries too.

    Exit code 3 when the hub never saw such a document.

    \b
    Examples:
      docaxis receipts G22,2026/01/05,12/QĐ-TTg
      docaxis receipts G22,2026/01/05,12/QĐ-TTg --sender G22 --out receipt.xml
    """  # noqa: D301
    timelines, submissions = asyncio.run(_read(config, document_id, sender))
    if not timelines and not submissions:
        raise CommandError(f"{document_id}: no such document", ExitCode.NOT_FOUND)
    if out is not None:
        _write_receipt(out, timelines, submissions)
        if as_json or str(out) == "-":
            return
    if not timelines:
        if as_json:
            print_json({"document": None, **_describe([], submissions, [])})
        else:
            tell(f"{document_id}: never accepted")
            _print_submissions(submissions)
    for timeline in timelines:
        if as_json:
            about = _describe(timeline.deliveries, timeline.submissions, timeline.events)
            print_json({"document": _plain(timeline.document), **about})
        else:
            _print(timeline)


async def _read(
    config_file: Path, document_id: str, sender: str | None
) -> "tuple[Sequence[Timeline], Sequence[SubmissionView]]":
    from docaxis.backends.queries import Queries
    from docaxis.cli.database import opened_engine, read_config
    from docaxis.config import secret_url
    from docaxis.domain.organ import parse_organ_id

    config = read_config(config_file)
    code = (parse_organ_id(sender) or sender) if sender else None
    async with opened_engine(config):
        queries = Queries(secret_url(config.store.url, config.store.password_file), 1)
        try:
            return await queries.timelines(document_id, code), await queries.submissions_of(document_id, code)
        finally:
            await queries.close()


def _write_receipt(out: Path, timelines: "Sequence[Timeline]", submissions: "Sequence[SubmissionView]") -> None:
    from docaxis.cli.octets import write_octets

    senders = sorted({timeline.document.sender for timeline in timelines})
    if len(senders) > 1:
        raise CommandError(f"several senders use this id: {', '.join(senders)}; choose with --sender", ExitCode.USAGE)
    accepted = {timeline.document.document_key for timeline in timelines}
    found = [one for one in submissions if one.submission_id in accepted] or list(submissions[-1:])
    write_octets(out, found[0].receipt)


def _describe(
    deliveries: Sequence[Any], submissions: "Sequence[SubmissionView]", events: "Sequence[EventView]"
) -> dict[str, Any]:
    return {
        "deliveries": [_plain(one) for one in deliveries],
        "submissions": [_plain(one) for one in submissions],
        "events": [_plain(one) | {"leaf_hash": one.leaf_hash.hex()} for one in events],
    }


def _plain(value: object) -> dict[str, Any]:
    from docaxis.cli.plain import to_plain

    plain: dict[str, Any] = to_plain(value)
    return plain


def _print(timeline: "Timeline") -> None:
    document: DocumentView = timeline.document
    print_facts(
        [
            ("document", document.document_id),
            ("sender", document.sender),
            ("number", "/".join(part for part in (document.code_number, document.code_notation) if part)),
            ("subject", document.subject),
            ("accepted", _moment(document.accepted_at)),
            ("lane", document.lane),
            ("package", f"{document.digest} ({document.size_bytes} bytes)"),
            ("signer", document.signer),
        ]
    )
    print_line("")
    rows = (
        (
            one.organ_id,
            one.addressed_as if one.addressed_as != one.organ_id else "",
            one.endpoint,
            one.transport,
            _moment(one.fetched_at),
            one.rule,
            one.via,
        )
        for one in timeline.deliveries
    )
    print_table(("addressee", "addressed as", "endpoint", "state", "fetched", "rule", "via"), rows)
    print_line("")
    acts = ((_moment(one.at), one.kind, "" if one.leaf_index is None else one.leaf_index) for one in timeline.events)
    print_table(("time", "act", "log entry"), acts)
    others = [one for one in timeline.submissions if one.submission_id != document.document_key]
    if others:
        print_line("")
        _print_submissions(others)


def _print_submissions(submissions: "Sequence[SubmissionView]") -> None:
    rows = ((_moment(s.received_at), s.endpoint, s.outcome, s.code, s.detail, s.place) for s in submissions)
    print_table(("received", "endpoint", "outcome", "code", "facts", "place"), rows)


def _moment(at: datetime | None) -> str:
    """Show a time as people here read it: local time with its offset."""
    from docaxis.domain.calendar import VIETNAM

    return at.astimezone(VIETNAM).isoformat(sep=" ", timespec="seconds") if at else ""
