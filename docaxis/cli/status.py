"""`docaxis status send`: what an addressee tells a document's sender."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from docaxis.cli.flows import DEFAULT_SETTINGS, As, Cert, Key, Original
from docaxis.cli.options import SettingsFile
from docaxis.cli.output import JsonOption
from docaxis.cli.sending import DEADLINE_S, WAIT_S, Deadline, Wait, send_all

if TYPE_CHECKING:
    from docaxis.domain.envelope import Envelope, Organization

app = typer.Typer(no_args_is_help=True, help="Report a status of a received document.")


@app.callback()
def status() -> None:
    """Report a status of a received document."""


@app.command()
def send(
    document_id: Annotated[
        str, typer.Argument(metavar="DOCUMENT_ID", help="The document's id, as its sender gave it.", show_default=False)
    ],
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="01 to 06, 15 or 16; 13 is `docaxis recall`.", show_default=False)
    ],
    *,
    sender: Annotated[
        str, typer.Option(metavar="CODE", help="Its sender, where neither its id nor --original tells.")
    ] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for people; needed with 02.")] = "",
    staff: Annotated[str, typer.Option(metavar="TEXT", help="The clerk to ask.")] = "",
    original: Original = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    speaks: As = None,
    key: Key = None,
    cert: Cert = None,
    wait: Wait = WAIT_S,
    deadline: Deadline = DEADLINE_S,
    as_json: JsonOption = False,
) -> None:
    """Tell a document's sender where it stands with you.

    01 arrived, 02 refused, 03 accepted, 04 assigned, 05 in work, 06 finished; 15 agreed and 16 declined answer a recall or
    an update. Exit codes as `docaxis send`.

    \b
    Examples:
      docaxis status send G22,2026/01/05,12/QĐ-TTg 03 --sender G22 --as H41 --settings h41/endpoint.toml
      docaxis status send G22,2026/01/05,12/QĐ-TTg 02 --reason "Không thuộc thẩm quyền" --settings h41/endpoint.toml
    """  # noqa: D301
    from adapters import flows
    from docaxis.cli.flow_packages import Speaker, made, read_original
    from docaxis.domain.envelope import StaffInfo
    from docaxis.domain.status import StatusCode, parse_status_code

    parsed = parse_status_code(code.zfill(2))
    if parsed is None or parsed is StatusCode.RECALL_ASKED:
        hint = "; a sender asks with `docaxis recall --to CODE`" if parsed else ""
        raise typer.BadParameter(f"{code}: one of 01 to 06, 15, 16 expected{hint}", param_hint="CODE")
    speaker = Speaker(settings, speaks, key, cert)
    package = read_original(original)
    earlier = made(lambda: flows.earlier_document(document_id, sender, package))
    said = made(
        lambda: flows.status_of(
            earlier,
            parsed,
            _myself(speaker.organ_id, package),
            datetime.now(UTC),
            reason=reason,
            staff=StaffInfo(staff=staff) if staff else None,
        )
    )
    outgoing = [speaker.outgoing(f"status {parsed.written}", said)]
    raise typer.Exit(int(send_all(settings, outgoing, wait=wait, deadline=deadline, as_json=as_json)))


def _myself(organ_id: str, original: "Envelope | None") -> "Organization":
    """Return how the document names us, with the name and the address that its sender wrote; else the bare code."""
    from docaxis.domain.envelope import Organization

    to = original.header.to if original else ()
    return next((one for one in to if one.organ_id == organ_id), Organization(organ_id))
