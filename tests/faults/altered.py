"""Faults inside a hub process that no message and no cable can bring about: clocks that are wrong, a parser that dies.

Run as a program it is the trial of suspects, altered in the same way.
"""

import os
import signal
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends import clock
from docaxis.edxml.safety import parse
from docaxis.hub import decide, trial
from docaxis.wiring import hub

CLOCKS_VARIABLE = "DOCAXIS_TEST_CLOCKS"
"""Names a file: how many seconds the machine's clock is ahead, and how many the database's; read again at every look."""
POISON_VARIABLE = "DOCAXIS_TEST_POISON"
"""How a body begins of which the parser dies."""


def alter(environment: Mapping[str, str]) -> None:
    """Alter this process before it becomes a hub, as its environment says."""
    if file := environment.get(CLOCKS_VARIABLE):
        _set_clocks(Path(file))
    if poison := environment.get(POISON_VARIABLE):
        _poison(poison.encode())
        trial.__name__ = __name__


def _set_clocks(file: Path) -> None:
    def off(which: int) -> timedelta:
        return timedelta(seconds=float(file.read_text(encoding="utf-8").split()[which]))

    machine, database = hub.utc_now, clock.read_time

    async def read_time(connection: AsyncConnection) -> datetime:
        return await database(connection) + off(1)

    setattr(hub, "utc_now", lambda: machine() + off(0))  # noqa: B010 - a module's name, which mypy would not let go
    setattr(clock, "read_time", read_time)  # noqa: B010


def _poison(beginning: bytes) -> None:
    def dying(body: bytes, *more: Any) -> Any:
        if body.startswith(beginning):
            os.kill(os.getpid(), signal.SIGKILL)
        return parse(body, *more)

    for module in (decide, trial):
        setattr(module, "parse", dying)  # noqa: B010


if __name__ == "__main__":
    _poison(os.environ[POISON_VARIABLE].encode())
    trial.read_all()
