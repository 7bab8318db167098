"""`docaxis recall`, `update`, `replace`, `reply`: what an agency says of a document that it sent, or got, before."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from docaxis.cli.options import SettingsFile
from docaxis.cli.output import JsonOption
from docaxis.cli.sending import DEADLINE_S, WAIT_S, Deadline, Wait, send_all
from docaxis.cli.trouble import CommandError, ExitCode

DEFAULT_SETTINGS = Path("endpoint.toml")
As = Annotated[
    str | None,
    typer.Option("--as", metavar="CODE", help="The agency that speaks; left out, that of --cert or [signing]."),
]
Key = Annotated[Path | None, typer.Option(metavar="PEM", help="Its private key; left out, that of [signing].")]
Cert = Annotated[Path | None, typer.Option(metavar="PEM", help="Its certificate, issuers after it.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, in words for the addressees.")]
Original = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The earlier package; gives its number, day and parties.")
]
Draft = Annotated[
    Path,
    typer.Argument(metavar="DRAFT", help="A package, or a .toml with its files beside it.", show_default=False),
]


def recall(
    document_id: Annotated[
        str, typer.Argument(metavar="DOCUMENT_ID", help="The id of the document to take back.", show_default=False)
    ],
    *,
    reason: Reason,
    original: Original = None,
    to: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only from this addressee (status 13); repeat.")
    ] = None,
    own_id: Annotated[
        str | None,
        typer.Option("--id", metavar="TEXT", help="The recall's own document id (the recalled one and /TH)."),
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    speaks: As = None,
    key: Key = None,
    cert: Cert = None,
    wait: Wait = WAIT_S,
    deadline: Deadline = DEADLINE_S,
    as_json: JsonOption = False,
) -> None:
    """Take a document back, from all its addressees (--original) or from some of them (--to).

    From all: a recall order, a document of its own that repeats the header of the original, so the package as it was sent
    is needed. From some: one status 13 each, for which the id is enough. What has not left the hub is back at once; what
    nobody has fetched is taken out of the inbox; who has it is asked, and answers 15 or 16. Exit codes as `docaxis send`.

    \b
    Examples:
      docaxis recall G22,2026/01/05,12/QĐ-TTg --original letter.edxml --reason "Sai phụ lục" --settings g22/endpoint.toml
      docaxis recall G22,2026/01/05,12/QĐ-TTg --to H41 --reason "Gửi nhầm nơi nhận" --settings g22/endpoint.toml
    """  # noqa: D301
    from adapters import flows
    from docaxis.cli.flow_packages import Speaker, agency, made, read_original
    from docaxis.domain.envelope import Organization
    from docaxis.domain.status import StatusCode

    if not to and original is None:
        raise CommandError("name the original package with --original, or addressees with --to", ExitCode.USAGE)
    speaker = Speaker(settings, speaks, key, cert)
    package = read_original(original)
    earlier = made(lambda: flows.earlier_document(document_id, "" if package else speaker.organ_id, package))
    if package is not None and not to:
        order = made(lambda: flows.recalling(package, reason, document_id=own_id or ""))
        outgoing = [speaker.outgoing("recall", order)]
    else:
        mine, now = Organization(speaker.organ_id), datetime.now(UTC)
        asked = [agency(one) for one in dict.fromkeys(to or [])]
        code = StatusCode.RECALL_ASKED
        outgoing = [
            speaker.outgoing(
                f"recall from {one}",
                made(lambda one=one: flows.status_of(earlier, code, mine, now, reason=reason, addressee=one)),  # type: ignore[misc]
            )
            for one in asked
        ]
    raise typer.Exit(int(send_all(settings, outgoing, wait=wait, deadline=deadline, as_json=as_json)))


def update(
    draft: Draft,
    *,
    updates: Annotated[str, typer.Option(metavar="DOCUMENT_ID", help="The document that is updated.")],
    add: Annotated[list[str] | None, typer.Option(metavar="CODE", help="A new addressee; repeat.")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="CODE", help="An addressee no more; repeat.")] = None,
    reason: Reason = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
    speaks: As = None,
    key: Key = None,
    cert: Cert = None,
    wait: Wait = WAIT_S,
    deadline: Deadline = DEADLINE_S,
    as_json: JsonOption = False,
) -> None:
    """Send a document as the update of an earlier one: new content, new addressees, or both.

    The draft has an id of its own and names those who get the update. Those added are put among them; those removed get no
    copy and are told. Exit codes as `docaxis send`.

    \b
    Examples:
      docaxis update letter-2.toml --updates G22,2026/01/05,12/QĐ-TTg --add H10 --settings g22/endpoint.toml
      docaxis update letter-2.edxml --updates G22,2026/01/05,12/QĐ-TTg --remove H41 --reason "Bỏ nơi nhận"
    """  # noqa: D301
    from adapters import flows
    from docaxis.cli.flow_packages import Speaker, agency, made, read_new

    speaker = Speaker(settings, speaks, key, cert)
    added, removed = ([agency(one) for one in dict.fromkeys(codes or [])] for codes in (add, remove))
    new, files = read_new(draft, speaker)
    package = made(lambda: flows.updating(new, updates, added=added, removed=removed, reason=reason))
    outgoing = [speaker.outgoing("update", package, files)]
    raise typer.Exit(int(send_all(settings, outgoing, wait=wait, deadline=deadline, as_json=as_json)))


def replace(
    draft: Draft,
    *,
    replaces: Annotated[list[str], typer.Option(metavar="DOCUMENT_ID", help="A document that is replaced; repeat.")],
    original: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A replaced package, for who had received it; repeat.")
    ] = None,
    reason: Reason = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
    speaks: As = None,
    key: Key = None,
    cert: Cert = None,
    wait: Wait = WAIT_S,
    deadline: Deadline = DEADLINE_S,
    as_json: JsonOption = False,
) -> None:
    """Send a document in the place of earlier ones, which end with it.

    Whoever had an earlier one is told by the hub. Exit codes as `docaxis send`.

    \b
    Examples:
      docaxis replace new.toml --replaces G22,2026/01/05,12/QĐ-TTg --settings g22/endpoint.toml
      docaxis replace new.edxml --replaces G22,2026/01/05,12/QĐ-TTg --original letter.edxml --reason "Sửa Điều 3"
    """  # noqa: D301
    from adapters import flows
    from docaxis.cli.flow_packages import Speaker, made, read_new, read_original

    speaker = Speaker(settings, speaks, key, cert)
    packages = [package for file in original or [] if (package := read_original(file))]
    by_id = {package.header.document_id: package for package in packages}
    stray = [one for one in by_id if one not in replaces]
    if stray:
        raise CommandError(f"{stray[0]} is no document that --replaces names", ExitCode.USAGE)
    new, files = read_new(draft, speaker)
    named = [flows.replaced_document(one, by_id.get(one)) for one in dict.fromkeys(replaces)]
    package = made(lambda: flows.replacing(new, named, reason=reason))
    outgoing = [speaker.outgoing("replace", package, files)]
    raise typer.Exit(int(send_all(settings, outgoing, wait=wait, deadline=deadline, as_json=as_json)))


def reply(
    draft: Draft,
    *,
    to_document: Annotated[str, typer.Option(metavar="DOCUMENT_ID", help="The document that is answered.")],
    sender: Annotated[
        str, typer.Option(metavar="CODE", help="Its sender, where neither its id nor --original tells.")
    ] = "",
    original: Original = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    speaks: As = None,
    key: Key = None,
    cert: Cert = None,
    wait: Wait = WAIT_S,
    deadline: Deadline = DEADLINE_S,
    as_json: JsonOption = False,
) -> None:
    """Send a document as the answer to one that was received; its sender is added to the addressees where it is missing.

    Exit codes as `docaxis send`.

    \b
    Examples:
      docaxis reply answer.toml --to-document G22,2026/01/05,12/QĐ-TTg --sender G22 --settings h41/endpoint.toml
      docaxis reply answer.edxml --to-document G22,2026/01/05,12/QĐ-TTg --original inbox/letter/package.edxml
    """  # noqa: D301
    from adapters import flows
    from docaxis.cli.flow_packages import Speaker, made, read_new, read_original

    speaker = Speaker(settings, speaks, key, cert)
    earlier = made(lambda: flows.earlier_document(to_document, sender, read_original(original)))
    new, files = read_new(draft, speaker)
    outgoing = [speaker.outgoing("reply", flows.replying(new, earlier), files)]
    raise typer.Exit(int(send_all(settings, outgoing, wait=wait, deadline=deadline, as_json=as_json)))
