"""Finding agencies as people name them: without marks, by words in any order, by code; the shipped lists beside them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from docaxis.domain.directory import Directory
from docaxis.domain.folding import fold
from docaxis.domain.organ import Agency
from docaxis.domain.rules import DistributionList, Policy
from docaxis.web.agency_names import OncePerDirectory, in_short

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Found:
    """The agencies that match, the first of them; count is how many there are in all."""

    agencies: tuple[Agency, ...]
    count: int


@dataclass(frozen=True, slots=True)
class OfferedList:
    """A list that a sender may address: its code as it is written into `To`, its name (of the policy, Vietnamese)."""

    code: str
    name: str


class Finder:
    """Looks through one directory; folding thousands of names takes some 50 ms, so it is done once for each."""

    def __init__(self) -> None:
        self._names = OncePerDirectory(_folded_names)

    def find(self, directory: Directory, words: str, level: str, on: date, shown: int = SHOWN) -> Found:
        """Return agencies in force whose name or code holds all words, of one level or (empty) of any.

        Those whose name begins with the words come first, then by level and name.
        """
        asked = in_short(fold(words))
        wanted = asked.split()
        if not wanted:
            return Found((), 0)
        found = [
            (not name.startswith(asked), directory.level_rank(one.level), name, one.organ_id, one)
            for name, one in self._names.of(directory)
            if (not level or one.level == level) and one.in_force(on) and all(word in name for word in wanted)
        ]
        found.sort(key=lambda item: item[:4])
        return Found(tuple(item[4] for item in found[:shown]), len(found))


def _folded_names(directory: Directory) -> Sequence[tuple[str, Agency]]:
    return [(f"{in_short(fold(one.name))} {fold(one.organ_id)}", one) for one in directory.agencies.values()]


def marked(name: str, words: str) -> list[tuple[str, bool]]:
    """Return a name in pieces, each with whether it is one of the words that were looked for."""
    folded = [fold(letter) or " " for letter in name]
    plain, starts = "".join(folded), []
    for position, letters in enumerate(folded):
        starts += [position] * len(letters)
    hit = [False] * len(name)
    for word in fold(words).split():
        for found in re.finditer(rf"\b{re.escape(word)}", plain):
            for at in range(*found.span()):
                hit[starts[at]] = True
    # The space between two marked words belongs to them.
    for at in range(1, len(name) - 1):
        hit[at] = hit[at] or (name[at] == " " and hit[at - 1] and hit[at + 1])
    return [
        ("".join(letter for letter, _ in part), is_match)
        for is_match, part in groupby(zip(name, hit, strict=True), key=itemgetter(1))
    ]


def offered_lists(policy: Policy, directory: Directory, sender: str) -> tuple[OfferedList, ...]:
    """Return the lists by name; a family is offered for the sender's own line (the communes of its own province)."""
    offered: list[OfferedList] = []
    line = [directory.find(code) for code in directory.line(sender)]
    for one in policy.lists.values():
        if not one.of_levels:
            offered.append(OfferedList(one.code, one.name or one.code))
            continue
        offered += [
            OfferedList(f"{one.code}.{top.organ_id}", f"{one.name or one.code}: {top.name}")
            for top in line
            if top is not None and top.level in one.of_levels
        ]
    return tuple(offered)


def list_named(policy: Policy, code: str) -> DistributionList | None:
    """Return the list that a code stands for, None for what is none."""
    found = policy.find_list(code)
    return found[0] if found else None
