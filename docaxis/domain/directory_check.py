"""What can be wrong with a directory's data: names given twice, links to nowhere, circles."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from docaxis.domain.organ import Agency, Branch, Level


def find_problems(
    agencies: Sequence[Agency],
    by_code: Mapping[str, Agency],
    levels: Sequence[Level],
    branches: Sequence[Branch],
    connections: Mapping[str, str],
) -> list[str]:
    """Return every problem as codes and a few words; `by_code` holds codes and aliases, the last one given winning."""
    problems = [f"levels: {name} is given twice" for name in _repeated(str(level.name) for level in levels)]
    problems += [f"levels: rank {rank} is given twice" for rank in _repeated(str(level.rank) for level in levels)]
    problems += [f"branches: {name} is given twice" for name in _repeated(branch.name for branch in branches)]
    if sum(1 + len(agency.aliases) for agency in agencies) > len(by_code):
        # An alias equal to the agency's own code is given twice too: it says nothing, and hides a slip of the pen.
        names = (code for agency in agencies for code in (agency.organ_id, *agency.aliases))
        problems += [f"{code}: given twice, as code or alias" for code in _repeated(names)]
    level_names, branch_names = {level.name for level in levels}, {branch.name for branch in branches}
    for agency in agencies:
        if agency.level not in level_names:
            problems.append(f"{agency.organ_id}: level {agency.level} is not defined")
        if branch_names and agency.branch not in branch_names:
            problems.append(f"{agency.organ_id}: branch {agency.branch} is not defined")
        if agency.parent and agency.parent not in by_code:
            problems.append(f"{agency.organ_id}: parent {agency.parent} is unknown")
        for code in agency.successors:
            if code not in by_code:
                problems.append(f"{agency.organ_id}: successor {code} is unknown")
    problems += (f"{code}: its parents form a circle" for code in _circles(agencies, by_code))
    problems += (f"connections: {code} is not in the directory" for code in connections if code not in by_code)
    connected = (by_code[code].organ_id for code in connections if code in by_code)
    problems += (f"connections: {code} is given twice" for code in _repeated(connected))
    return problems


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _circles(agencies: Sequence[Agency], by_code: Mapping[str, Agency]) -> Iterator[str]:
    """Yield one code of each circle."""
    walked: set[str] = set()
    for agency in agencies:
        if agency.parent in walked:
            walked.add(agency.organ_id)
            continue
        path: set[str] = set()
        above: Agency | None = agency
        while above is not None and above.organ_id not in walked:
            walked.add(above.organ_id)
            path.add(above.organ_id)
            above = by_code.get(above.parent)
        if above is not None and above.organ_id in path:
            yield above.organ_id
