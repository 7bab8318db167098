"""The words of a printed receipt, so that page and PDF say the same; `say` puts a text into the reader's language."""

from datetime import date
from typing import Protocol

from docaxis.web.clerk.matrix_rows import Cell
from docaxis.web.clerk.receipt_facts import ReceiptFacts, in_fours
from docaxis.web.words import mark as _
from docaxis.web.written import Written


class Say(Protocol):
    """Returns a text of the catalogues in one language, its facts put in."""

    def __call__(self, message: str, **facts: object) -> str:
        """Return the text."""


TITLE = _("Biên nhận điện tử")
ISSUER = _("Trục liên thông văn bản")
PRIORITIES = ("", _("Khẩn"), _("Thượng khẩn"), _("Hỏa tốc"), _("Hỏa tốc hẹn giờ"))
HEADS = {"dispatched": _("Đã chuyển"), "fetched": _("Đã lấy về"), "01": _("01 Đã đến"), "03": _("03 Đã tiếp nhận")}
NOTHING = "·"
"""A step that was not reached, or that nobody waits for any more."""
_COUNTS = (
    ("waiting", _("%(n)s còn trong hạn")),
    ("held", _("%(n)s chờ đường truyền")),
    ("late", _("%(n)s quá hạn")),
    ("unattributed", _("%(n)s chưa quy được lỗi")),
    ("refused", _("%(n)s từ chối")),
    ("withdrawn", _("%(n)s đã thu hồi")),
    ("expired", _("%(n)s hết hiệu lực")),
)
_SAID: dict[str, str] = {
    "over": _("quá hạn"),
    "unattributed": _("chưa quy được lỗi"),
    "not-fetched": _("chưa lấy về"),
    "line": _("chờ"),
    "withdrawn": _("thu hồi"),
    "withdrawing": _("đang thu hồi"),
    "expired": _("hết hiệu lực"),
    "wait": _("chờ"),
    "skipped": _("không báo riêng, bước sau đã báo"),
    "given-back": _("15 Đồng ý lấy lại"),
    "asked": _("13 Yêu cầu lấy lại"),
}


def about(facts: ReceiptFacts, number: str, say: Say, written: Written) -> list[tuple[str, str, bool]]:
    """Return the first part of a receipt: names, values, and whether the agencies wrote the value."""
    document = facts.document
    urgency = PRIORITIES[document.priority] if 0 <= document.priority < len(PRIORITIES) else ""
    day = written.day(document.promulgated_on or document.accepted_at)
    named = say(_("%(number)s, ngày %(day)s"), number=number, day=day)
    pairs = [
        (_("Văn bản"), f"{named}. {say(urgency)}" if urgency else named, False),
        (_("Trích yếu"), document.subject, True),
        (_("Cơ quan gửi"), f"{facts.sender_name} ({document.sender})", True),
        (_("Trục nhận"), say(_("%(at)s, đã chấp nhận"), at=written.moment(document.accepted_at, seconds=True)), False),
        (_("Chữ ký trên gói"), say(_("Hợp lệ. Chứng thư %(serial)s"), serial=in_fours(document.signer[7:23])), False),
    ]
    return [(say(name), value, is_data) for name, value, is_data in pairs]


def codes(facts: ReceiptFacts, say: Say, written: Written) -> list[tuple[str, str]]:
    """Return the last part: digests in fours, the place in the log, and whose seal it is."""
    index = facts.leaf_index
    place = say(_("mục %(n)s"), n=written.number(index)) if index is not None else say(_("chưa có số mục"))
    pairs = [
        (_("SHA-256 của gói"), in_fours(facts.document.digest.removeprefix("sha256:"))),
        (_("Vị trí trong nhật ký"), place),
        (_("Mã của mục (SHA-256)"), in_fours(facts.event_hash) or "–"),
    ]
    if facts.seal is not None:
        seal = facts.seal
        pairs.insert(1, (_("SHA-256 biên nhận XML"), in_fours(seal.digest.removeprefix("sha256:"))))
        named = f"{seal.certificate.name} {in_fours(seal.certificate.serial)}".strip()
        signed = say(_("%(algorithm)s, chứng thư %(name)s"), algorithm=seal.certificate.algorithm, name=named)
        pairs.append((_("Trục ký"), signed))
    return [(say(name), value) for name, value in pairs]


def counts(facts: ReceiptFacts, say: Say, written: Written) -> str:
    """Return the sentence of counts: `46 nơi: 38 đã tiếp nhận, 2 quá hạn`."""
    said = [say(_("%(n)s đã tiếp nhận"), n=written.number(facts.accepted))]
    said += [say(text, n=written.number(facts.counts[key])) for key, text in _COUNTS if facts.counts.get(key)]
    return say(_("%(n)s nơi: %(counts)s"), n=written.number(facts.addressees), counts=", ".join(said))


def cell(one: Cell, day: date, say: Say, written: Written) -> str:
    """Return what a step's cell says on paper: a time with seconds, or a word."""
    at = ""
    if one.at is not None:
        same = written.day(one.at) == written.day(day)
        at = written.clock(one.at, seconds=True) if same else written.moment(one.at, seconds=True)
    if one.says == "time":
        return at or say(_("có, không rõ giờ"))
    if one.says == "refused":
        return say(_("02 từ chối %(at)s"), at=at)
    if one.says == "left" and one.due_at is not None:
        return say(_("chờ, hạn %(at)s"), at=written.time_on(one.due_at, day))
    return say(_SAID[one.says]) if one.says in _SAID else NOTHING


def foot(facts: ReceiptFacts, say: Say) -> tuple[str, str]:
    """Return the lines at the foot of each sheet: how to check with a network, and without."""
    command = "docaxis package verify --signature-only --signer hub.cert.pem"
    return (
        say(_("Kiểm chứng: quét mã, hoặc mở %(address)s"), address=facts.address),
        say(_("Ngoại tuyến: %(command)s với biên nhận XML"), command=command),
    )
