"""Where the hub's CPU goes, by part: the statistics of cProfile gathered by module, libraries charged to whom they serve."""

import pstats
from pathlib import Path
from typing import Any

_Function = tuple[str, int, str]

PARTS = ("parse", "schema", "verify", "read", "route", "compose", "publish", "consume", "store", "loop")
_BY_PLACE = (
    ("docaxis/edxml/safety", "parse"),
    ("docaxis/edxml/tree_limits", "parse"),
    ("docaxis/edxml/schema", "schema"),
    ("docaxis/edxml/", "read"),
    ("docaxis/trust/receipts", "compose"),
    ("docaxis/trust/seal", "compose"),
    ("docaxis/trust/", "verify"),
    ("docaxis/domain/receipt", "compose"),
    ("docaxis/domain/folding", "compose"),
    ("docaxis/domain/wire", "compose"),
    ("docaxis/domain/envelope", "read"),
    ("docaxis/domain/draft", "read"),
    ("docaxis/domain/", "route"),
    ("docaxis/hub/decide", "route"),
    ("docaxis/hub/dispatch", "publish"),
    ("docaxis/hub/sequencer", "store"),
    ("docaxis/hub/sweeper", "store"),
    ("docaxis/hub/fetches", "consume"),
    ("docaxis/hub/intake", "loop"),
    ("docaxis/hub/runner", "loop"),
    ("docaxis/hub/metrics", "loop"),
    ("docaxis/hub/watch", "loop"),
    ("docaxis/hub/", "compose"),
    ("docaxis/ledger/", "compose"),
    *((f"docaxis/backends/{name}", "consume") for name in ("consume", "sources")),
    *(
        (f"docaxis/backends/{name}", "publish")
        for name in ("publish", "frames", "link", "line", "confirms", "contents", "messages", "pending", "amqp")
    ),
    ("docaxis/backends/world", "route"),
    ("docaxis/backends/", "store"),
    ("docaxis/", "loop"),
    ("aiormq/", "consume"),
    ("sqlalchemy/", "store"),
    ("asyncpg/", "store"),
    ("aiosqlite/", "store"),
    ("asyncio/", "loop"),
    ("uvloop", "loop"),
    ("aiohttp/", "loop"),
)
"""The first that fits, by a part of the path; what fits nothing (builtins, pamqp, json) is charged to its callers."""
_ROUNDS = 12


def shares(file: Path) -> dict[str, float]:
    """Return the share of each part in the CPU time of a profile, from 0 to 1."""
    statistics: dict[_Function, Any] = pstats.Stats(str(file)).stats  # type: ignore[attr-defined]
    found = dict.fromkeys(PARTS, 0.0)
    open_s = {function: own for function, (_, _, own, _, _) in statistics.items()}
    # Time without a part goes to the callers, by how much of it each caused; several rounds, since libraries call each other.
    for _ in range(_ROUNDS):
        passed: dict[_Function, float] = {}
        for function, seconds in open_s.items():
            part = _part(function)
            if part:
                found[part] += seconds
                continue
            callers = statistics[function][4] if function in statistics else {}
            whole = sum(_weight(one) for one in callers.values())
            for caller, numbers in callers.items():
                if whole:
                    passed[caller] = passed.get(caller, 0.0) + seconds * _weight(numbers) / whole
        open_s = passed
    total = sum(found.values())
    return {part: seconds / total for part, seconds in found.items()} if total else found


def _weight(numbers: tuple[int, int, float, float]) -> float:
    """Return how much a caller caused of a function: its cumulative time there, calls where that is too short to see."""
    return numbers[3] + numbers[0] * 1e-9


def _part(function: _Function) -> str:
    path = function[0].replace("\\", "/")
    return next((part for words, part in _BY_PLACE if words in path), "")
