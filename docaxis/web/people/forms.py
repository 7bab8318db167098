"""What an administrator types in, read and judged; what is wrong is a text of the catalogues by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency, parse_organ_id
from docaxis.domain.people import Mandate, Person, Role, is_login
from docaxis.hub.ids import new_id
from docaxis.web.days import read_day
from docaxis.web.words import mark as _

LONGEST = 200

NO_AGENCY = _("Danh bạ không có mã cơ quan này.")
_NO_DAY = _("Ghi ngày, tháng, năm.")


@dataclass(frozen=True, slots=True)
class AccountForm:
    """A new account as it was typed in."""

    login: str = ""
    name: str = ""
    title: str = ""
    role: str = str(Role.CLERK)
    organ_id: str = ""

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> Self:
        """Return what a form holds."""
        return cls(**{name: str(form.get(name, "")).strip()[:LONGEST] for name in cls.__slots__})

    def person(self, directory: Directory, now: datetime) -> tuple[Person | None, dict[str, str]]:
        """Return the new person, or what is wrong by field."""
        role = next((one for one in Role if one == self.role), None)
        found = agency(self.organ_id, directory) if self.organ_id else None
        wrong = {}
        if not is_login(self.login):
            wrong["login"] = _("Tên đăng nhập gồm chữ thường không dấu, số và . _ @ - ở giữa.")
        if not self.name:
            wrong["name"] = _("Ghi họ và tên.")
        if role is None:
            wrong["role"] = _("Chọn một vai.")
        if self.organ_id and found is None:
            wrong["organ_id"] = NO_AGENCY
        elif role is Role.CLERK and found is None:
            wrong["organ_id"] = _("Văn thư thuộc một cơ quan: ghi mã cơ quan.")
        if wrong or role is None:
            return None, wrong
        organ_id = found.organ_id if found else ""
        return Person(new_id(now), self.login, self.name, role, organ_id, self.title), {}


def agency(text: str, directory: Directory) -> Agency | None:
    """Return the registered agency of a code in any spelling."""
    code = parse_organ_id(text)
    return directory.find(code) if code else None


def mandate(form: Mapping[str, Any], directory: Directory) -> tuple[Mandate | None, dict[str, str]]:
    """Return the mandate that a form says, or what is wrong by field."""
    wrong = {}
    decision = str(form.get("decision", "")).strip()[:LONGEST]
    if not decision:
        wrong["decision"] = _("Ghi số, ký hiệu quyết định.")
    days = {name: read_day(str(form.get(name, "")).strip()) for name in ("first_day", "last_day", "ends_on")}
    wrong |= {name: _NO_DAY for name, day in days.items() if day is None}
    codes = [part for part in re.split(r"[\s,;]+", str(form.get("agencies", ""))) if part]
    found = [agency(code, directory) for code in codes]
    if None in found:
        wrong["agencies"] = NO_AGENCY
    first, last, ends = days["first_day"], days["last_day"], days["ends_on"]
    if first and last and first > last:
        wrong["last_day"] = _("Ngày cuối trước ngày đầu.")
    if wrong or first is None or last is None or ends is None:
        return None, wrong
    return Mandate(decision, first, last, ends, frozenset(one.organ_id for one in found if one)), {}


def typed_mandate(held: Mandate | None) -> dict[str, str]:
    """Return a mandate as its form shows it, empty fields for none."""
    if held is None:
        return dict.fromkeys(("decision", "first_day", "last_day", "ends_on", "agencies"), "")
    return {
        "decision": held.decision,
        "first_day": f"{held.first_day:%d/%m/%Y}",
        "last_day": f"{held.last_day:%d/%m/%Y}",
        "ends_on": f"{held.ends_on:%d/%m/%Y}",
        "agencies": ", ".join(sorted(held.agencies)),
    }
