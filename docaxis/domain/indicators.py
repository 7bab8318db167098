"""The indicators: what is counted of what, over which days, and what is left open. The pages in docs/indicators say more."""

from dataclasses import dataclass

from docaxis.domain.measure import By, Kind

EVERY = frozenset(By)
_COHORT = "documents accepted in the period, with what has become of them until now"
_ACTS = "acts of the period itself"
_STATE = "the state at the end of the period's last day, or now while it runs"
_WITHOUT = "copies without that pair of statuses, or with the later one first"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator; `is_better_high` None: neither more nor less of it is a target."""

    name: str
    kind: Kind
    label_vi: str
    label_en: str
    numerator: str
    denominator: str
    period_rule: str
    open_items: str
    by: frozenset[By] = EVERY
    is_better_high: bool | None = None

    def label(self, language: str) -> str:
        """Return its name for people, `vi` or `en`."""
        return self.label_vi if language == "vi" else self.label_en


def _time(name: str, label_vi: str, label_en: str, between: str) -> Indicator:
    return Indicator(
        name,
        Kind.MEDIAN,
        label_vi,
        label_en,
        f"copies with both moments: {between}",
        "all copies of the period's documents",
        _COHORT,
        _WITHOUT,
    )


_ALL = (
    Indicator(
        "sent",
        Kind.COUNT,
        "Số văn bản gửi",
        "Documents sent",
        "documents accepted from the sender, recall orders left out",
        "none: a count",
        _COHORT,
        "none",
    ),
    Indicator(
        "received",
        Kind.COUNT,
        "Số văn bản nhận",
        "Copies received",
        "copies put into the addressee's inbox, one for each addressee",
        "none: a count",
        _COHORT,
        "copies that wait for room in the inbox; copies withdrawn or expired before they left the hub",
    ),
    Indicator(
        "answered-on-time",
        Kind.SHARE,
        "Tỷ lệ phản hồi đúng hạn",
        "Answered on time",
        "copies whose addressee sent a status 01 to 06 before the receipt deadline",
        "those, and the copies whose missed deadline is the addressee's own",
        _COHORT,
        "deadlines still running; misses that are not attributable to the addressee; copies that owe no answer any more",
        is_better_high=True,
    ),
    _time(
        "time-accepted-to-arrived",
        "Thời gian trung vị từ lúc Trục tiếp nhận đến «đã đến»",
        "Median time, accepted by the hub to 01 arrived",
        "accepted by the hub, first 01",
    ),
    _time(
        "time-arrived-to-taken",
        "Thời gian trung vị từ «đã đến» đến «đã tiếp nhận»",
        "Median time, 01 arrived to 03 accepted",
        "first 01, first 03",
    ),
    _time(
        "time-taken-to-finished",
        "Thời gian trung vị từ «đã tiếp nhận» đến «hoàn thành»",
        "Median time, 03 accepted to 06 finished",
        "first 03, first 06",
    ),
    _time(
        "time-accepted-to-finished",
        "Thời gian trung vị từ lúc Trục tiếp nhận đến «hoàn thành»",
        "Median time, accepted by the hub to 06 finished",
        "accepted by the hub, first 06",
    ),
    Indicator(
        "connected",
        Kind.SHARE,
        "Tỷ lệ cơ quan đã kết nối",
        "Agencies connected",
        "agencies in force with an endpoint of their own or of an ancestor that serves them",
        "all agencies in force",
        _STATE,
        "agencies whose endpoint is disabled",
        is_better_high=True,
    ),
    Indicator(
        "silent",
        Kind.SHARE,
        "Tỷ lệ cơ quan đã kết nối nhưng chưa gửi, nhận",
        "Connected agencies that neither sent nor took",
        "connected agencies that sent no document and took no copy",
        "connected agencies",
        _ACTS,
        "none",
        is_better_high=False,
    ),
    Indicator(
        "growth-first-month",
        Kind.GROWTH,
        "Tăng trưởng so với tháng đầu tiên",
        "Growth against the first month",
        "documents sent in the calendar month that the period ends in",
        "documents sent in the calendar month of the hub's first document",
        _ACTS,
        "days of that month still to come; days of the first month before the first document",
    ),
    Indicator(
        "growth-year",
        Kind.GROWTH,
        "Tăng trưởng so với cùng kỳ năm trước",
        "Growth against the same period of last year",
        "documents sent in the period, up to today",
        "documents sent on the same days a year earlier",
        _ACTS,
        "days of the period still to come",
    ),
    Indicator(
        "depth",
        Kind.SHARE,
        "Số cấp hành chính có gửi, nhận",
        "Depth of exchange",
        "levels with an agency that sent a document or took a copy; the deepest is named",
        "levels with an agency in force",
        _ACTS,
        "none",
        by=frozenset((By.TOTAL,)),
        is_better_high=True,
    ),
    Indicator(
        "refused",
        Kind.SHARE,
        "Tỷ lệ gói tin bị từ chối, theo mã lý do",
        "Packages refused, by code",
        "packages that the hub refused, for each reason code",
        "packages accepted or refused; repeats of a known package left out",
        "packages that arrived in the period, as decided until now",
        "packages not decided yet",
        is_better_high=False,
    ),
    Indicator(
        "electronic",
        Kind.SHARE,
        "Tỷ lệ văn bản điện tử không kèm bản giấy",
        "Wholly electronic documents",
        "documents whose package announces no paper copy",
        "all documents sent",
        _COHORT,
        "none",
        is_better_high=True,
    ),
    Indicator(
        "signed-by-agency",
        Kind.SHARE,
        "Tỷ lệ văn bản có chữ ký số của cơ quan",
        "Signed by the agency",
        "documents whose signer's certificate speaks for the sending agency",
        "all documents sent",
        _COHORT,
        "none",
        is_better_high=True,
    ),
    Indicator(
        "signed-by-person",
        Kind.SHARE,
        "Tỷ lệ văn bản có chữ ký số của người có thẩm quyền",
        "Signed by the person with authority",
        "not checked: the signatures inside the attached files are not read",
        "all documents sent",
        _COHORT,
        "every document",
    ),
)

INDICATORS = {one.name: one for one in _ALL}
"""All indicators by name, in the order in which they are shown."""

OPEN_ITEMS = {
    "waiting": ("chờ chỗ trong hộp đến", "waiting for room"),
    "gone": ("đã rút hoặc hết hiệu lực trước khi chuyển", "withdrawn or expired before they left"),
    "running": ("chưa đến hạn", "deadline still running"),
    "not-attributable": ("quá hạn không do nơi nhận", "missed, not by the addressee's fault"),
    "owes-nothing": ("không còn nghĩa vụ phản hồi", "owe no answer"),
    "without-pair": ("chưa có đủ hai mốc", "without both moments"),
    "undecided": ("chưa quyết định", "not decided yet"),
    "disabled": ("kết nối đang bị khóa", "endpoint disabled"),
    "days-to-come": ("ngày chưa đến", "days to come"),
    "days-before-the-first": ("ngày trước văn bản đầu tiên", "days before the first document"),
    "not-checked": ("chưa kiểm tra", "not checked"),
}
"""What is counted neither in the numerator nor in the denominator: name, Vietnamese, English."""
