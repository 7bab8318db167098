"""What is to be done with files of the outbox: build, sign, sign again, send as it is, or refuse with a reason."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

from adapters.draft import Draft, DraftFile, envelope_of, read_draft
from adapters.draft_values import DraftError
from adapters.job import Blob, Plan, Refusal, Source
from adapters.lanes import lane_of_package
from adapters.sender_key import SenderKey
from adapters.status_draft import read_status_draft, status_of_draft
from docaxis.domain import wire
from docaxis.domain.envelope import BlobReference
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.limits import DEFAULT_LIMITS
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.edxml.writer import write_envelope
from docaxis.trust import xmldsig

OWN_CODE = "FOLDER"
INLINE_BYTES_MAX = DEFAULT_LIMITS.inline_attachment_bytes
ALL_INLINE_BYTES_MAX = 20_000_000
"""Base64 makes 27 MB of them, which leaves room under the 32 MiB of a package."""
TO_BE_SIGNED = frozenset({Reason.SIG_MISSING, Reason.SIG_PROFILE_LEGACY})


class NoKeyError(Exception):
    """Something must be signed and no key is configured."""


def plan_package(file: Path, key: SenderKey | None) -> Plan:
    """Plan an `.edxml` file: sent as it is when its signature holds, signed where it has none or one of today's field."""
    source = source_of(file, f"{file.stem}.original.edxml")
    octets = file.read_bytes()
    try:
        package = _signed(octets, key)
    except NoKeyError:
        return _refused(file.stem, (_as_is(source),), NO_KEY)
    if isinstance(package, Rejection):
        return _refused(file.stem, (_as_is(source),), refusal_of(package))
    return _plan(file.stem, (source,), package)


def plan_draft(file: Path, key: SenderKey | None, today: date) -> Plan:
    """Plan a TOML with its files: build the package, put large files aside as references, sign."""
    sources = [source_of(file)]
    try:
        draft = read_draft(file.read_bytes())
        if key is None:
            return _refused(file.stem, tuple(sources), NO_KEY)
        files, blobs = _read_files(file, draft, sources)
        envelope = envelope_of(draft, files, key.organ_id, today, str(uuid4()))
        package = key.sign(write_envelope(envelope))
    except ValueError as error:
        return _refused(file.stem, tuple(sources), _refusal_of_draft(error, file))
    if isinstance(package, Rejection):
        return _refused(file.stem, tuple(sources), refusal_of(package))
    checked = _signed(package, None)
    if isinstance(checked, Rejection):
        return _refused(file.stem, tuple(sources), refusal_of(checked))
    return _plan(file.stem, tuple(sources), package, blobs)


def plan_status(file: Path, key: SenderKey | None, now: datetime) -> Plan:
    """Plan a `.status.toml`: build and sign the status."""
    sources = (source_of(file),)
    try:
        draft = read_status_draft(file.read_bytes())
        if key is None:
            return _refused(file.stem, sources, NO_KEY)
        package = status_of_draft(draft, key, now)
    except ValueError as error:
        return _refused(file.stem, sources, _refusal_of_draft(error, file))
    checked = _signed(package, None)
    if isinstance(checked, Rejection):
        return _refused(file.stem, sources, refusal_of(checked))
    return _plan(file.stem, sources, package)


def source_of(file: Path, kept_as: str = "") -> Source:
    """Note a file as it is now; taken before reading, so that a change during the reading is seen."""
    found = file.lstat()
    return Source(file.name, kept_as or file.name, found.st_ino, found.st_size, found.st_mtime_ns)


def refusal_of(rejection: Rejection) -> Refusal:
    """Return the sentences of a refusal code."""
    vi, en = (sentence(rejection.code, language, rejection.detail) for language in ("vi", "en"))
    return Refusal(rejection.code.value, vi, en, str(rejection.at))


NO_KEY = Refusal(
    OWN_CODE,
    "Văn bản chưa có chữ ký hợp lệ và chương trình không có khóa ký: thêm mục [signing] vào endpoint.toml.",
    "The document must be signed and no key is configured: add [signing] to endpoint.toml.",
)


def _signed(octets: bytes, key: SenderKey | None) -> bytes | Rejection:
    parsed = parse(octets)
    if isinstance(parsed, Rejection):
        return parsed
    read = read_envelope(parsed)
    if isinstance(read, Rejection):
        return read
    proven = xmldsig.verify(parsed)
    if not isinstance(proven, Rejection):
        return octets
    if proven.code not in TO_BE_SIGNED:
        # A signature that does not hold is a finding; signing over it would hide it.
        return proven
    if key is None:
        raise NoKeyError
    return key.sign(octets)


def _plan(stem: str, sources: tuple[Source, ...], package: bytes, blobs: tuple[Blob, ...] = ()) -> Plan:
    return Plan(stem, sources, package, uuid4().hex, wire.digest_of(package), lane_of_package(package), blobs)


def _refusal_of_draft(error: ValueError, file: Path) -> Refusal:
    if isinstance(error, DraftError):
        return Refusal(OWN_CODE, error.vi, error.en, f"{file.name}: {error.key}")
    vi, en = "có ký tự mà XML không cho phép", "holds a character that XML does not allow"
    return Refusal(OWN_CODE, vi, en, file.name)


def _refused(stem: str, sources: tuple[Source, ...], refusal: Refusal) -> Plan:
    return Plan(stem, sources, refusal=refusal)


def _as_is(source: Source) -> Source:
    return Source(source.name, source.name, source.inode, source.size_bytes, source.mtime_ns)


def _read_files(
    draft_file: Path, draft: Draft, sources: list[Source]
) -> tuple[tuple[DraftFile, ...], tuple[Blob, ...]]:
    """Read the draft's files; each one found is added to the sources, the refused ones too."""
    found = [draft_file.with_name(name) for name in draft.files]
    for file in found:
        if file.is_symlink() or not file.is_file():
            raise DraftError("files", f"không có tệp “{file.name}”", f"there is no file “{file.name}”")
    package_name = f"{draft_file.stem}.edxml"
    sources += [
        source_of(file, f"{file.stem}.original.edxml" if file.name == package_name else "")
        for file in dict.fromkeys(found)
    ]
    sizes = {source.name: source.size_bytes for source in sources}
    if empty := [file.name for file in found if not sizes[file.name]]:
        raise DraftError("files", f"tệp “{empty[0]}” rỗng", f"the file “{empty[0]}” is empty")
    kept = {source.name: source.kept_as for source in sources}
    large = large_files(draft.files, sizes)
    files: list[DraftFile] = []
    blobs: list[Blob] = []
    for file in found:
        if file.name not in large:
            files.append(DraftFile(file.name, file.read_bytes()))
            continue
        with file.open("rb") as octets:
            digest = "sha256:" + hashlib.file_digest(octets, "sha256").hexdigest()
        files.append(DraftFile(file.name, blob=BlobReference(digest, sizes[file.name])))
        blobs.append(Blob(kept[file.name], digest, sizes[file.name]))
    return tuple(files), tuple(blobs)


def large_files(names: Sequence[str], sizes: dict[str, int]) -> set[str]:
    """Return the files that do not fit into the package: the single large ones, then the largest until the rest fits."""
    large = {name for name in names if sizes[name] > INLINE_BYTES_MAX}
    inline = sorted((name for name in names if name not in large), key=lambda name: sizes[name])
    while sum(sizes[name] for name in inline) > ALL_INLINE_BYTES_MAX:
        large.add(inline.pop())
    return large
