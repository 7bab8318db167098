"""Where a demonstration takes place: a folder of its own, a private broker that begins empty."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from docaxis.local.debian import Tell
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.local.service import ServiceError

_PLACES = 9


def free_place(folder: Path) -> tuple[Path, int]:
    """Return the folder, or one beside it while another demonstration runs there, and its lock; raises ServiceError."""
    for number in range(1, _PLACES + 1):
        place = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        place.mkdir(parents=True, exist_ok=True)
        lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return place, lock
    raise ServiceError(f"{_PLACES} demonstrations run in and beside {folder} already: stop one of them")


def start_afresh(broker: PrivateRabbitMQ) -> None:
    """Start the broker without what it held before: a queue declared just before a kill would stay leaderless for ever.

    Nothing is lost by that: what had not been fetched, the hub publishes again. Blocks; raises ServiceError.
    """
    broker.folder.mkdir(parents=True, exist_ok=True)
    with (broker.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a run that was killed may need a second to be gone
        shutil.rmtree(broker.folder / "mnesia", ignore_errors=True)
    broker.start()


def from_thread(tell: Tell) -> Callable[[str], None]:
    """Return `tell` so that a thread may call it: it runs in the loop."""
    loop = asyncio.get_running_loop()

    def say(text: str) -> None:
        with suppress(RuntimeError):  # the loop is closing
            loop.call_soon_threadsafe(tell, text)

    return say
