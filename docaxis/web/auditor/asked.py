"""What the address of the log asks for: the pasted text, the filters, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from aiohttp import web

from docaxis.domain.calendar import day_of
from docaxis.domain.people import Mandate
from docaxis.hub.views.audit import LogRow, LogWanted
from docaxis.web.auditor.kinds import KINDS, RESULTS
from docaxis.web.auditor.recognise import Recognised, recognise
from docaxis.web.clerk.lists_agencies import find_agencies
from docaxis.web.days import read_day
from docaxis.web.render import spoken
from docaxis.web.site import SITE

MEANT_SHOWN = 8
"""Agencies that are offered for a name that may mean several."""


@dataclass(frozen=True, slots=True)
class Asked:
    """text: what was pasted; kinds and holding come of kind and result together, None where no act can be both.

    typed: what stands in the fields that can be wrong. meant: the mandate's agencies that a typed name may mean, where they
    are several.
    """

    text: str
    recognised: Recognised
    first: date
    last: date
    agency: str
    kind: str
    result: str
    after: str
    errors: Mapping[str, str] = field(default_factory=dict)
    meant: Sequence[str] = ()
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...] | None:
        """Return the kinds of event that are asked for, empty for all, None for none at all."""
        of_result = RESULTS[self.result][1] if self.result else ()
        if self.kind and of_result:
            return (self.kind,) if self.kind in of_result else None
        return (self.kind,) if self.kind else of_result

    @property
    def wanted(self) -> LogWanted | None:
        """Return what the store is asked for, None where there is nothing to ask."""
        kinds = self.kinds
        if kinds is None or self.errors:
            return None
        return LogWanted(self.first, self.last, self.agency, kinds, RESULTS[self.result][2] if self.result else "")

    def continued(self, place: str) -> Self:
        """Return the same question from another place of the list on."""
        return replace(self, after=place)

    def keeps(self, row: LogRow) -> bool:
        """Whether an entry that was found by a pasted text is of the kind and result that are asked for."""
        kinds = self.kinds
        if kinds is None or (kinds and row.event.kind not in kinds):
            return False
        return not self.result or row.outcome == self.result or self.result not in {"refused", "accepted"}


def read_asked(request: web.Request, mandate: Mandate, query: Mapping[str, str] | None = None) -> Asked:
    """Read the address, or another query; what cannot be understood is told at its field and never widens what is shown."""
    query = request.query if query is None else query
    today = day_of(request.app[SITE].now())
    errors: dict[str, str] = {}
    days = {"first": mandate.first_day, "last": max(mandate.first_day, min(mandate.last_day, today))}
    typed = {name: query.get(name, "").strip() for name in ("first", "last", "agency")}
    for name, usual in tuple(days.items()):
        day = read_day(typed[name]) if typed[name] else usual
        if day is None:
            errors[name] = spoken(request, "Ngày viết dạng 20/11/2026.")
        days[name] = day or usual
    if not errors and days["last"] < days["first"]:
        errors["last"] = spoken(request, "Ngày cuối trước ngày đầu.")
    named = _agencies(request, typed["agency"], mandate)
    if typed["agency"] and not named:
        errors["agency"] = spoken(request, "Không có cơ quan này trong phạm vi kiểm tra.")
    elif len(named) > 1:
        errors["agency"] = spoken(request, "Nhiều cơ quan có tên như vậy. Chọn một cơ quan bên dưới.")
    kind, result = query.get("kind", ""), query.get("result", "")
    return Asked(
        text=query.get("q", "").strip(),
        recognised=recognise(query.get("q", "")),
        first=days["first"],
        last=days["last"],
        agency=named[0] if len(named) == 1 else "",
        kind=kind if kind in KINDS else "",
        result=result if result in RESULTS else "",
        after=query.get("after", ""),
        errors=errors,
        meant=named[:MEANT_SHOWN] if len(named) > 1 else (),
        typed=typed,
    )


def _agencies(request: web.Request, typed: str, mandate: Mandate) -> Sequence[str]:
    """Return the codes of the mandate's agencies that a code or a name, without marks or in part, may mean."""
    directory = request.app[SITE].directory()
    found = find_agencies(directory, typed, len(directory.agencies))
    return [code for code in found if not mandate.agencies or code in mandate.agencies]
