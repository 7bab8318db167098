"""The address of a list and what it means: every filter stands in the query, so that a list can be saved and sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from multidict import MultiMapping

from docaxis.domain.directory import Directory
from docaxis.hub.views.lists import Place, Wanted
from docaxis.web.clerk.lists_agencies import find_agencies
from docaxis.web.days import read_day
from docaxis.web.words import mark as _

SIZES = (25, 50, 100, 200)
SIZE = 50
URGENCIES = range(1, 4)
"""Least urgencies that may be asked for: khẩn, thượng khẩn, hỏa tốc."""
_WORDS_MOST = 200
_AGENCIES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: typed is what stands in the fields as it was written, troubles what is wrong with them.

    troubles: field → a text of the catalogues. agencies: those that the typed name may mean, where it is more than one.
    """

    wanted: Wanted
    after: Place | None
    size: int
    typed: Mapping[str, str]
    troubles: Mapping[str, str]
    agencies: Sequence[str] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the state narrows the list."""
        wanted = self.wanted
        return bool(wanted.words or wanted.since or wanted.until or wanted.urgency or wanted.other)


def read_asked(query: MultiMapping[str], states: Sequence[str], directory: Directory) -> Asked:
    """Read the query of a list's address; what cannot be read is no condition, and is told."""
    troubles: dict[str, str] = {}
    typed = {name: query.get(name, "").strip() for name in ("q", "since", "until", "with")}
    since, until = (_day(typed[name], name, troubles) for name in ("since", "until"))
    if since and until and until < since:
        troubles["until"] = _("Ngày cuối phải không trước ngày đầu.")
    urgency = next((one for one in URGENCIES if query.get("urgency") == str(one)), 0)
    other, agencies = _agency(typed["with"], directory, troubles)
    state = query.get("state", "all")
    wanted = Wanted(
        state=state if state in states else "all",
        words=typed["q"][:_WORDS_MOST],
        since=since,
        until=until,
        urgency=urgency,
        other=other,
    )
    size = next((one for one in SIZES if query.get("size") == str(one)), SIZE)
    return Asked(wanted, read_place(query.get("after", "")), size, typed, troubles, agencies)


def write_place(place: Place) -> str:
    """Return a place for an address."""
    return f"{place.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}~{place.document_key.hex}~{place.organ_id}~{place.kind}"


def read_place(text: str) -> Place | None:
    """Return the place that an address tells, None where it tells none that can be read."""
    try:
        at, key, organ_id, kind = text.split("~")
        moment = datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
        return Place(moment, UUID(hex=key), organ_id, kind)
    except ValueError:
        return None


def _day(text: str, name: str, troubles: dict[str, str]) -> date | None:
    if not text:
        return None
    found = read_day(text)
    # PostgreSQL, SQLite and Python do not agree on what the first and last years are.
    if found is None or not 1900 <= found.year <= 9000:  # noqa: PLR2004
        troubles[name] = _("Ghi ngày như 20/11/2026.")
        return None
    return found


def _agency(text: str, directory: Directory, troubles: dict[str, str]) -> tuple[str, Sequence[str]]:
    if not text:
        return "", ()
    found = find_agencies(directory, text, _AGENCIES_SHOWN)
    if len(found) == 1:
        return found[0], ()
    troubles["with"] = _("Nhiều cơ quan có tên này: chọn một.") if found else _("Không có cơ quan nào tên như vậy.")
    return "", found
