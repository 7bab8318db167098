"""The world that the browser looks at: the demonstration as anybody starts it, one for all test processes of a run."""

import fcntl
import json
import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from docaxis.backends.engine import open_reader
from docaxis.backends.tables import documents
from docaxis.local.service import Service, ServiceError, tail
from tests.services import DOWNLOADS

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 600.0
"""How long the play may take: it is half a minute of work, and a busy machine has little time for it."""
_LOOKS_AROUND = "Ctrl-C ends it"


@dataclass(frozen=True, slots=True)
class World:
    """Where the pages are, and what the hub keeps."""

    address: str
    store_url: str

    async def documents(self) -> dict[str, str]:
        """Return the keys of all accepted documents, by number and notation; keys as they stand in addresses."""
        engine = open_reader(self.store_url, 1)
        try:
            async with engine.connect() as connection:
                rows = await connection.execute(
                    select(documents.c.document_key, documents.c.code_number, documents.c.code_notation)
                )
                return {f"{row.code_number}/{row.code_notation}": str(row.document_key) for row in rows}
        finally:
            await engine.dispose()


@contextmanager
def shared(folder: Path) -> Iterator[World]:
    """Give the world of a folder to several processes: the first one plays it, and ends it after all others.

    Raises ServiceError.
    """
    played_to_its_end = folder / "played"
    with ExitStack() as until_the_end:
        starting = until_the_end.enter_context((folder / "starting").open("w")).fileno()
        in_use = until_the_end.enter_context((folder / "in-use").open("w")).fileno()
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not played_to_its_end.exists():
            until_the_end.enter_context(played(folder))
            played_to_its_end.touch()
            # At the end in the opposite order: nobody comes any more, everybody has gone, then it is taken down.
            until_the_end.callback(played_to_its_end.unlink)
            until_the_end.callback(fcntl.flock, in_use, fcntl.LOCK_EX)
            until_the_end.callback(fcntl.flock, starting, fcntl.LOCK_EX)
        fcntl.flock(in_use, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_UN)
        yield _described(folder)


@contextmanager
def played(folder: Path) -> Iterator[World]:
    """Play the demonstration, whose own comparison must find nothing; it keeps running for the block.

    Raises ServiceError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "debian").exists():
        (folder / "debian").symlink_to(DOWNLOADS)
    demo, console = Service(folder), folder / "said"
    demo.start(
        [sys.executable, "-m", "docaxis", "demo", "--folder", str(_place(folder)), "--json"],
        os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "TERM": "dumb"},
        console=console,
        stop_signal=signal.SIGTERM,
        stop_after_s=60,
    )
    try:
        _wait_for_its_end(demo, console)
        yield _described(folder)
    finally:
        demo.stop()


def _wait_for_its_end(demo: Service, console: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while _LOOKS_AROUND not in (said := console.read_text(encoding="utf-8")):
        if not demo.running or time.monotonic() > until:
            raise ServiceError(f"the demonstration was not played: {tail(console)}")
        time.sleep(0.1)
    summary = next(json.loads(line) for line in said.splitlines() if line.startswith("{"))
    if not summary["as_expected"]:
        raise ServiceError(f"the demonstration did not end as it must: {said}")


def _place(folder: Path) -> Path:
    return folder / "demo"


def _described(folder: Path) -> World:
    config = tomllib.loads((_place(folder) / "config.toml").read_text(encoding="utf-8"))
    return World(f"http://localhost:{config['web']['port']}", config["store"]["url"])
