"""`docaxis send` and `docaxis inbox`: an endpoint's two directions, on the client library that every adapter stands on."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docaxis.cli.octets import read_file
from docaxis.cli.options import SettingsFile
from docaxis.cli.output import JsonOption, print_json, print_line, tell
from docaxis.cli.sending import DEADLINE_S, WAIT_S, Deadline, Outgoing, Wait, open_client, send_all
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from adapters.delivery import Delivery

DEFAULT_SETTINGS = Path("endpoint.toml")
WORDS_FOLDER = "words"
_PATIENCE_S = 30.0


def send(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Signed packages; - is standard input.", show_default=False)
    ],
    *,
    settings: SettingsFile = DEFAULT_SETTINGS,
    wait: Wait = WAIT_S,
    deadline: Deadline = DEADLINE_S,
    message_id: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Made of the octets where it is left out; a new one has it decided anew."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Send packages, and show the hub's receipts.

    Exit code 0 all accepted (or, with --wait 0, taken by the broker), 5 one rejected, 69 no broker, 75 one not answered yet.

    \b
    Examples:
      docaxis send letter.edxml --settings nghe-an/endpoint.toml
      docaxis send *.edxml --settings nghe-an/endpoint.toml --wait 0 --json
    """  # noqa: D301
    if message_id is not None and len(files) > 1:
        raise typer.BadParameter("one file only", param_hint="--message-id")
    packages = [Outgoing({"file": str(file)}, read_file(file)) for file in files]
    worst = send_all(settings, packages, wait=wait, deadline=deadline, as_json=as_json, message_id=message_id)
    raise typer.Exit(int(worst))


def inbox(
    *,
    settings: SettingsFile = DEFAULT_SETTINGS,
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", help="One folder for each document (inbox beside the settings).")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow/--once", help="Go on until Ctrl-C, or end when nothing waits.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch what has arrived: the package, the hub's note and the attachments, each document once.

    What others say of documents is shown too and kept in DIR/words: statuses, recalls, updates, and what the hub reports.
    A document that is taken back before it is fetched is never written.

    \b
    Examples:
      docaxis inbox --settings nghe-an/endpoint.toml
      docaxis inbox --settings nghe-an/endpoint.toml --into /srv/inbox --follow --json
    """  # noqa: D301
    folder = into or settings.parent / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_inbox(settings, folder, follow=follow, as_json=as_json))


async def _inbox(settings: Path, into: Path, *, follow: bool, as_json: bool) -> None:
    from docaxis.cli.inbox_folder import is_written, write_delivery
    from docaxis.cli.inbox_words import Words

    words = Words(into / WORDS_FOLDER, as_json=as_json)

    async def seen(document_key: str) -> bool:
        return await asyncio.to_thread(is_written, into, document_key)

    async def write(delivery: "Delivery") -> None:
        folder = await asyncio.to_thread(write_delivery, into, delivery)
        if as_json:
            print_json(
                {
                    "kind": "document",
                    "folder": str(folder),
                    "sender": delivery.note.sender,
                    "document_id": delivery.note.document_id,
                    "addressees": [one.organ_id for one in delivery.addressees],
                    "lane": delivery.lane,
                    "digest": delivery.note.digest,
                }
            )
        else:
            print_line(f"{folder}  {delivery.note.sender}  {delivery.note.document_id}")

    async with open_client(settings) as client:
        if follow:
            await client.receive(
                write,
                notice=words.notice,
                status=words.status,
                recall=words.recall,
                report=words.report,
                seen=seen,
                change=words.change,
            )
            return
        try:
            new = await client.receive_waiting(
                write,
                notice=words.notice,
                patience_s=_PATIENCE_S,
                status=words.status,
                recall=words.recall,
                report=words.report,
                seen=seen,
                change=words.change,
            )
        except TimeoutError:
            raise CommandError(f"no broker within {_PATIENCE_S:.0f} s", ExitCode.UNAVAILABLE) from None
        tell(f"{new} new")
