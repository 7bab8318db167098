"""What a package holds, on the terminal and in a folder."""

import os
from pathlib import Path
from typing import Any

from docaxis.cli import description
from docaxis.cli.octets import read_file
from docaxis.cli.output import language, print_facts, print_json, print_line, print_table, tell
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.envelope import Attachment, StatusEnvelope
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Rejection
from docaxis.edxml import attachments, reader, safety


def show(file: Path, *, as_json: bool) -> None:
    """Print a package; raises CommandError when it cannot be read."""
    about = description.describe(read_file(file))
    if isinstance(about, Rejection):
        if as_json:
            print_json(description.describe_refusal(about))
        raise unreadable(file, about)
    if as_json:
        print_json(about)
        return
    print_facts(description.lines(about))
    if about.get("attachments"):
        print_table(("attachment", "size", "type", "sha256", "holds"), map(_row, about["attachments"]))


def unpack(file: Path, into: Path, *, raw: bool, as_json: bool) -> None:
    """Write the attachments of a package; raises CommandError, also where one of them could not be written."""
    parsed = safety.parse(read_file(file))
    envelope = parsed if isinstance(parsed, Rejection) else reader.read_envelope(parsed)
    if isinstance(envelope, Rejection):
        raise unreadable(file, envelope)
    held = () if isinstance(envelope, StatusEnvelope) else envelope.attachments
    into.mkdir(parents=True, exist_ok=True)
    failed = 0
    for attachment in held:
        written = _write(attachment, into, raw=raw)
        if isinstance(written, Rejection):
            failed += 1
            tell(f"{attachment.attachment_name}: {sentence(written.code, language(), written.detail)}")
        elif as_json:
            print_json({"attachment_name": attachment.attachment_name, "file": str(written)})
        else:
            print_line(str(written))
    if failed:
        raise CommandError(f"{failed} of {len(held)} attachments were not written", ExitCode.FAILED)


def unreadable(file: Path, refusal: Rejection) -> CommandError:
    """Return the error of a package that cannot be read: code, place, and a sentence that says what to do."""
    where = str(refusal.at).strip()
    told = (
        f"{file}: {refusal.code}: {f'{where}: ' if where else ''}{sentence(refusal.code, language(), refusal.detail)}"
    )
    return CommandError(told, ExitCode.VERIFICATION_FAILED)


def _row(about: dict[str, Any]) -> tuple[object, ...]:
    inner = about["file"] or {}
    holds = "by reference" if about["by_reference"] else inner.get("code") or inner.get("name", "")
    if inner.get("size_bytes") is not None and inner["sha256"] != about["sha256"]:
        holds = f"{holds} ({inner['size_bytes']} {inner['sniffed_type']})"
    return about["attachment_name"], about["size_bytes"], about["sniffed_type"] or "", about["sha256"], holds


def _write(attachment: Attachment, into: Path, *, raw: bool) -> Path | Rejection:
    if raw and attachment.blob is None:
        unpacked = attachments.UnpackedFile(attachments.safe_name(attachment.attachment_name), attachment.content)
    else:
        found = attachments.unpack(attachment)
        if isinstance(found, Rejection):
            return found
        unpacked = found
    path = _free(into, unpacked.name)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as opened:
        opened.write(unpacked.content)
    return path


def _free(into: Path, name: str) -> Path:
    """Return a path that does not exist: a second file of a name gets ` (2)`."""
    path, count = into / name, 1
    while os.path.lexists(path):
        count += 1
        path = into / f"{Path(name).stem} ({count}){Path(name).suffix}"
    return path
