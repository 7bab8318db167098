"""Numbers, days and spans of time as people read them in each language; instants are shown as Vietnam's time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from docaxis.domain.calendar import VIETNAM

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")

_UNITS = {"vi": ("ngày", "giờ", "phút"), "en": ("d", "h", "min")}
_UNDER_A_MINUTE = {"vi": "dưới 1 phút", "en": "under 1 min"}
_WEEKDAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_DAYS_FROM = timedelta(hours=48)
_KIB, _MIB = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """The forms of one language."""

    language: Language

    def number(self, value: float, digits: int = 0) -> str:
        """Return 4.817.203 or 4,817,203; with digits also the part behind the decimal sign."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "vi" else text

    def share(self, part: int, whole: int) -> str:
        """Return a percentage with two decimals (`88,21 %`, `88.21%`), a dash of nothing."""
        if not whole:
            return "–"
        sign = " %" if self.language == "vi" else "%"
        return self.number(100 * part / whole, 2) + sign

    def day(self, value: date | datetime) -> str:
        """Return dd/MM/yyyy."""
        return (value.astimezone(VIETNAM) if isinstance(value, datetime) else value).strftime("%d/%m/%Y")

    def clock(self, value: datetime, *, seconds: bool = False) -> str:
        """Return HH:mm, or HH:mm:ss."""
        return value.astimezone(VIETNAM).strftime("%H:%M:%S" if seconds else "%H:%M")

    def moment(self, value: datetime, *, seconds: bool = False) -> str:
        """Return dd/MM/yyyy HH:mm, or with seconds."""
        return value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S" if seconds else "%d/%m/%Y %H:%M")

    def time_on(self, value: datetime, day: date) -> str:
        """Return HH:mm for a moment of that day, and the whole date before it for another one."""
        local = value.astimezone(VIETNAM)
        return local.strftime("%H:%M" if local.date() == day else "%d/%m/%Y %H:%M")

    def weekday(self, value: datetime) -> str:
        """Return the name of the day of the week."""
        return _WEEKDAYS[self.language][value.astimezone(VIETNAM).weekday()]

    def span(self, value: timedelta) -> str:
        """Return `4 giờ 32 phút`; from 48 hours on in days and hours; the sign does not count."""
        value = abs(value)
        minutes = int(value.total_seconds() // 60)
        if minutes == 0:
            return _UNDER_A_MINUTE[self.language]
        day, hour, minute = _UNITS[self.language]
        if value >= _DAYS_FROM:
            days, rest = divmod(minutes, 24 * 60)
            parts = ((days, day), (rest // 60, hour))
        else:
            parts = ((minutes // 60, hour), (minutes % 60, minute))
        return " ".join(f"{count} {unit}" for count, unit in parts if count)

    def size(self, size_bytes: int) -> str:
        """Return a size in KB or MB (of 1,024), as file managers show it."""
        if size_bytes < _MIB:
            return f"{self.number(max(1, round(size_bytes / _KIB)))} KB"
        return f"{self.number(size_bytes / _MIB, 1)} MB"
