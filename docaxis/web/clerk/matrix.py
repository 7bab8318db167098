"""One document against all its addressees: grouped by level, what needs attention first, the accepted rest folded. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from docaxis.domain.calendar import day_of
from docaxis.domain.deadline import Duty
from docaxis.domain.directory import Directory
from docaxis.domain.folding import fold
from docaxis.domain.organ import Level
from docaxis.hub.views.timeline import Timeline
from docaxis.web.clerk.matrix_rows import Row, RowMaker, Stand, Standing, short_name

ATTENTION: Final[tuple[Standing, ...]] = (
    "refused",
    "late",
    "unattributed",
    "held",
    "withdrawn",
    "waiting",
    "expired",
    "accepted",
)
"""The order inside a group, and of the words about it."""
_PLACE: Final = {standing: place for place, standing in enumerate(ATTENTION)}
QUIET: Final = frozenset({"accepted"})
UNFOLDED: Final = 4
"""Accepted addressees of a group that are shown all the same; one more is shown rather than folded alone."""
ROWS_MAX: Final = 100
"""Rows of a page, which says how many it leaves out; a letter to all communes is read by its figures, search and filters."""
NO_LEVEL: Final = Level("", 1_000)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked for: rows of one standing, with some words in name or code, and groups that are unfolded."""

    standing: str = ""
    words: str = ""
    unfolded: frozenset[str] = frozenset()
    rows_max: int = ROWS_MAX


@dataclass(frozen=True, slots=True)
class Group:
    """The addressees of a level: how many of each standing in all, the rows that are shown, how many are folded, or left."""

    level: Level
    addressees: int
    accepted: int
    counts: Mapping[str, int]
    rows: tuple[Row, ...]
    folded: int = 0
    left: int = 0
    is_unfolded: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """The table and its figures; day is the one that times without a date belong to, dues are what stands under a step."""

    day: date
    addressees: int
    accepted: int
    counts: Mapping[str, int]
    groups: tuple[Group, ...]
    dues: Mapping[str, datetime] = field(default_factory=dict)
    late: tuple[str, ...] = ()

    @property
    def needing(self) -> int:
        """Return how many addressees somebody must do something about, shown or not."""
        return sum(self.counts.get(standing, 0) for standing in _NEEDS_ATTENTION)

    @property
    def attention(self) -> tuple[Row, ...]:
        """Return the shown rows that somebody must do something about, for narrow screens."""
        return tuple(row for group in self.groups for row in group.rows if row.standing in _NEEDS_ATTENTION)


_NEEDS_ATTENTION: Final = frozenset({"refused", "late", "unattributed", "held"})


def matrix(
    timeline: Timeline, directory: Directory, now: datetime, dues: Mapping[Duty, datetime], wanted: Wanted
) -> Matrix:
    """Return the matrix of a document at a moment; dues are its deadlines, `receipt` and perhaps `reply`."""
    maker = RowMaker(timeline, dues, now)
    stands = [maker.stand(one) for one in timeline.deliveries]
    return Matrix(
        day=day_of(timeline.document.accepted_at),
        addressees=len(stands),
        accepted=sum(one.is_accepted for one in stands),
        counts=Counter(one.standing for one in stands),
        groups=_groups(stands, directory, wanted, maker),
        dues={step: dues[duty] for step, duty in _DUE_UNDER if duty in dues},
        late=tuple(one.copy.organ_id for one in stands if one.standing in {"late", "unattributed"}),
    )


_DUE_UNDER: Final[tuple[tuple[str, Duty], ...]] = (("01", "receipt"), ("06", "reply"))
"""Any word of the addressee fulfils the first duty, and 01 is the first word; finishing (or a reply) the second."""


def name_of(directory: Directory, organ_id: str) -> str:
    """Return an agency's name, its code where the directory does not know it."""
    agency = directory.find(organ_id)
    return agency.name if agency else organ_id


def _groups(stands: Iterable[Stand], directory: Directory, wanted: Wanted, maker: RowMaker) -> tuple[Group, ...]:
    levels = {level.name: level for level in directory.levels}
    by_level: dict[str, list[Stand]] = {}
    for one in stands:
        agency = directory.find(one.copy.organ_id)
        by_level.setdefault(agency.level if agency else "", []).append(one)
    ordered = sorted(by_level, key=lambda name: levels.get(name, NO_LEVEL).rank)
    left = wanted.rows_max
    groups = []
    for name in ordered:
        group = _group(levels.get(name, NO_LEVEL), by_level[name], wanted, left, directory, maker)
        left -= len(group.rows)
        groups.append(group)
    if wanted.standing or wanted.words:
        return tuple(group for group in groups if group.rows or group.left)
    return tuple(groups)


def _group(
    level: Level, stands: Sequence[Stand], wanted: Wanted, room: int, directory: Directory, maker: RowMaker
) -> Group:
    found = sorted(_found(stands, directory, wanted), key=lambda one: _PLACE[one.standing])
    shown, folded = found, 0
    is_unfolded = level.name in wanted.unfolded
    if not (wanted.standing or wanted.words or is_unfolded):
        loud = [one for one in found if one.standing not in QUIET]
        quiet = found[len(loud) :]
        if len(quiet) > UNFOLDED + 1:
            shown, folded = loud + quiet[:UNFOLDED], len(quiet) - UNFOLDED
    return Group(
        level=level,
        addressees=len(stands),
        accepted=sum(one.is_accepted for one in stands),
        counts=Counter(one.standing for one in stands),
        rows=tuple(maker.row(one.copy, name_of(directory, one.copy.organ_id)) for one in shown[:room]),
        folded=folded,
        left=max(0, len(shown) - room),
        is_unfolded=is_unfolded,
    )


def _found(stands: Sequence[Stand], directory: Directory, wanted: Wanted) -> Collection[Stand]:
    words = fold(wanted.words).split()
    found = [one for one in stands if _has_standing(one, wanted.standing)] if wanted.standing else stands
    return [one for one in found if _has_words(one.copy.organ_id, directory, words)] if words else found


def _has_words(organ_id: str, directory: Directory, words: Sequence[str]) -> bool:
    text = _folded(name_of(directory, organ_id), organ_id)
    return all(word in text for word in words)


@lru_cache(maxsize=8_192)
def _folded(name: str, organ_id: str) -> str:
    """Return what the search looks into; kept, since folding the names of a whole country takes longer than the search."""
    return fold(f"{name} {short_name(name)} {organ_id}")


def _has_standing(one: Stand, standing: str) -> bool:
    if standing == "accepted":
        return one.is_accepted
    # What waits for the line is within its time too.
    return one.standing == standing or (standing == "waiting" and one.standing == "held")
