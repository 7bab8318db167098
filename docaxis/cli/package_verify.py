"""`docaxis package verify`: one verdict a file, offline, as JSON Lines and an exit code."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docaxis.cli.octets import UnreadableError, read_octets
from docaxis.cli.output import language, print_json, tell
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason, Rejection

if TYPE_CHECKING:
    from collections.abc import Callable

    from docaxis.cli.verification import Verdict

DEFAULT_ANCHORS, DEFAULT_CRLS = Path("certs/anchors"), Path("certs/crls")
_EXIT = {"accepted": ExitCode.OK, "deferred": ExitCode.TRY_LATER, "rejected": ExitCode.VERIFICATION_FAILED}
_PEM_BYTES = 1024 * 1024


def verify(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Packages; - is standard input.", show_default=False)
    ],
    *,
    anchors: Annotated[Path | None, typer.Option(metavar="DIR", help="Trusted roots (certs/anchors).")] = None,
    crls: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Revocation lists (crls beside the anchors, certs/crls).")
    ] = None,
    intermediates: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Issuing authorities (intermediates beside the anchors).")
    ] = None,
    directory: Annotated[
        str | None,
        typer.Option(metavar="NAME|DIR|CSV", help="Also judge sender, binding and addressees by this directory."),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it was received, ISO 8601, UTC (now).")] = None,
    signature_only: Annotated[
        bool, typer.Option("--signature-only", help="Judge only the signature, of any XML document.")
    ] = False,
    signer: Annotated[
        Path | None, typer.Option(metavar="CERT", help="With --signature-only: whose signature it must be.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON line, no sentence on standard error.")] = False,
) -> None:
    """Judge packages as the hub would, and print one JSON line for each; nothing leaves this machine.

    Exit code 0 all accepted, 4 one rejected, 75 one that cannot be told yet.

    \b
    Examples:
      docaxis package verify letter.edxml --anchors certs/anchors --crls certs/crls
      docaxis package verify *.edxml --directory vietnam-2025 --at 2026-01-05T08:00:00Z --json
      docaxis package verify any.xml --signature-only --signer signer.pem
    """  # noqa: D301
    if signer is not None and not signature_only:
        raise typer.BadParameter("--signer goes with --signature-only", param_hint="--signer")
    moment = _moment(at)
    if signature_only:
        judge = _signature_judge(signer)
    else:
        judge = _package_judge(anchors, crls, intermediates, directory, moment, as_json=as_json)
    worst = ExitCode.OK
    for file in files:
        verdict = _judge_file(file, judge)
        printed = verdict.to_dict()
        if signature_only:
            printed["mathematics_hold"] = _mathematics(verdict)
        if len(files) > 1:
            printed["file"] = str(file)
        print_json(printed)
        sys.stdout.flush()
        if not as_json:
            _tell_people(file, verdict)
        worst = max(worst, _EXIT[verdict.word], key=_severity)
    raise typer.Exit(int(worst))


def _judge_file(file: Path, judge: "Callable[[bytes], Verdict]") -> "Verdict":
    from docaxis.cli.verification import Verdict

    try:
        octets = read_octets(file)
    except UnreadableError as error:
        return Verdict(Rejection(Reason.PKG_EMPTY, f"nothing could be read: {error}"))
    return Verdict(octets) if isinstance(octets, Rejection) else judge(octets)


def _package_judge(
    anchors: Path | None,
    crls: Path | None,
    intermediates: Path | None,
    directory: str | None,
    at: datetime,
    *,
    as_json: bool,
) -> "Callable[[bytes], Verdict]":
    from docaxis.cli.verification import Grounds, verify_package
    from docaxis.trust.certificate import load_trust

    roots = anchors or DEFAULT_ANCHORS
    lists = crls or _existing(roots.parent / "crls") or DEFAULT_CRLS
    trust = load_trust(roots, intermediates or _existing(roots.parent / "intermediates"), lists)
    if not as_json:
        for problem in trust.problems:
            tell(f"not used: {problem}")
    if directory is None:
        grounds = Grounds(trust, at)
    else:
        from docaxis.cli.directories import read_directory

        grounds = Grounds(trust, at, *read_directory(directory))
    return lambda octets: verify_package(octets, grounds)


def _signature_judge(signer: Path | None) -> "Callable[[bytes], Verdict]":
    from docaxis.cli.octets import read_file
    from docaxis.cli.verification import verify_signature
    from docaxis.trust.certificate import read_certificates

    certificate = None
    if signer is not None:
        try:
            certificate = read_certificates(read_file(signer, _PEM_BYTES))[0]
        except (ValueError, IndexError):
            raise CommandError(f"{signer}: holds no certificate", ExitCode.USAGE) from None
    return lambda octets: verify_signature(octets, certificate)


def _mathematics(verdict: "Verdict") -> bool | None:
    from docaxis.cli.verification import tell_mathematics

    return tell_mathematics(verdict)


def _tell_people(file: Path, verdict: "Verdict") -> None:
    cause = verdict.cause
    if cause is None:
        tell(f"{file}: accepted; {verdict.unjudged}" if verdict.unjudged else f"{file}: accepted")
    else:
        told = sentence(cause.code, language(), cause.detail)
        more = "" if cause.detail in told else f" ({cause.detail})"
        tell(f"{file}: {verdict.word}: {cause.code}: {told}{more}")


def _severity(code: ExitCode) -> int:
    return (ExitCode.OK, ExitCode.TRY_LATER, ExitCode.VERIFICATION_FAILED).index(code)


def _existing(folder: Path) -> Path | None:
    return folder if folder.is_dir() else None


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("ISO 8601, as 2026-01-05T08:00:00Z", param_hint="--at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
