"""From options and files on a desk to the signed package of a flow: drafts, earlier packages, and who speaks."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import typer

from adapters.draft import Draft, DraftFile, envelope_of, read_draft
from adapters.draft_values import DraftError
from adapters.flows import FlowError
from adapters.planning import TO_BE_SIGNED, large_files
from adapters.settings import read_settings
from docaxis.cli import package_build, package_sign
from docaxis.cli.octets import read_file
from docaxis.cli.sending import Outgoing
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.calendar import day_of
from docaxis.domain.envelope import BlobReference, BusinessDocType, Envelope, StatusEnvelope
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.verdict import Rejection
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.trust import xmldsig
from docaxis.trust.certificate import organ_ids_of, read_certificates

_Made = TypeVar("_Made")
Files = tuple[tuple[BlobReference, Path], ...]


class Speaker:
    """The agency that speaks, with its key: of the options, or of `[signing]` in the endpoint's settings."""

    def __init__(self, settings: Path, organ_id: str | None, key: Path | None, certificate: Path | None) -> None:
        """Take the options; raises CommandError where key or agency is missing, SettingsError."""
        if not settings.exists():
            raise CommandError(f"{settings}: no such file; name one with --settings", ExitCode.NOT_FOUND)
        if (key is None) != (certificate is None):
            raise CommandError("--key and --cert belong together", ExitCode.USAGE)
        signing = read_settings(settings).signing
        if key is None and signing is None:
            raise CommandError(f"{settings} has no [signing]; name a key with --key and --cert", ExitCode.USAGE)
        self.organ_id = agency(organ_id) if organ_id else _only_agency(certificate) if certificate else ""
        if not self.organ_id:
            if signing is None:
                raise CommandError(f"{certificate} does not name one agency; name it with --as", ExitCode.USAGE)
            self.organ_id = signing.organ_id
        self._key = key or (signing.key_file if signing else Path())
        self._certificate = certificate or (signing.certificate_file if signing else Path())

    def outgoing(self, act: str, package: Envelope | StatusEnvelope, files: Files = ()) -> Outgoing:
        """Write and sign a package; raises CommandError."""
        octets = package_build.write(package, None)
        signed = package_sign.sign(octets, self._key, self._certificate, replace_legacy=False, pss=False)
        about = package.response_for if isinstance(package, StatusEnvelope) else package.header
        return Outgoing({"act": act, "document_id": about.document_id}, signed, files)


def agency(written: str) -> str:
    """Return an agency's code in canonical spelling; raises typer.BadParameter."""
    code = parse_organ_id(written)
    if code is None:
        raise typer.BadParameter(f"{written}: no agency code")
    return code


def _only_agency(certificate: Path) -> str:
    """Return the agency that a certificate is for, empty where it names none or several."""
    try:
        named = organ_ids_of(read_certificates(read_file(certificate))[0])
    except (ValueError, IndexError):
        raise CommandError(f"{certificate}: holds no certificate") from None
    return min(named) if len(named) == 1 else ""


def made(build: Callable[[], _Made]) -> _Made:
    """Return what a builder of `adapters.flows` makes; what it complains of is wrong use of the command."""
    try:
        return build()
    except FlowError as error:
        raise CommandError(str(error), ExitCode.USAGE) from None


def read_original(file: Path | None) -> Envelope | None:
    """Read an earlier document package, None without one; raises CommandError."""
    return None if file is None else _parse_document(file)[1]


def read_new(file: Path, speaker: Speaker) -> tuple[Envelope, Files]:
    """Read a document to be sent, with its attachments by reference; raises CommandError.

    `.toml` is a draft with its files beside it, as the folder adapter takes it; anything else a package, signed anew.
    """
    if file.suffix.casefold() != ".toml":
        return _read_draft(file), ()
    try:
        draft = read_draft(read_file(file))
        if draft.flow is not None:
            raise CommandError(
                f"{file}: says itself what it does to an earlier document; leave that out", ExitCode.USAGE
            )
        files, references = _read_files(file, draft)
    except DraftError as error:
        raise CommandError(f"{file}: {error}") from None
    today = day_of(datetime.now(UTC))
    return envelope_of(draft, files, speaker.organ_id, today, str(uuid4())), references


def _parse_document(file: Path) -> tuple[ParsedXml, Envelope]:
    parsed = parse(read_file(file))
    if isinstance(parsed, Rejection):
        raise _unusable(file, parsed)
    read = read_envelope(parsed)
    if isinstance(read, Rejection):
        raise _unusable(file, read)
    if isinstance(read, StatusEnvelope):
        raise CommandError(f"{file}: a status package, a document is wanted", ExitCode.USAGE)
    return parsed, read


def _read_draft(file: Path) -> Envelope:
    """Read a package that is signed anew; a signature that does not hold is a finding, signing over it would hide it."""
    parsed, read = _parse_document(file)
    proven = xmldsig.verify(parsed)
    if isinstance(proven, Rejection) and proven.code not in TO_BE_SIGNED:
        raise _unusable(file, proven)
    if read.business is not None and read.business.doc_type is not BusinessDocType.NEW:
        kind = read.business.doc_type.name.lower()
        raise CommandError(f"{file}: is of kind {kind} already; send it with `docaxis send`", ExitCode.USAGE)
    return read


def _unusable(file: Path, found: Rejection) -> CommandError:
    return CommandError(f"{file}: {found.code}: {found.detail} {found.at}".rstrip(), ExitCode.VERIFICATION_FAILED)


def _read_files(draft_file: Path, draft: Draft) -> tuple[tuple[DraftFile, ...], Files]:
    """Read a draft's files; large ones are only named by their digest and travel by reference."""
    found = {name: draft_file.with_name(name) for name in draft.files}
    for file in found.values():
        if not file.is_file() or not file.stat().st_size:
            raise CommandError(f"{file}: {'an empty file' if file.exists() else 'no such file'}", ExitCode.NOT_FOUND)
    large = large_files(draft.files, {name: file.stat().st_size for name, file in found.items()})
    files: list[DraftFile] = []
    references: list[tuple[BlobReference, Path]] = []
    for name in draft.files:
        if name not in large:
            files.append(DraftFile(name, read_file(found[name])))
            continue
        with found[name].open("rb") as octets:
            digest = "sha256:" + hashlib.file_digest(octets, "sha256").hexdigest()
        references.append((BlobReference(digest, found[name].stat().st_size), found[name]))
        files.append(DraftFile(name, blob=references[-1][0]))
    return tuple(files), tuple(references)
