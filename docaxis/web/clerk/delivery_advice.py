"""The thing to do now about one addressee's copy: one sentence of advice, one main act, other ways. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from docaxis.domain.folding import fold
from docaxis.domain.status import StatusCode
from docaxis.hub.views.package import PackageView
from docaxis.hub.views.timeline import DeliveryView, Timeline
from docaxis.web.clerk.acts import holders, is_given_back
from docaxis.web.clerk.matrix_rows import Row

Case = Literal[
    "missing",
    "not-ours",
    "refused",
    "not-fetched",
    "silent",
    "reply",
    "unattributed",
    "held",
    "declined",
    "asked",
    "to-receive",
    "recall-asked",
]
MISSING: Final = ("thieu", "phu luc", "dinh kem", "khong co tep", "khong mo duoc", "missing", "annex", "attachment")
NOT_OURS: Final = ("gui nham", "khong thuoc", "sai noi nhan", "khong dung noi nhan", "wrong addressee", "tham quyen")


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do: primary is the name of an act or of a way to compose (`update`, `reply`), others the plain links.

    reason is quoted word for word; concerns is how many addressees hold what an update would change; kind colours the box.
    """

    case: Case
    primary: str = ""
    others: tuple[str, ...] = ()
    reason: str = ""
    concerns: int = 0
    kind: Literal["", "late", "refused"] = ""


def advice_to_sender(timeline: Timeline, copy: DeliveryView, row: Row) -> Advice | None:
    """Return what its sender should do about a copy, None where nothing is to be done."""
    if timeline.document.state != "active" or is_given_back(copy):
        return None
    concerns = len(holders(timeline))
    if row.standing == "refused":
        case = reading_of(row.note)
        primary, *others = _OF_REFUSAL[case]
        return Advice(case, primary, tuple(others), row.note, concerns, "refused")
    if copy.recall is StatusCode.DECLINED and copy.recall_asked_at is not None:
        why = next((s.description for s in reversed(timeline.statuses) if _is_decline(s.organ_id, s.code, copy)), "")
        return Advice("declined", "reply", ("recall",), why, concerns, "refused")
    return _about_time(copy, row, concerns)


def advice_to_addressee(timeline: Timeline, copy: DeliveryView, offered: tuple[str, ...]) -> Advice | None:
    """Return what an addressee should do about its own copy; offered are the acts that are open to it."""
    if "agree" in offered and copy.recall is StatusCode.RECALL_ASKED:
        asked = [s for s in timeline.statuses if s.organ_id == copy.organ_id and s.code is StatusCode.RECALL_ASKED]
        return Advice("recall-asked", "agree", ("decline",), asked[-1].description if asked else "", kind="late")
    if "accept" in offered and "refuse" in offered:
        return Advice("to-receive", "accept", ("refuse",))
    return None


def reading_of(reason: str) -> Literal["missing", "not-ours", "refused"]:
    """Return what a reason for a refusal seems to speak of; the clerk reads the reason itself beside it."""
    words = fold(reason)
    if any(part in words for part in NOT_OURS):
        return "not-ours"
    return "missing" if any(part in words for part in MISSING) else "refused"


def lacks_annex(reason: str, package: PackageView) -> bool:
    """Whether the reason speaks of an annex and no attachment of the package is called one."""
    if "phu luc" not in fold(reason):
        return False
    return not any(
        "phu luc" in fold(f"{one.name} {one.description}") or "pl" in fold(one.name).split()
        for one in package.attachments
    )


_OF_REFUSAL: Final = {
    "missing": ("update", "reply", "recall"),
    "not-ours": ("recall", "reply"),
    "refused": ("update", "reply", "recall"),
}


def _about_time(copy: DeliveryView, row: Row, concerns: int) -> Advice | None:
    if row.standing == "unattributed":
        return Advice("unattributed", concerns=concerns)
    if row.standing == "late":
        case: Case = "silent"
        if copy.transport != "fetched":
            case = "not-fetched"
        elif copy.status is not None:
            case = "reply"
        return Advice(case, "remind", ("recall",), concerns=concerns, kind="late")
    if row.standing == "held":
        return Advice("held", "", ("recall",), concerns=concerns)
    if copy.recall is StatusCode.RECALL_ASKED and copy.transport == "fetched":
        return Advice("asked", concerns=concerns)
    return None


def _is_decline(organ_id: str, code: StatusCode, copy: DeliveryView) -> bool:
    return organ_id == copy.organ_id and code is StatusCode.DECLINED
