"""Agencies by what somebody types of their names, without marks: `ubnd gia lai`, a code, or the beginning of a word."""

from collections.abc import Sequence

from docaxis.domain.directory import Directory
from docaxis.domain.folding import fold
from docaxis.domain.organ import parse_organ_id
from docaxis.web.agency_names import OncePerDirectory, in_short


def find_agencies(directory: Directory, text: str, most: int) -> Sequence[str]:
    """Return the codes of agencies that the text may mean, the closest first; one only where it means it exactly."""
    code = parse_organ_id(text)
    agency = directory.find(code) if code else None
    if agency is not None:
        return (agency.organ_id,)
    words = in_short(fold(text)).split()
    if not words:
        return ()
    exact, found = [], []
    for organ_id, name in _SHORT_NAMES.of(directory):
        if name == " ".join(words):
            exact.append(organ_id)
        elif all(f" {word}" in f" {name}" for word in words):
            found.append((len(name), organ_id))
    if len(exact) == 1:
        return exact
    return [*exact, *(organ_id for _, organ_id in sorted(found))][:most]


def _short_names(directory: Directory) -> Sequence[tuple[str, str]]:
    return [(one.organ_id, in_short(fold(one.name))) for one in directory.agencies.values()]


_SHORT_NAMES = OncePerDirectory(_short_names)
