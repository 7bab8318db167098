"""What the operator's forms share: texts that were typed, and the written reason that every act needs."""

from aiohttp import web

from docaxis.web.words import mark as _

REASON_LEAST, REASON_MOST = 8, 1000

REASON_MISSING = _("Ghi lý do, ít nhất 8 ký tự: người xem nhật ký sau này sẽ đọc câu này")
REASON_TOO_LONG = _("Lý do dài quá 1.000 ký tự")
DAY_WRONG = _("Viết ngày như 31/12/2026")


async def typed(request: web.Request) -> dict[str, str]:
    """Return the texts of a form, trimmed; signs that cannot be printed are gone, files are left out."""
    form = await request.post()
    return {name: _printable(value) for name, value in form.items() if isinstance(value, str)}


def reason_error(reason: str) -> str:
    """Return what is wrong with a written reason, empty where nothing is."""
    if len(reason) < REASON_LEAST:
        return REASON_MISSING
    return REASON_TOO_LONG if len(reason) > REASON_MOST else ""


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
