"""What the hub did to the copies of an earlier document, in words for people: Vietnamese and English."""

from docaxis.domain.receipt import Effect
from docaxis.domain.status import NAMES, parse_status_code

ACTS = {
    "advanced": ("đã cập nhật trạng thái", "status taken"),
    "recorded": ("đã ghi nhận, trạng thái không đổi", "recorded, nothing changed"),
    "withdrawn": ("đã lấy lại, chưa rời trục", "taken back, it had not left the hub"),
    "withdrawing": ("đang lấy lại từ hộp đến, chưa ai nhận", "being taken back, not fetched yet"),
    "asked": ("đã đến nơi nhận, chờ nơi nhận trả lời", "fetched, the addressee is asked"),
    "removed": ("đã báo bỏ khỏi nơi nhận", "told to be no addressee any more"),
    "expired": ("đã hết thời hạn trước đó", "it had ended before"),
    "replaced": ("đã báo văn bản được thay thế", "told that it is replaced"),
}
"""By `Effect.act`; an act that is not here comes from a newer hub and is shown as it is written."""


def act_text(effect: Effect, language: str) -> str:
    """Return what happened to the copy; language is `vi` or `en`."""
    vi, en = ACTS.get(effect.act, (effect.act, effect.act))
    return vi if language == "vi" else en


def status_text(effect: Effect, language: str) -> str:
    """Return the copy's furthest status, `03 accepted`; empty where it has none."""
    code = parse_status_code(effect.code)
    return f"{effect.code} {NAMES[code][0 if language == 'vi' else 1]}" if code else effect.code
