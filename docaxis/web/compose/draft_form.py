"""The form of a draft: what a browser sends, bounded and put over what was kept."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from multidict import MultiDictProxy

from docaxis.domain.calendar import day_of
from docaxis.domain.envelope import Priority
from docaxis.domain.organ import parse_organ_id
from docaxis.hub.views.drafts import Draft, DraftKind
from docaxis.web.days import read_day

TEXTS: Mapping[str, int] = MappingProxyType(
    {
        "number": 20, "notation": 60, "promulgated_on": 10, "subject": 500, "type_name": 60, "priority": 1,
        "due_on": 10, "place": 100, "signer_name": 100, "signer_position": 100, "reason": 500,
    }
)  # fmt: skip
"""The fields that are typed, each with its greatest length in characters."""
ADDRESSEES = 500
"""Addressees by name; whole levels are addressed by their lists."""
EARLIER = 20
TYPES = (
    "Công văn", "Quyết định", "Nghị quyết", "Chỉ thị", "Thông báo", "Kế hoạch", "Báo cáo", "Tờ trình", "Công điện",
    "Giấy mời", "Hướng dẫn", "Quy chế", "Quy định", "Thông cáo", "Chương trình", "Phương án", "Đề án", "Dự án",
    "Biên bản", "Hợp đồng", "Bản ghi nhớ", "Bản thỏa thuận", "Giấy ủy quyền", "Giấy giới thiệu", "Giấy nghỉ phép",
    "Phiếu gửi", "Phiếu chuyển", "Phiếu báo", "Thư công",
)  # fmt: skip
"""The types of administrative documents (NĐ 30/2020, Art. 7), the most usual first; data, never translated."""

KINDS: Mapping[str, DraftKind] = {"new": "new", "reply": "reply", "update": "update", "replace": "replace"}
Form = MultiDictProxy[Any]


def read_form(form: Form, draft: Draft) -> Draft:
    """Return the draft as the form says; what the form does not name stays, one act of its buttons is done."""
    texts = dict(draft.texts) | {name: text_of(form, name, most) for name, most in TEXTS.items() if name in form}
    for name in ("promulgated_on", "due_on"):
        if day := read_day(texts.get(name, "")):
            texts[name] = written_day(day)
    changed = replace(
        draft,
        kind=KINDS.get(text_of(form, "kind", 10), draft.kind),
        texts=texts,
        to=_addressees(form),
        removed=_codes(form, "removed"),
        earlier=_earlier(form),
        refused=None,
    )
    if changed.kind == "reply" and not changed.earlier:
        changed = replace(changed, kind="new")
    dropped = text_of(form, "drop-file", 80)
    return replace(changed, files=tuple(one for one in draft.files if one.digest != dropped))


def text_of(form: Form, name: str, most: int) -> str:
    """Return one field as composed text on one line, empty where it is missing or a file."""
    value = form.get(name, "")
    return unicodedata.normalize("NFC", " ".join(value.split()))[:most] if isinstance(value, str) else ""


def written_day(day: date) -> str:
    """Return a day as it is typed."""
    return day.strftime("%d/%m/%Y")


def priority_of(texts: Mapping[str, str]) -> Priority:
    """Return the urgency that was chosen, none for what is no urgency."""
    chosen = texts.get("priority", "")
    return Priority(int(chosen)) if chosen in {str(int(one)) for one in Priority} else Priority.NORMAL


def blank(draft_id: UUID, person_id: UUID, organ_id: str, now: datetime) -> Draft:
    """Return a new draft of today."""
    texts = {"promulgated_on": written_day(day_of(now)), "type_name": TYPES[0], "priority": "0"}
    return Draft(draft_id, person_id, organ_id, now, texts=texts)


def _addressees(form: Form) -> tuple[str, ...]:
    """Return who is chosen: those kept, without the offered ones that are no longer ticked, with those ticked now."""
    kept, offered, ticked = _codes(form, "to"), set(_codes(form, "offered")), _codes(form, "add")
    dropped, toggled = set(_codes(form, "drop-to")), _codes(form, "list")
    if "clear-to" in form:
        kept = ()
    chosen = [*(one for one in kept if one not in offered and one not in dropped), *ticked]
    for one in toggled:
        if one in chosen:
            chosen.remove(one)
        else:
            chosen.append(one)
    return tuple(dict.fromkeys(chosen))[:ADDRESSEES]


def _codes(form: Form, name: str) -> tuple[str, ...]:
    found = (parse_organ_id(one) for one in form.getall(name, []) if isinstance(one, str))
    return tuple(dict.fromkeys(one for one in found if one))


def _earlier(form: Form) -> tuple[UUID, ...]:
    dropped = form.get("drop-earlier")
    found = []
    for one in form.getall("earlier", []):
        try:
            found.append(UUID(str(one)))
        except ValueError:
            continue
    return tuple(key for key in dict.fromkeys(found) if key.hex != dropped)[:EARLIER]
