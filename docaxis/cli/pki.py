"""`pki`: a certificate authority for development, so that a desk can sign and verify without a real one."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from rich.console import Console

from docaxis.local.issuing import Kind
from docaxis.local.pki import WARNING, DevelopmentAuthority

app = typer.Typer(no_args_is_help=True, help=f"A certificate authority for development. {WARNING}")
_told = Console(stderr=True)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The authority's folder.", show_default=False)]


class KeyKind(StrEnum):
    """The kinds of key that profile docaxis-1 takes."""

    RSA2048 = "rsa2048"
    RSA3072 = "rsa3072"
    P256 = "p256"
    P384 = "p384"


class Usage(StrEnum):
    """The key usages that may sign documents."""

    DIGITAL_SIGNATURE = "digitalSignature"
    NON_REPUDIATION = "nonRepudiation"


class CertificateKind(StrEnum):
    """What a certificate is for."""

    AGENCY = "agency"
    HUB = "hub"
    TLS_SERVER = "tls-server"
    TLS_CLIENT = "tls-client"


class RevocationReason(StrEnum):
    """Why a certificate is revoked (RFC 5280, 5.3.1)."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    CERTIFICATE_HOLD = "certificateHold"


@app.command()
def init(directory: Folder, key: Annotated[KeyKind, typer.Option(help="Kind of both keys.")] = KeyKind.P256) -> None:
    """Make a root, an issuing authority and their first revocation lists.

    Example: docaxis pki init certs
    """
    _warn()
    try:
        DevelopmentAuthority(directory).create(key=key.value)
    except FileExistsError as problem:
        raise typer.BadParameter(str(problem)) from problem
    typer.echo(f"{directory / 'anchors' / 'root.pem'}")


@app.command()
def issue(
    directory: Folder,
    out: Annotated[Path, typer.Option(metavar="PREFIX", help="Writes PREFIX.key.pem and PREFIX.cert.pem.")],
    organ: Annotated[str, typer.Option(metavar="CODE", help="The agency's code.")] = "",
    person: Annotated[str, typer.Option(metavar="NAME", help="Who holds the key, if it is a person.")] = "",
    kind: Annotated[CertificateKind, typer.Option(help="What it is for.")] = CertificateKind.AGENCY,
    key: Annotated[KeyKind, typer.Option(help="Kind of key.")] = KeyKind.P256,
    usage: Annotated[Usage, typer.Option(help="Key usage, of agency and hub.")] = Usage.DIGITAL_SIGNATURE,
    name: Annotated[str, typer.Option(help="Common name, where it is neither person nor agency.")] = "",
    host: Annotated[list[str] | None, typer.Option(help="Host name or address of a TLS server; repeatable.")] = None,
    not_before: Annotated[datetime | None, typer.Option(help="First moment, UTC (now).")] = None,
    not_after: Annotated[datetime | None, typer.Option(help="Last moment, UTC; else --days.")] = None,
    days: Annotated[int, typer.Option(help="Days in force.")] = 365,
) -> None:
    """Issue a certificate and its key.

    Example: docaxis pki issue certs --organ H41 --out h41
    """
    _warn()
    if kind is CertificateKind.AGENCY and not organ:
        raise typer.BadParameter("an agency's certificate needs --organ")
    purpose: Kind = kind.value
    issued = _existing(directory).issue(
        organ,
        person=person,
        kind=purpose,
        key=key.value,
        usage=usage.value,
        common_name=name,
        hosts=tuple(host or ("localhost", "127.0.0.1")),
        not_before_at=_utc(not_before),
        not_after_at=_utc(not_after),
        days=days,
    )
    for path in issued.write(out):
        typer.echo(f"{path}")


@app.command()
def revoke(
    directory: Folder,
    certificate: Annotated[Path, typer.Argument(metavar="CERT", exists=True, dir_okay=False, show_default=False)],
    reason: Annotated[RevocationReason, typer.Option(help="Why.")] = RevocationReason.UNSPECIFIED,
) -> None:
    """Revoke a certificate and renew the revocation lists.

    Example: docaxis pki revoke certs h41.cert.pem --reason keyCompromise
    """
    try:
        _existing(directory).revoke(x509.load_pem_x509_certificate(certificate.read_bytes()), reason=reason.value)
    except ValueError as problem:
        raise typer.BadParameter("not a PEM certificate of this authority") from problem


@app.command()
def crl(directory: Folder, days: Annotated[int, typer.Option(help="Days until the next update.")] = 30) -> None:
    """Renew the revocation lists.

    Example: docaxis pki crl certs --days 30
    """
    _existing(directory).write_crls(days=days)


def _existing(directory: Path) -> DevelopmentAuthority:
    authority = DevelopmentAuthority(directory)
    if not authority.exists:
        raise typer.BadParameter(f"no authority in {directory}: run `pki init` first")
    return authority


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None


def _warn() -> None:
    _told.print(f"[bold red]{WARNING}[/]")
