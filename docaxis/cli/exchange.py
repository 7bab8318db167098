"""`docaxis send` and `docaxis inbox`: an endpoint's two directions, on the client library that every adapter stands on."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docaxis.cli.octets import read_file
from docaxis.cli.options import SettingsFile
from docaxis.cli.output import JsonOption, hush_libraries, language, print_json, print_line, tell
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from adapters.client import Client
    from adapters.delivery import Delivery
    from docaxis.domain.receipt import Receipt

DEFAULT_SETTINGS = Path("endpoint.toml")
_EXIT = {"accepted": ExitCode.OK, "repeated": ExitCode.OK, "rejected": ExitCode.REFUSED, "deferred": ExitCode.TRY_LATER}
_PATIENCE_S = 30.0


def send(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Signed packages; - is standard input.", show_default=False)
    ],
    *,
    settings: SettingsFile = DEFAULT_SETTINGS,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Wait so long for the receipt of each; 0 not at all.")
    ] = 30.0,
    deadline: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="Keep trying so long to reach the broker.")
    ] = 60.0,
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
    packages = [(file, read_file(file)) for file in files]
    worst = asyncio.run(_send(settings, packages, message_id, wait, deadline, as_json=as_json))
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

    \b
    Examples:
      docaxis inbox --settings nghe-an/endpoint.toml
      docaxis inbox --settings nghe-an/endpoint.toml --into /srv/inbox --follow --json
    """  # noqa: D301
    folder = into or settings.parent / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_inbox(settings, folder, follow=follow, as_json=as_json))


async def _send(
    settings: Path,
    packages: list[tuple[Path, bytes]],
    message_id: str | None,
    wait_s: float,
    deadline_s: float,
    *,
    as_json: bool,
) -> ExitCode:
    worst = ExitCode.OK
    async with _client(settings) as client:
        sent = [(file, body, await client.send(body, message_id, deadline_s=deadline_s)) for file, body in packages]
        for file, body, sent_as in sent:
            about: dict[str, Any] = {"file": str(file), "message_id": sent_as}
            code = ExitCode.OK
            if wait_s:
                receipt = await _answer(client, sent_as, body, wait_s)
                about |= _describe(receipt)
                code = _EXIT[receipt.outcome] if receipt else ExitCode.TRY_LATER
            else:
                about["outcome"] = "sent"
            print_json(about) if as_json else _tell_sent(about)
            worst = max(worst, code, key=_severity)
    return worst


async def _answer(client: "Client", message_id: str, body: bytes, wait_s: float) -> "Receipt | None":
    from docaxis.domain.wire import digest_of

    try:
        return (await client.receipt_for(message_id, wait_s, digest_of(body), final=False)).receipt
    except TimeoutError:
        return None


async def _inbox(settings: Path, into: Path, *, follow: bool, as_json: bool) -> None:
    from docaxis.cli.inbox_folder import write_delivery

    async def write(delivery: "Delivery") -> None:
        folder = await asyncio.to_thread(write_delivery, into, delivery)
        if as_json:
            print_json(
                {
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

    async with _client(settings) as client:
        if follow:
            await client.receive(write)
            return
        try:
            new = await client.receive_waiting(write, patience_s=_PATIENCE_S)
        except TimeoutError:
            raise CommandError(f"no broker within {_PATIENCE_S:.0f} s", ExitCode.UNAVAILABLE) from None
        tell(f"{new} new")


def _client(settings: Path) -> "Client":
    from adapters.client import Client
    from adapters.settings import read_settings
    from docaxis.logs import set_up_logs

    if not settings.exists():
        raise CommandError(f"{settings}: no such file; name one with --settings", ExitCode.NOT_FOUND)
    set_up_logs("warning", json_lines=False)
    hush_libraries()
    read = read_settings(settings)
    if read.state_dir is not None:
        read.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Client(read)


def _describe(receipt: "Receipt | None") -> dict[str, Any]:
    if receipt is None:
        return {"outcome": None}
    return {
        "outcome": receipt.outcome,
        "code": receipt.code or None,
        "detail": receipt.detail,
        "place": receipt.place,
        "receipt_id": receipt.receipt_id,
        "addressees": [
            {"organ_id": one.organ_id, "endpoint": one.endpoint, "state": one.state, "via": one.via, "rule": one.rule}
            for one in receipt.addressees
        ],
    }


def _tell_sent(about: dict[str, Any]) -> None:
    from docaxis.domain.sentences import sentence
    from docaxis.domain.verdict import Reason

    outcome = about["outcome"] or "no receipt yet"
    if about.get("code"):
        told = sentence(Reason(about["code"]), language(), about["detail"])
        print_line(f"{about['file']}  {outcome}  {about['code']}: {told}")
        return
    reached = "".join(f" {one['organ_id']}" for one in about.get("addressees", ()))
    print_line(f"{about['file']}  {outcome}{'  to' + reached if reached else ''}")


def _severity(code: ExitCode) -> int:
    return (ExitCode.OK, ExitCode.TRY_LATER, ExitCode.REFUSED).index(code)
