"""From options, a TOML file and files on a desk to an unsigned package."""

import tomllib
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from lxml import etree

from docaxis.cli.octets import read_file
from docaxis.cli.plain import PlainError, from_plain
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.envelope import Attachment, Business, Envelope, MessageHeader, StatusEnvelope, TraceHeader
from docaxis.domain.sniff import sniff
from docaxis.domain.verdict import Rejection
from docaxis.edxml import reader, safety, status_writer, writer
from docaxis.edxml.names import HEADER
from docaxis.trust.algorithms import DIGESTS, EXCLUSIVE, SIGNATURES

_TABLES = frozenset({"header", "trace_headers", "business", "status"})
# A zip entry's time would make the same file another package every second.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def template_names() -> list[str]:
    """Return the signature methods that a template can be made for, as `rsa-sha256`."""
    return sorted(f"{method.family}-{method.hash.name}" for method in SIGNATURES.values())


def read_tables(file: Path | None) -> dict[str, Any]:
    """Return the tables of a TOML file, none without one; raises CommandError."""
    if file is None:
        return {}
    try:
        tables = tomllib.loads(read_file(file).decode("utf-8"))
    except ValueError as error:
        raise CommandError(f"{file}: {error}") from None
    unknown = sorted(set(tables) - _TABLES)
    if unknown:
        raise CommandError(f"{file}: {unknown[0]}: unknown; known are {', '.join(sorted(_TABLES))}")
    return tables


def put(tables: dict[str, Any], key: str, value: object) -> None:
    """Put an option's value over the file's, at a key like `header.code.code_number`; None and empty lists change nothing."""
    if value is None or value == []:
        return
    *path, last = key.split(".")
    for name in path:
        tables = tables.setdefault(name, {})
        if not isinstance(tables, dict):
            raise CommandError(f"{key}: {name} is no table")
    tables[last] = value


def compose(tables: dict[str, Any], attachments: list[Attachment]) -> Envelope | StatusEnvelope:
    """Return the package that the tables describe; raises CommandError naming the key at fault."""
    try:
        if "status" in tables:
            if attachments or "header" in tables:
                raise CommandError("a status package has neither header nor attachments", ExitCode.USAGE)
            return from_plain(StatusEnvelope, tables["status"], "status")
        header = tables.setdefault("header", {})
        if isinstance(header, dict):
            header.setdefault("document_id", _document_id(header))
        hops = tables.get("trace_headers", [])
        return Envelope(
            header=from_plain(MessageHeader, header, "header"),
            trace_headers=tuple(from_plain(TraceHeader, hop, "trace_headers") for hop in hops),
            business=from_plain(Business, tables["business"], "business") if "business" in tables else None,
            attachments=tuple(attachments),
        )
    except PlainError as error:
        raise CommandError(str(error), ExitCode.USAGE) from None


def attach(file: Path, *, raw: bool) -> Attachment:
    """Return a file as an attachment, zipped as the national SDK does it unless raw; raises CommandError."""
    octets = read_file(file)
    content = octets if raw else _zip(file.name, octets)
    return Attachment(
        str(uuid4()), file.name, content_type=sniff(octets) if raw else "application/zip", content=content
    )


def write(package: Envelope | StatusEnvelope, template: str | None) -> bytes:
    """Return the package as XML, with an empty signature for a template; raises CommandError when it could not be read back."""
    try:
        octets = _write_bare(package)
    except ValueError as error:
        raise CommandError(f"a text that no XML can carry: {error}") from None
    parsed = safety.parse(octets)
    read = parsed if isinstance(parsed, Rejection) else reader.read_envelope(parsed)
    if isinstance(read, Rejection):
        raise CommandError(f"{read.code}: {read.detail} {read.at}".rstrip(), ExitCode.VERIFICATION_FAILED)
    return octets if template is None else _put_template(octets, template)


def _write_bare(package: Envelope | StatusEnvelope) -> bytes:
    if isinstance(package, StatusEnvelope):
        return status_writer.write_status(package)
    return writer.write_envelope(package)


def _put_template(octets: bytes, name: str) -> bytes:
    uri = next(uri for uri, method in SIGNATURES.items() if f"{method.family}-{method.hash.name}" == name)
    hash_name = name.rpartition("-")[2]
    digest = next(uri for uri, known in DIGESTS.items() if known == hash_name)
    parsed = safety.parse(octets)
    if isinstance(parsed, Rejection):
        raise CommandError(f"{parsed.code}: {parsed.detail}", ExitCode.VERIFICATION_FAILED)
    header = next(parsed.root.iter(HEADER))
    signature = writer.signature_template(uri, digest, EXCLUSIVE)
    signature.tail, header[-1].tail = header[-1].tail, header.text
    header.append(signature)
    return etree.tostring(parsed.root, encoding="UTF-8", xml_declaration=True)


def _document_id(header: dict[str, Any]) -> str:
    """Return `{OrganId},{yyyy/MM/dd},{number}/{notation}`, the axis' own form, or a UUID where a part is missing."""
    sender, code = header.get("from"), header.get("code", {})
    organ_id = sender.get("organ_id") if isinstance(sender, dict) else sender
    number, notation = (code.get("code_number"), code.get("code_notation")) if isinstance(code, dict) else (None, None)
    day = header.get("promulgation_info", {}).get("promulgation_date")
    if not (organ_id and number and notation and day):
        return str(uuid4())
    written = day.isoformat() if isinstance(day, date) else str(day)
    return f"{organ_id},{written.replace('-', '/')},{number}/{notation}"


def _zip(name: str, octets: bytes) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), octets, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
