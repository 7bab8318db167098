"""The directory: all agencies by code and alias, their trees, and the endpoints that reach them. Immutable."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from docaxis.domain.directory_check import find_problems
from docaxis.domain.organ import Agency, Branch, Level

_PROBLEMS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Directory:
    """All agencies, levels and connections at one moment; made by `build`, never changed. Codes are canonical."""

    levels: tuple[Level, ...]
    branches: tuple[Branch, ...]
    agencies: Mapping[str, Agency]
    connections: Mapping[str, str]
    _by_code: Mapping[str, Agency] = field(repr=False)
    _ranks: Mapping[str, int] = field(repr=False)
    _by_level: Mapping[str, tuple[Agency, ...]] = field(repr=False)
    _heads: Mapping[str, tuple[Agency, ...]] = field(repr=False)
    _children: Mapping[str, tuple[Agency, ...]] = field(repr=False)

    @classmethod
    def build(
        cls,
        agencies: Iterable[Agency],
        levels: Iterable[Level],
        connections: Mapping[str, str],
        branches: Iterable[Branch] = (),
    ) -> "Directory":
        """Check that everything named exists and is named once, and index it; connections are organ id → endpoint.

        With no branches given any branch name is allowed. Raises ValueError naming the codes at fault, 20 at most.
        """
        given, levels, branches = tuple(agencies), tuple(levels), tuple(branches)
        own = {agency.organ_id: agency for agency in given}
        by_code = own | {alias: agency for agency in given for alias in agency.aliases}
        by_level: dict[str, list[Agency]] = {level.name: [] for level in levels}
        problems = find_problems(given, by_code, levels, branches, connections)
        if problems:
            more = f"; and {len(problems) - _PROBLEMS_SHOWN} more" if len(problems) > _PROBLEMS_SHOWN else ""
            raise ValueError("; ".join(problems[:_PROBLEMS_SHOWN]) + more)
        heads: dict[str, list[Agency]] = {level.name: [] for level in levels}
        children: dict[str, list[Agency]] = {}
        for agency in given:
            by_level[agency.level].append(agency)
            parent = by_code[agency.parent] if agency.parent else None
            if parent is not None:
                children.setdefault(parent.organ_id, []).append(agency)
            if parent is None or parent.level != agency.level:
                heads[agency.level].append(agency)
        return cls(
            levels=tuple(sorted(levels, key=lambda level: level.rank)),
            branches=branches,
            agencies=MappingProxyType(own),
            connections=MappingProxyType({by_code[code].organ_id: endpoint for code, endpoint in connections.items()}),
            _by_code=MappingProxyType(by_code),
            _ranks=MappingProxyType({level.name: level.rank for level in levels}),
            _by_level=_frozen(by_level),
            _heads=_frozen(heads),
            _children=_frozen(children),
        )

    def __len__(self) -> int:
        """Return how many agencies there are, closed ones included."""
        return len(self.agencies)

    def find(self, organ_id: str) -> Agency | None:
        """Return the agency of this code or alias (canonical spelling), closed or not."""
        return self._by_code.get(organ_id)

    def ancestors(self, organ_id: str) -> Iterator[Agency]:
        """Yield the agencies above, nearest first; none for a code that is not known."""
        agency = self._by_code.get(organ_id)
        while agency is not None and agency.parent:
            agency = self._by_code[agency.parent]
            yield agency

    def line(self, organ_id: str) -> tuple[str, ...]:
        """Return the agency's own code and its ancestors', nearest first; empty for a code that is not known."""
        agency = self._by_code.get(organ_id)
        codes = []
        while agency is not None:
            codes.append(agency.organ_id)
            agency = self._by_code[agency.parent] if agency.parent else None
        return tuple(codes)

    def of_level(self, level: str) -> tuple[Agency, ...]:
        """Return the agencies of a level, closed ones included, in the order they were given."""
        return self._by_level.get(level, ())

    def is_head(self, agency: Agency) -> bool:
        """Return whether it heads its level in its tree: its parent, if any, is of another level."""
        return not agency.parent or self._by_code[agency.parent].level != agency.level

    def heads(self, level: str) -> tuple[Agency, ...]:
        """Return the agencies that head this level, closed ones included, in the order they were given."""
        return self._heads.get(level, ())

    def below(self, organ_id: str, stop_at: str = "") -> Iterator[Agency]:
        """Yield all descendants, nearer ones first, but nobody beneath one of level `stop_at`; none for an unknown code."""
        agency = self._by_code.get(organ_id)
        waiting = deque(() if agency is None else self._children.get(agency.organ_id, ()))
        while waiting:
            below = waiting.popleft()
            yield below
            if below.level != stop_at:
                waiting.extend(self._children.get(below.organ_id, ()))

    def level_rank(self, level: str) -> int:
        """Return the rank of a level; raises KeyError for a level that is not defined."""
        return self._ranks[level]

    def endpoint_of(self, organ_id: str) -> str | None:
        """Return the agency's own endpoint, None when it has none of its own."""
        agency = self._by_code.get(organ_id)
        return None if agency is None else self.connections.get(agency.organ_id)

    def connected(self, organ_id: str, on: date | None = None) -> tuple[str, Agency] | None:
        """Return the endpoint that reaches the agency and whose it is: its own, else its nearest ancestor's.

        With a day given, ancestors not in force on it are passed over: a dissolved district carries nothing.
        """
        agency = self._by_code.get(organ_id)
        if agency is None:
            return None
        endpoint = self.connections.get(agency.organ_id)
        while endpoint is None or (on is not None and not agency.in_force(on)):
            if not agency.parent:
                return None
            agency = self._by_code[agency.parent]
            endpoint = self.connections.get(agency.organ_id)
        return endpoint, agency

    def serves(self, endpoint: str, organ_id: str, on: date | None = None) -> bool:
        """Return whether the endpoint speaks for the agency: its own, or its nearest connected ancestor's."""
        reached = self.connected(organ_id, on)
        return reached is not None and reached[0] == endpoint


def _frozen(gathered: Mapping[str, list[Agency]]) -> Mapping[str, tuple[Agency, ...]]:
    return MappingProxyType({key: tuple(agencies) for key, agencies in gathered.items()})
