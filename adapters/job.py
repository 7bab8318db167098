"""A document on its way out: a folder under `sending/` that fixes its octets and its message id before anything is sent."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adapters.durable import TEMPORARY_PREFIX, begin_folder, free_name, sync_folder, write_new_file
from adapters.failpoints import failpoint

RECORD = ".job.json"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the outbox as it was when it was read, and its name in the job; a file that changed since is another one."""

    name: str
    kept_as: str
    inode: int
    size_bytes: int
    mtime_ns: int

    def is_still(self, file: Path) -> bool:
        """Whether that very file still lies there, unchanged."""
        try:
            found = file.lstat()
        except OSError:
            return False
        return (found.st_ino, found.st_size, found.st_mtime_ns) == (self.inode, self.size_bytes, self.mtime_ns)


@dataclass(frozen=True, slots=True)
class Blob:
    """A source that travels by reference."""

    kept_as: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it is not sent at all: code, two sentences, and the place."""

    code: str
    vi: str
    en: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with some files of the outbox; package is empty where they are refused."""

    stem: str
    sources: tuple[Source, ...]
    package: bytes = b""
    message_id: str = ""
    digest: str = ""
    lane: str = ""
    blobs: tuple[Blob, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A plan that has become a folder."""

    folder: Path
    plan: Plan

    @property
    def package_file(self) -> Path:
        """Where the octets lie that are sent."""
        return self.folder / f"{self.plan.stem}.edxml"


def make_job(sending: Path, plan: Plan) -> Job:
    """Make the folder of a plan: after this returns, the document is sent with these octets under this id, or not at all."""
    name = free_name(sending, plan.stem)
    temporary = sending / f"{TEMPORARY_PREFIX}{name}"
    begin_folder(temporary)
    if plan.package:
        write_new_file(temporary / f"{plan.stem}.edxml", plan.package)
    record = {key: value for key, value in asdict(plan).items() if key != "package"}
    write_new_file(temporary / RECORD, json.dumps(record, ensure_ascii=False, indent=1).encode())
    sync_folder(temporary)
    failpoint("job-built")
    temporary.rename(sending / name)
    sync_folder(sending)
    failpoint("job-made")
    return Job(sending / name, plan)


def adopt_sources(job: Job, outbox: Path) -> None:
    """Move the sources out of the outbox into the job; those moved before, or changed since, are left."""
    for source in job.plan.sources:
        target = job.folder / source.kept_as
        if not target.exists() and source.is_still(outbox / source.name):
            (outbox / source.name).rename(target)
            failpoint("source-moved")
    sync_folder(job.folder)
    sync_folder(outbox)
    failpoint("sources-moved")


def read_jobs(sending: Path) -> list[Job]:
    """Return all jobs, by name; folders of other origin are left alone."""
    return [read_job(folder) for folder in sorted(sending.iterdir()) if _is_job(folder)]


def read_job(folder: Path) -> Job:
    """Read a job back; the package stays on the disk."""
    record: dict[str, Any] = json.loads((folder / RECORD).read_bytes())
    refusal = record.pop("refusal")
    return Job(
        folder,
        Plan(
            sources=tuple(Source(**one) for one in record.pop("sources")),
            blobs=tuple(Blob(**one) for one in record.pop("blobs")),
            refusal=Refusal(**refusal) if refusal else None,
            **record,
        ),
    )


def _is_job(folder: Path) -> bool:
    return not folder.name.startswith(TEMPORARY_PREFIX) and (folder / RECORD).is_file()
