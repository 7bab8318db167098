"""`docaxis package`: build, sign, show, unpack and verify packages on a desk; needs no hub, no broker and no database."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from docaxis.cli.output import JsonOption
from docaxis.cli.package_verify import verify

app = typer.Typer(no_args_is_help=True, help="Build, sign, show, unpack and verify packages; needs no hub.")

PackageFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The package; - is standard input.", show_default=False)
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Write here; standard output where none is named.")]


@app.command()
def build(
    *,
    tables: Annotated[
        Path | None,
        typer.Option("--from-toml", metavar="FILE", help="Header, business or status as TOML; an option wins over it."),
    ] = None,
    sender: Annotated[str | None, typer.Option("--from", metavar="CODE", help="The sending agency.")] = None,
    to: Annotated[list[str] | None, typer.Option(metavar="CODE", help="An addressee or a list; repeat.")] = None,
    subject: Annotated[str | None, typer.Option(metavar="TEXT", help="Trích yếu.")] = None,
    number: Annotated[str | None, typer.Option(metavar="TEXT", help="Số, as 12.")] = None,
    notation: Annotated[str | None, typer.Option(metavar="TEXT", help="Ký hiệu, as QĐ-TTg.")] = None,
    document_id: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Made of sender, day and number where it is left out.")
    ] = None,
    place: Annotated[str | None, typer.Option(metavar="TEXT", help="Place of issue.")] = None,
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Day of issue.")] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Day to answer by.")] = None,
    type_name: Annotated[
        str | None, typer.Option("--type", metavar="TEXT", help="Loại văn bản, as Quyết định.")
    ] = None,
    priority: Annotated[int | None, typer.Option(min=0, max=4, help="0 normal, 1 khẩn … 3 hỏa tốc, 4 timed.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="A file to attach; repeat.")] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Attach files as they are; else each in a zip, as the SDK does.")
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(metavar="METHOD", help="Add an empty signature for xmlsec1: rsa-sha256, ecdsa-sha256 …"),
    ] = None,
    out: Out = None,
) -> None:
    """Write an unsigned package.

    \b
    Examples:
      docaxis package build --from G22 --to H01 --subject "Về việc …" --number 12 --notation QĐ-TTg \\
          --date 2026-01-05 --attach decision.pdf --out letter.edxml
      docaxis package build --from-toml letter.toml --template rsa-sha256 --out template.edxml
      xmlsec1 --sign --privkey-pem agency.key.pem,agency.cert.pem --output letter.edxml template.edxml
    """  # noqa: D301 - \b keeps the library from filling the lines
    from docaxis.cli import package_build
    from docaxis.cli.octets import write_octets

    if template is not None and template not in package_build.template_names():
        raise typer.BadParameter(f"one of {', '.join(package_build.template_names())}", param_hint="--template")
    read = package_build.read_tables(tables)
    for key, value in {
        "from": sender,
        "to": to,
        "subject": subject,
        "document_id": document_id,
        "code.code_number": number,
        "code.code_notation": notation,
        "promulgation_info.place": place,
        "promulgation_info.promulgation_date": date.date() if date else None,
        "due_date": due.date() if due else None,
        "document_type.type_name": type_name,
        "other_info.priority": priority,
    }.items():
        package_build.put(read, f"header.{key}", value)
    attachments = [package_build.attach(file, raw=raw) for file in attach or []]
    package = package_build.compose(read, attachments)
    write_octets(out, package_build.write(package, template))


@app.command()
def sign(
    file: PackageFile,
    *,
    key: Annotated[Path, typer.Option(metavar="PEM", help="The private key, without a passphrase.")],
    cert: Annotated[Path, typer.Option(metavar="PEM", help="The certificate, its issuers after it.")],
    replace_legacy: Annotated[
        bool, typer.Option("--replace-legacy", help="Put the signature in the place of one that does not hold.")
    ] = False,
    pss: Annotated[bool, typer.Option("--pss", help="RSA-PSS instead of PKCS#1 v1.5.")] = False,
    out: Out = None,
) -> None:
    """Sign a package under profile docaxis-1.

    \b
    Examples:
      docaxis package sign letter.edxml --key g22.key.pem --cert g22.cert.pem --out signed.edxml
      docaxis package sign old.edxml --key g22.key.pem --cert g22.cert.pem --replace-legacy --out signed.edxml
    """  # noqa: D301
    from docaxis.cli import package_sign
    from docaxis.cli.octets import read_file, write_octets

    signed = package_sign.sign(read_file(file), key, cert, replace_legacy=replace_legacy, pss=pss)
    write_octets(out, signed)


@app.command()
def show(file: PackageFile, *, as_json: JsonOption = False) -> None:
    """Show everything that a document or status package says, its signature and its attachments.

    \b
    Examples:
      docaxis package show letter.edxml
      docaxis package show letter.edxml --json | jq .header.to
    """  # noqa: D301
    from docaxis.cli import package_show

    package_show.show(file, as_json=as_json)


@app.command()
def unpack(
    file: PackageFile,
    *,
    into: Annotated[Path, typer.Option(metavar="DIR", help="The folder, made where it is missing.")],
    raw: Annotated[bool, typer.Option("--raw", help="Write the octets as they were sent, zips unopened.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the attachments into a folder, under names that can do no harm; nothing is overwritten.

    \b
    Example:
      docaxis package unpack letter.edxml --into letter/
    """  # noqa: D301
    from docaxis.cli import package_show

    package_show.unpack(file, into, raw=raw, as_json=as_json)


app.command("verify")(verify)
