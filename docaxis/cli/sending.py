"""Sending as an endpoint and showing the hub's receipt: what `send` and every flow verb end with."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docaxis.cli.output import hush_libraries, language, print_json, print_line, print_table
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from adapters.client import Client
    from docaxis.domain.envelope import BlobReference
    from docaxis.domain.receipt import Receipt

Wait = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="Wait so long for the receipt of each; 0 not at all.")
]
Deadline = Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Keep trying so long to reach the broker.")]
WAIT_S, DEADLINE_S = 30.0, 60.0

_EXIT = {"accepted": ExitCode.OK, "repeated": ExitCode.OK, "rejected": ExitCode.REFUSED, "deferred": ExitCode.TRY_LATER}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed package; about is what its line of output begins with, files are attachments by reference."""

    about: dict[str, str]
    octets: bytes = field(repr=False)
    files: "tuple[tuple[BlobReference, Path], ...]" = ()


def send_all(
    settings: Path,
    packages: Sequence[Outgoing],
    *,
    wait: float,
    deadline: float,
    as_json: bool,
    message_id: str | None = None,
) -> ExitCode:
    """Send packages in their order, print the hub's answers, and return the worst of them; raises CommandError."""
    return asyncio.run(_send(settings, packages, message_id, wait, deadline, as_json=as_json))


def open_client(settings: Path) -> "Client":
    """Return the client of an endpoint, its state folder made; raises CommandError, SettingsError."""
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


async def _send(
    settings: Path,
    packages: Sequence[Outgoing],
    message_id: str | None,
    wait_s: float,
    deadline_s: float,
    *,
    as_json: bool,
) -> ExitCode:
    worst = ExitCode.OK
    async with open_client(settings) as client:
        for package in packages:
            await _put_files(client, package)
        sent = [(one, await client.send(one.octets, message_id, deadline_s=deadline_s)) for one in packages]
        for package, sent_as in sent:
            about: dict[str, Any] = {**package.about, "message_id": sent_as}
            code, receipt = ExitCode.OK, None
            if wait_s:
                receipt = await _answer(client, sent_as, package.octets, wait_s)
                about |= _describe(receipt)
                code = _EXIT[receipt.outcome] if receipt else ExitCode.TRY_LATER
            else:
                about["outcome"] = "sent"
            print_json(about) if as_json else _tell(" ".join(package.about.values()), about, receipt)
            worst = max(worst, code, key=_severity)
    return worst


async def _put_files(client: "Client", package: Outgoing) -> None:
    from adapters.blobs import BlobError

    for reference, file in package.files:
        try:
            await client.put_attachment(reference, file)
        except BlobError as error:
            code = ExitCode.UNAVAILABLE if error.temporary else ExitCode.FAILED
            raise CommandError(f"{file}: {error}", code) from None


async def _answer(client: "Client", message_id: str, body: bytes, wait_s: float) -> "Receipt | None":
    """Return the hub's answer; after a deferral the final one, where the hub decides again within the time."""
    from docaxis.domain.wire import digest_of

    until = datetime.now(UTC) + timedelta(seconds=wait_s)
    try:
        receipt = (await client.receipt_for(message_id, wait_s, digest_of(body), final=False)).receipt
    except TimeoutError:
        return None
    if receipt.retry_at is None or receipt.retry_at > until:
        return receipt
    try:
        left_s = (until - datetime.now(UTC)).total_seconds()
        return (await client.receipt_for(message_id, left_s, digest_of(body))).receipt
    except TimeoutError:
        return receipt


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
        "effects": [
            {
                "organ_id": one.organ_id,
                "act": one.act,
                "endpoint": one.endpoint,
                "document": one.document,
                "status": one.code,
            }
            for one in receipt.effects
        ],
    }


def _tell(label: str, about: dict[str, Any], receipt: "Receipt | None") -> None:
    from docaxis.domain.sentences import sentence
    from docaxis.domain.verdict import Reason

    outcome = about["outcome"] or "no receipt yet"
    if about.get("code"):
        told = sentence(Reason(about["code"]), language(), about["detail"])
        print_line(f"{label}  {outcome}  {about['code']}: {told}")
        return
    reached = "".join(f" {one['organ_id']}" for one in about.get("addressees", ()))
    print_line(f"{label}  {outcome}{'  to' + reached if reached else ''}")
    if receipt is not None and receipt.effects:
        _print_effects(receipt)


def _print_effects(receipt: "Receipt") -> None:
    from adapters.effect_text import act_text, status_text

    spoken = language()
    columns = ("nơi nhận", "kết quả", "trạng thái") if spoken == "vi" else ("addressee", "effect", "status")
    print_table(columns, [(one.organ_id, act_text(one, spoken), status_text(one, spoken)) for one in receipt.effects])


def _severity(code: ExitCode) -> int:
    return (ExitCode.OK, ExitCode.TRY_LATER, ExitCode.REFUSED).index(code)
