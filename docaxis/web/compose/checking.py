"""The check list before sending: what is in order, what a clerk should look at, what keeps a draft from being sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from docaxis.domain.calendar import day_of
from docaxis.domain.route import NoteKind
from docaxis.domain.sentences import sentence
from docaxis.hub.views.drafts import Draft, Finding
from docaxis.web.compose.addressees import Reach, told
from docaxis.web.days import read_day
from docaxis.web.written import Written

Kind = Literal["done", "unattributed", "late", "refused"]
Say = Callable[..., str]
_YEARS_BACK = 100


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list; `refused` keeps from sending, and stands at its field too; `unattributed` was not judged."""

    kind: Kind
    words: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the world says of a draft; due_at is until when its addressees have to take it."""

    reach: Reach
    is_number_taken: bool
    due_at: datetime
    now: datetime
    sees_earlier: bool = True
    name_of: Callable[[str], str] = str


def checks_of(draft: Draft, known: Known, say: Say, written: Written) -> tuple[Check, ...]:
    """Return the list in the order of the form; `say` translates."""
    return (
        *_what(draft, known, say),
        *_files(draft, say, written),
        *_who(known, say, written),
        Check("done", say("Hạn tiếp nhận tính theo độ khẩn: %(due)s", due=written.moment(known.due_at))),
    )


def errors_of(checks: tuple[Check, ...]) -> Mapping[str, str]:
    """Return the first error of each field."""
    found: dict[str, str] = {}
    for one in checks:
        if one.kind == "refused":
            found.setdefault(one.field, one.words)
    return found


def _what(draft: Draft, known: Known, say: Say) -> list[Check]:
    texts = draft.texts
    found: list[Check] = []
    issued, due_on = read_day(texts.get("promulgated_on", "")), read_day(texts.get("due_on", ""))
    number = "/".join(part for part in (texts.get("number", ""), texts.get("notation", "")) if part)
    year = (issued or day_of(known.now)).year
    if not texts.get("number"):
        found.append(Check("late", say("Chưa ghi số: nơi nhận sẽ khó tra văn bản này")))
    elif known.is_number_taken and draft.kind != "update":
        found.append(
            Check("refused", say("Số %(number)s đã dùng trong năm %(year)s", number=number, year=year), "number")
        )
    else:
        found.append(Check("done", say("Số %(number)s chưa dùng trong năm %(year)s", number=number, year=year)))
    if not texts.get("subject"):
        found.append(Check("refused", say("Chưa ghi trích yếu"), "subject"))
    if issued is None or not _is_near(issued, known.now):
        found.append(Check("refused", say("Ngày ban hành chưa đúng, ví dụ 20/11/2026"), "promulgated_on"))
    if texts.get("due_on") and (due_on is None or due_on < day_of(known.now)):
        found.append(Check("refused", say("Hạn trả lời phải là một ngày từ hôm nay trở đi"), "due_on"))
    if draft.kind != "new" and not (draft.earlier and known.sees_earlier):
        found.append(Check("refused", say("Chưa có văn bản trước đó: mở lại từ trang của văn bản ấy"), "earlier"))
    if draft.kind in {"update", "replace"} and not texts.get("reason"):
        found.append(Check("refused", say("Chưa ghi lý do"), "reason"))
    signer = ", ".join(part for part in (texts.get("signer_name", ""), texts.get("signer_position", "")) if part)
    if signer:
        found.append(Check("done", say("Người ký: %(signer)s", signer=signer)))
    else:
        found.append(Check("late", say("Chưa ghi người ký văn bản")))
    return found


def _files(draft: Draft, say: Say, written: Written) -> list[Check]:
    if not draft.files:
        if draft.kind == "update":
            return [Check("late", say("Không có tệp: chỉ đổi nơi nhận"))]
        return [Check("refused", say("Chưa có tệp nào"), "files")]
    size = written.size(sum(one.size_bytes for one in draft.files))
    found = [Check("done", say("%(count)s tệp, %(size)s", count=written.number(len(draft.files)), size=size))]
    signed = [one.name for one in draft.files if one.finding is Finding.SIGNED]
    if signed:
        # No check mark: that it is there is all that was seen.
        found.append(Check("unattributed", say("%(name)s: tệp có chữ ký số, trục chưa kiểm", name=signed[0])))
    else:
        found.append(Check("late", say("Không thấy chữ ký số trong tệp nào")))
    if any(one.finding is Finding.MACRO for one in draft.files):
        found.append(Check("late", say("Có tệp chứa macro: nhiều nơi nhận sẽ chặn")))
    return found


def _who(known: Known, say: Say, written: Written) -> list[Check]:
    reach = known.reach
    found = [
        # Without the detail, which names places in a package that is not made yet.
        Check("refused", f"{known.name_of(code)}: {sentence(rejection.code, written.language)}", "to")
        for code, rejection in reach.refused
    ]
    if not reach.count and not found:
        found.append(Check("refused", say("Chưa chọn nơi nhận"), "to"))
    if reach.count:
        count = written.number(reach.count)
        found.append(Check("done", say("%(count)s nơi nhận có trong danh bạ, không trùng", count=count)))
    if waiting := sum(one.waiting for one in reach.groups):
        words = say("%(count)s nơi đang chờ đường truyền: văn bản tự chuyển khi nối lại", count=written.number(waiting))
        found.append(Check("late", words))
    for note in told(reach.notes, NoteKind.SUCCEEDED):
        heir = note.facts.partition(" ")[0]
        found.append(Check("late", say("%(old)s đã đóng: gửi tới %(new)s thay thế", old=note.about, new=heir)))
    left_out = told(reach.notes, NoteKind.MEMBER_UNREACHABLE)
    if left_out:
        words = say("%(count)s nơi trong danh sách chưa nối, không gửi tới được", count=written.number(len(left_out)))
        found.append(Check("late", words))
    return found


def _is_near(issued: date, now: datetime) -> bool:
    today = day_of(now)
    return today.year - _YEARS_BACK <= issued.year and issued <= today
