"""What is played, as data: who sends what to whom, how it is made, and what must come of it.

The expectations are written by hand, not computed by the code under test: they are what the demonstration compares with.
"""

from dataclasses import dataclass
from enum import StrEnum

from docaxis.domain.envelope import Priority
from docaxis.domain.verdict import Reason
from docaxis.local.demo.cast import MINISTRIES, PROVINCES

KIB = 1024
MIB = 1024 * KIB


class Outcome(StrEnum):
    """How a message must end. DEFERRED_THEN_ACCEPTED gets two receipts and counts as accepted in the end."""

    ACCEPTED = "accepted"
    DEFERRED_THEN_ACCEPTED = "deferred, then accepted"
    REJECTED = "rejected"
    REPEATED = "repeated"


class Making(StrEnum):
    """How the package of a scene is made; see `papers` for the good ones and `vandals` for the others."""

    SIGNED = "signed"
    BY_REFERENCE = "attachment by reference"
    BLOB_LATE = "attachment by reference, its octets come later"
    BODY_CHANGED = "body changed after signing"
    WRAPPED = "signed header moved aside, another read instead"
    REVOKED = "revoked certificate"
    EXPIRED = "expired certificate"
    FOREIGN = "certificate of another agency"
    DOCTYPE_BOMB = "a DOCTYPE that doubles itself"
    LEGACY = "a signature of today's field"
    SAME_MESSAGE = "the same message again"
    SAME_BYTES = "the same octets under a new message id"
    SAME_ID = "the same document id with other content"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a message.

    addressees: resolved codes, each with the agency that carries it (empty: connected itself); notified: agencies that
    get a notice; detail: words that the receipt's detail must contain; notes: code → word of its succession.
    """

    outcome: Outcome
    code: str = ""
    addressees: tuple[tuple[str, str], ...] = ()
    notified: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    succeeded: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One message of the scenario; `of` names the scene that a repeat or a conflict refers to."""

    name: str
    title: str
    sender: str
    to: tuple[str, ...]
    number: str
    type_name: str
    subject: str
    expected: Expected
    making: Making = Making.SIGNED
    priority: Priority = Priority.NORMAL
    attachment_bytes: int = 4 * KIB
    endpoint: str = ""
    of: str = ""


def _direct(*organ_ids: str) -> tuple[tuple[str, str], ...]:
    return tuple((organ_id, "") for organ_id in organ_ids)


def _accepted(*addressees: tuple[str, str], notified: tuple[str, ...] = ()) -> Expected:
    return Expected(Outcome.ACCEPTED, addressees=addressees, notified=notified)


def _rejected(code: Reason, *detail: str) -> Expected:
    return Expected(Outcome.REJECTED, code.value, detail=detail)


DECISION = Scene(
    name="decision",
    title="Prime Minister's decision to all provinces and ministries",
    sender="G22",
    to=("LIST.PROVINCES", "LIST.MINISTRIES"),
    number="12/QĐ-TTg",
    type_name="Quyết định",
    subject="Về việc kết nối, liên thông văn bản điện tử giữa các cơ quan nhà nước",
    expected=_accepted(*_direct(*PROVINCES, *MINISTRIES)),
)

# Each act is sent without waiting and must be answered whole before the next one begins: repeats need an original.
ACTS: tuple[tuple[Scene, ...], ...] = (
    (
        DECISION,
        Scene(
            name="report",
            title="a province's report upwards",
            sender="H41",
            to=("G22", "G12"),
            number="345/BC-UBND",
            type_name="Báo cáo",
            subject="Kết quả thực hiện nhiệm vụ phát triển kinh tế - xã hội",
            expected=_accepted(*_direct("G22", "G12")),
        ),
        Scene(
            name="commune",
            title="a commune's letter to a ministry; its province is told",
            sender="H41.001",
            to=("G12",),
            number="7/CV-UBND",
            type_name="Công văn",
            subject="Đề nghị hướng dẫn quyết toán ngân sách phường",
            expected=_accepted(*_direct("G12"), notified=("H41",)),
        ),
        Scene(
            name="downwards",
            title="a ministry's answer, carried by the province",
            sender="G12",
            to=("H41.001", "H53.002"),
            number="1021/BTC-NSNN",
            type_name="Công văn",
            subject="Hướng dẫn quyết toán ngân sách cấp xã",
            expected=_accepted(("H41.001", "H41"), ("H53.002", "H53")),
        ),
        Scene(
            name="successor",
            title="to a dissolved district with one successor",
            sender="G12",
            to=("H06.27",),
            number="1022/BTC-NSNN",
            type_name="Công văn",
            subject="Bàn giao số liệu ngân sách huyện Côn Đảo",
            expected=Expected(Outcome.ACCEPTED, addressees=(("H29.168", "H29"),), succeeded=(("H29.168", "H06.27"),)),
        ),
        Scene(
            name="urgent",
            title="an urgent dispatch about a storm",
            sender="G22",
            to=("H41", "H53"),
            number="88/CĐ-TTg",
            type_name="Công điện",
            subject="Khẩn trương ứng phó bão số 5",
            priority=Priority.IMMEDIATE,
            expected=_accepted(*_direct("H41", "H53")),
        ),
        Scene(
            name="party",
            title="the Party Office to another branch and to its own",
            sender="A01",
            to=("G22", "H41.52"),
            number="15-TB/VPTW",
            type_name="Thông báo",
            subject="Kết luận về chuyển đổi số trong các cơ quan Đảng",
            expected=_accepted(*_direct("G22", "H41.52")),
        ),
        Scene(
            name="reference",
            title="12 MB of maps by reference",
            sender="H53",
            to=("G22",),
            number="210/TTr-UBND",
            type_name="Tờ trình",
            subject="Quy hoạch tỉnh, kèm bộ bản đồ",
            making=Making.BY_REFERENCE,
            attachment_bytes=12 * MIB,
            expected=_accepted(*_direct("G22")),
        ),
        Scene(
            name="claim",
            title="a package of 1.4 MB by claim check",
            sender="H41",
            to=("G12", "H53"),
            number="346/UBND-TH",
            type_name="Công văn",
            subject="Phối hợp lập dự toán liên vùng",
            attachment_bytes=1 * MIB,
            expected=_accepted(*_direct("G12", "H53")),
        ),
        Scene(
            name="late",
            title="its attachment comes two seconds late",
            sender="H53",
            to=("G12",),
            number="211/UBND-KT",
            type_name="Công văn",
            subject="Dự toán chi đầu tư, phụ lục gửi sau",
            making=Making.BLOB_LATE,
            attachment_bytes=64 * KIB,
            expected=Expected(
                Outcome.DEFERRED_THEN_ACCEPTED, Reason.PKG_ATTACHMENT_MISSING.value, addressees=_direct("G12")
            ),
        ),
    ),
    (
        Scene(
            name="again",
            title="the decision again, its answer was not heard",
            sender="G22",
            to=(),
            number="",
            type_name="",
            subject="",
            making=Making.SAME_MESSAGE,
            of="decision",
            expected=Expected(Outcome.REPEATED),
        ),
        Scene(
            name="again-anew",
            title="the report's octets as a new message",
            sender="H41",
            to=(),
            number="",
            type_name="",
            subject="",
            making=Making.SAME_BYTES,
            of="report",
            expected=Expected(Outcome.REPEATED),
        ),
        Scene(
            name="conflict",
            title="the report's id with other content",
            sender="H41",
            to=("G22", "G12"),
            number="345/BC-UBND",
            type_name="Báo cáo",
            subject="Kết quả thực hiện nhiệm vụ (số liệu đã sửa)",
            making=Making.SAME_ID,
            of="report",
            expected=_rejected(Reason.PKG_ID_CONFLICT),
        ),
        Scene(
            name="changed",
            title="body changed after signing",
            sender="H53",
            to=("G22",),
            number="212/UBND-KT",
            type_name="Công văn",
            subject="Đề nghị bổ sung 100 triệu đồng",
            making=Making.BODY_CHANGED,
            expected=_rejected(Reason.SIG_HASH_FAILURE),
        ),
        Scene(
            name="wrapped",
            title="wrapped signature",
            sender="H53",
            to=("G22",),
            number="213/UBND-KT",
            type_name="Công văn",
            subject="Đề nghị bổ sung biên chế",
            making=Making.WRAPPED,
            expected=_rejected(Reason.SIG_FORMAT_FAILURE),
        ),
        Scene(
            name="revoked",
            title="signed with a revoked certificate",
            sender="G12",
            to=("G22",),
            number="1023/BTC-NSNN",
            type_name="Công văn",
            subject="Điều chỉnh dự toán (khóa đã mất)",
            making=Making.REVOKED,
            expected=_rejected(Reason.SIG_REVOKED),
        ),
        Scene(
            name="expired",
            title="signed with an expired certificate",
            sender="H41",
            to=("G22",),
            number="347/UBND-TH",
            type_name="Công văn",
            subject="Báo cáo nhanh tình hình thu ngân sách",
            making=Making.EXPIRED,
            expected=_rejected(Reason.SIG_EXPIRED),
        ),
        Scene(
            name="foreign",
            title="signed with another agency's certificate",
            sender="H53",
            to=("G22",),
            number="214/UBND-KT",
            type_name="Công văn",
            subject="Ký bằng chứng thư của cơ quan khác",
            making=Making.FOREIGN,
            of="H41",
            expected=_rejected(Reason.SIG_SIGNER_MISMATCH),
        ),
        Scene(
            name="impostor",
            title="another province's letter by a stolen key",
            sender="H41",
            to=("G22",),
            number="348/UBND-TH",
            type_name="Công văn",
            subject="Gửi qua hệ thống của tỉnh khác",
            endpoint="H53",
            expected=_rejected(Reason.RTE_SENDER_NOT_SERVED),
        ),
        Scene(
            name="unknown",
            title="to an agency that nobody knows",
            sender="G12",
            to=("H99",),
            number="1024/BTC-NSNN",
            type_name="Công văn",
            subject="Gửi nơi nhận không có trong danh mục",
            expected=_rejected(Reason.RTE_ADDRESSEE_UNKNOWN, "H99"),
        ),
        Scene(
            name="ambiguous",
            title="to a dissolved district with three successors",
            sender="G12",
            to=("H53.31",),
            number="1025/BTC-NSNN",
            type_name="Công văn",
            subject="Bàn giao số liệu ngân sách huyện Bến Cầu",
            expected=_rejected(Reason.RTE_SUCCESSOR_AMBIGUOUS, "H53.002", "H53.003", "H53.004"),
        ),
        Scene(
            name="bomb",
            title="a DOCTYPE bomb",
            sender="H53",
            to=("G22",),
            number="215/UBND-KT",
            type_name="Công văn",
            subject="Văn bản có khai báo DOCTYPE",
            making=Making.DOCTYPE_BOMB,
            expected=_rejected(Reason.PKG_DOCTYPE),
        ),
        Scene(
            name="too-large",
            title="7.4 MB inline instead of by reference",
            sender="H41",
            to=("G22",),
            number="349/UBND-TH",
            type_name="Công văn",
            subject="Tệp đính kèm quá lớn để gửi kèm trong gói tin",
            attachment_bytes=7_400_000,
            expected=_rejected(Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE),
        ),
        Scene(
            name="legacy",
            title="a package of today's field",
            sender="G12",
            to=("G22",),
            number="1026/BTC-NSNN",
            type_name="Công văn",
            subject="Gói tin ký theo cách hiện nay",
            making=Making.LEGACY,
            expected=_rejected(Reason.SIG_PROFILE_LEGACY),
        ),
    ),
)

SCENES = tuple(scene for act in ACTS for scene in act)
