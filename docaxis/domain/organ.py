"""Who can send and be addressed: agency codes of both generations, levels, branches, agencies.

Levels and branches are data, so another country, or Vietnam before 2025-07-01 with its districts, is another directory.
Sources for the code forms: QCVN 102:2016 and QĐ 28/2018 Art. 10.2.a (13 characters), QĐ 20/2020 (grows to the right).
"""

import re
from dataclasses import dataclass
from datetime import date

ORGAN_ID_LENGTH = 35
"""Longest code in characters: QĐ 20/2020; the 13 of QCVN 102:2016 no longer hold."""

_XML_SPACE = " \t\r\n"
_OFFICIAL_FORM = r"[A-Z][0-9]{2}(?:\.[0-9A-Z]{2,})*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][A-Z0-9][0-9]"
_BOUNDED = rf"(?=.{{1,{ORGAN_ID_LENGTH}}}\Z)"
_OFFICIAL = re.compile(f"{_BOUNDED}(?:{_OFFICIAL_FORM})")
_OFFICIAL_ANY_CASE = re.compile(_OFFICIAL_FORM, re.IGNORECASE | re.ASCII)
_CODE = re.compile(rf"{_BOUNDED}[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")


def parse_organ_id(text: str) -> str | None:
    """Return the code in its canonical spelling, or None when it can be no code.

    Takes both generations (`000.00.00.H41`, `H41.02`), list codes (`LIST.PROVINCES`) and vendor codes (`vxp.saas.03`):
    letters, digits and single separators `. _ -`, at most 35 characters. Official codes are upper-cased, others kept.
    """
    if _OFFICIAL.fullmatch(text):
        return text
    text = text.strip(_XML_SPACE)
    if not _CODE.fullmatch(text):
        return None
    return text.upper() if _OFFICIAL_ANY_CASE.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class Level:
    """A level of administration; a lower rank stands higher (central 0, provincial 1 …)."""

    name: str
    rank: int
    label_vi: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch beside the levels: government, party, assembly, court, procuracy, front, enterprise, other."""

    name: str
    label_vi: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency in force on the days `valid_from <= day < valid_to` (None: without limit), with its successors by code.

    `source` says where the code comes from, or `demo`. `statistical_code` is the province or commune number of
    QĐ 19/2025, which is not an axis code.
    """

    organ_id: str
    name: str
    level: str
    branch: str = "government"
    parent: str = ""
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    source: str = "demo"
    statistical_code: str = ""

    def not_yet(self, on: date) -> bool:
        """Return whether the agency begins after that day."""
        return self.valid_from is not None and on < self.valid_from

    def in_force(self, on: date) -> bool:
        """Return whether the agency exists on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)
