"""The way out of the folder: whole files of `outbox/` become jobs in `sending/`; nothing is lost or doubled on the way."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from adapters.draft import read_draft
from adapters.draft_values import DraftError
from adapters.durable import TEMPORARY_PREFIX
from adapters.job import Job, Plan, adopt_sources, make_job, read_jobs
from adapters.planning import plan_draft, plan_package, plan_status
from adapters.sender_key import SenderKey
from adapters.status_draft import ENDING, read_status_draft
from docaxis.domain.calendar import day_of

log = structlog.get_logger(__name__)

UNFINISHED_PATIENCE_S = 10.0
"""How long a file must be quiet that does not look whole, before it is taken as it is and refused."""
COMPANIONS_PATIENCE_S = 60.0
"""How long a TOML waits for the files that it names."""
TEMPORARY_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".download", ".swp", "~")
_TAIL_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Look:
    """How a file was when it was last seen to change; since is monotonic."""

    size_bytes: int
    mtime_ns: int
    inode: int
    since: float


class OutboxFolder:
    """Watches `outbox/` by looking again and again, which works on every file system, network shares included."""

    def __init__(
        self,
        outbox: Path,
        sending: Path,
        key: SenderKey | None,
        settle_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._sending = sending
        self._key = key
        self._settle_s = settle_s
        self._monotonic = monotonic
        self._looks: dict[str, Look] = {}

    def recover(self) -> list[Job]:
        """Finish what a death interrupted and return all jobs; must run before the first `take`."""
        for folder in self._sending.iterdir():
            if folder.name.startswith(TEMPORARY_PREFIX):
                shutil.rmtree(folder)
        jobs = read_jobs(self._sending)
        for job in jobs:
            adopt_sources(job, self._outbox)
        return jobs

    def take(self) -> Iterator[Job]:
        """Make jobs of all files that are whole by now."""
        self._look()
        for name in sorted(self._looks):
            file = self._outbox / name
            if not self._is_quiet(name, self._settle_s) or not file.exists():
                continue
            try:
                plan = self._plan(file)
            except OSError as error:
                log.warning("cannot be read", file=name, reason=error.strerror)
                continue
            # What changed while it was read is looked at again.
            if plan is None or not all(source.is_still(self._outbox / source.name) for source in plan.sources):
                continue
            job = make_job(self._sending, plan)
            adopt_sources(job, self._outbox)
            log.info("taken", document=plan.stem, message_id=plan.message_id)
            yield job

    def is_settling(self) -> bool:
        """Whether something lies in the outbox that may still be growing."""
        return any(not self._is_quiet(name, self._settle_s) for name in self._looks)

    def left(self) -> list[str]:
        """Return the documents that lay in the outbox at the last `take` and were not whole enough to be taken."""
        documents = (name for name in self._looks if name.casefold().endswith((".edxml", ".toml")))
        return sorted(name for name in documents if (self._outbox / name).exists())

    def _plan(self, file: Path) -> Plan | None:
        """Return what to do with a file, None when it is not for us or not whole yet."""
        kind = file.suffix.casefold()
        if kind == ".edxml" and self._is_whole(file):
            return plan_package(file, self._key)
        if file.name.casefold().endswith(ENDING):
            return plan_status(file, self._key, datetime.now(UTC)) if self._is_readable(file) else None
        if kind == ".toml" and self._has_companions(file):
            return plan_draft(file, self._key, day_of(datetime.now(UTC)))
        return None

    def _look(self) -> None:
        now = self._monotonic()
        seen: dict[str, Look] = {}
        for file in self._outbox.iterdir():
            if file.name.startswith((".", "~$")) or file.name.casefold().endswith(TEMPORARY_ENDINGS):
                continue
            try:
                found = file.lstat()
            except OSError:
                continue
            if file.is_symlink() or not file.is_file():
                continue
            before = self._looks.get(file.name)
            now_seen = (found.st_size, found.st_mtime_ns, found.st_ino)
            same = before is not None and now_seen == (before.size_bytes, before.mtime_ns, before.inode)
            seen[file.name] = Look(*now_seen, before.since if before and same else now)
        self._looks = seen

    def _is_quiet(self, name: str, for_s: float) -> bool:
        look = self._looks.get(name)
        return look is not None and self._monotonic() - look.since >= for_s

    def _is_whole(self, file: Path) -> bool:
        """Whether a file ends as its kind must; one that does not is given more time, then judged as it is."""
        if self._is_quiet(file.name, UNFINISHED_PATIENCE_S):
            return True
        with file.open("rb") as octets:
            octets.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            tail = octets.read()
        match file.suffix.casefold():
            case ".edxml":
                return tail.rstrip().endswith(b">") and b"</" in tail
            case ".pdf":
                return b"%%EOF" in tail
            case _:
                return bool(tail)

    def _is_readable(self, file: Path) -> bool:
        """Whether a status can be read; one that cannot may be half of it, and is given more time."""
        try:
            read_status_draft(file.read_bytes())
        except DraftError:
            return self._is_quiet(file.name, UNFINISHED_PATIENCE_S)
        return True

    def _has_companions(self, file: Path) -> bool:
        """Whether all files that a TOML names are there and whole; an unreadable TOML needs none."""
        if self._is_quiet(file.name, COMPANIONS_PATIENCE_S):
            return True
        try:
            names = read_draft(file.read_bytes()).files
        except DraftError:
            # An editor may have saved half of it: refused once it has been quiet for longer.
            return self._is_quiet(file.name, UNFINISHED_PATIENCE_S)
        return all(self._is_quiet(name, self._settle_s) and self._is_whole(self._outbox / name) for name in names)
