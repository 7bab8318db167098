"""What a scenario is, and where they are found."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.faults import scenarios
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from tests.faults.stage import Stage


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault: what it is called after, what it needs, and how it strikes.

    strike sends and injures; whatever it leaves broken is healed afterwards, then the book is balanced.
    breaks_broker: needs a broker that it may stop or alarm; else one is shared. breaks_database likewise.
    long_only: left out of the short form.
    seldom: `./hub test` has its short form with the long tests only, since another scenario of the family proves nearly the same.
    patience_s: how long after healing the backlog may take to reach zero (I5).
    disk_bytes: the blobs, and SQLite's file, lie on a file system of this size that the scenario may fill.
    cluster: the broker is three nodes of its own, which the hubs reach without a cable.
    version_before: the commit whose hub comes first, on a database of its schema.
    soaks: bears a load beside it, and so may strike in a soak; it begins with one healthy hub.
    flows: the agencies also send statuses, take documents back and answer.
    sections: what the configuration of its hubs has otherwise than the harness's.
    """

    title: str
    faults: tuple[str, ...]
    strike: "Callable[[Stage], Awaitable[None]]"
    database: Literal["postgresql", "sqlite"] = "postgresql"
    breaks_broker: bool = False
    breaks_database: bool = False
    long_only: bool = False
    seldom: bool = False
    patience_s: float = 2.0 * PATIENCE_S
    hubs: int = 1
    soaks: bool = False
    version_before: str = ""
    disk_bytes: int = 0
    cluster: bool = False
    flows: bool = False
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def all_scenarios() -> Mapping[str, Scenario]:
    """Return every scenario by the name of its file."""
    return {
        module.name: importlib.import_module(f"{scenarios.__name__}.{module.name}").SCENARIO
        for module in sorted(pkgutil.iter_modules(scenarios.__path__), key=lambda module: module.name)
    }
