"""Agencies by what somebody types of their names, without marks: `ubnd gia lai`, a code, or the beginning of a word."""

from collections.abc import Sequence

from docaxis.domain.directory import Directory
from docaxis.domain.folding import fold
from docaxis.domain.organ import parse_organ_id

_SHORT = (("uy ban nhan dan", "ubnd"), ("hoi dong nhan dan", "hdnd"), ("thanh pho", "tp"))
"""What people write short."""


def find_agencies(directory: Directory, text: str, most: int) -> Sequence[str]:
    """Return the codes of agencies that the text may mean, the closest first; one only where it means it exactly."""
    code = parse_organ_id(text)
    agency = directory.find(code) if code else None
    if agency is not None:
        return (agency.organ_id,)
    words = _short(fold(text)).split()
    if not words:
        return ()
    exact, found = [], []
    for organ_id, name in _names(directory):
        if name == " ".join(words):
            exact.append(organ_id)
        elif all(f" {word}" in f" {name}" for word in words):
            found.append((len(name), organ_id))
    if len(exact) == 1:
        return exact
    return [*exact, *(organ_id for _, organ_id in sorted(found))][:most]


def _short(folded: str) -> str:
    for long, short in _SHORT:
        folded = folded.replace(long, short)
    return folded


_kept: list[tuple[Directory, Sequence[tuple[str, str]]]] = []


def _names(directory: Directory) -> Sequence[tuple[str, str]]:
    # To fold a hundred thousand names takes a second, and the directory seldom changes.
    if not _kept or _kept[0][0] is not directory:
        names = [(one.organ_id, _short(fold(one.name))) for one in directory.agencies.values()]
        _kept[:] = [(directory, names)]
    return _kept[0][1]
