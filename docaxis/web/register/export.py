"""The register on paper and as a table for other programs; each time is itself an act in the log."""

import csv
import io
from collections.abc import Sequence

from aiohttp import hdrs, web

from docaxis.domain.spreadsheet import harmless
from docaxis.hub.views.register import Entry
from docaxis.web.register.forms import wanted_of
from docaxis.web.register.ports import REGISTER
from docaxis.web.render import render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import VISIT
from docaxis.web.written import Written

MOST = 20_000
"""Entries of one print or file; a year of a large agency is about that many."""
_BYTE_ORDER_MARK = "\ufeff"


async def show_print(request: web.Request) -> web.Response:
    """Show the entries of the filter, oldest first, as the register is kept on paper (A4, landscape)."""
    entries = await _exported(request, "print")
    return render(request, "register/print.html", entries=entries, wanted=wanted_of(request))


async def send_csv(request: web.Request) -> web.Response:
    """Send the entries of the filter as CSV: UTF-8 with a mark, so that spreadsheets read the marks of letters."""
    entries = await _exported(request, "csv")
    written, site = Written("vi"), request.app[SITE]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(
        spoken(request, name)
        for name in (
            "Số đến", "Ngày đến", "Mã cơ quan gửi", "Cơ quan gửi", "Số, ký hiệu", "Ngày văn bản", "Loại", "Trích yếu",
            "Chuyển cho", "Ghi chú", "Người vào sổ",
        )
    )  # fmt: skip
    for one in entries:
        document = one.document
        issued = written.day(document.promulgated_on) if document.promulgated_on else ""
        cells = (
            str(one.number), written.moment(one.registered_at), document.sender, site.name_of(document.sender),
            number_of(one), issued, document.type_name, document.subject, one.handed_to, one.note, one.registered_by,
        )  # fmt: skip
        rows.writerow(map(harmless, cells))
    name = f"so-den-{wanted_of(request).year}.csv"
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'}
    content = _BYTE_ORDER_MARK + text.getvalue()
    return web.Response(text=content, content_type="text/csv", charset="utf-8", headers=headers)


def number_of(entry: Entry) -> str:
    """Return number and notation as issued, the document's id where it has none."""
    document = entry.document
    code = "/".join(part for part in (document.code_number, document.code_notation) if part)
    return code or document.document_id


async def _exported(request: web.Request, form: str) -> Sequence[Entry]:
    port, visit, wanted = request.app[REGISTER], request[VISIT], wanted_of(request)
    found = await port.entries(visit.organ_id, wanted, None, MOST)
    if request.method != hdrs.METH_HEAD:
        await port.note_export(visit.organ_id, wanted, form, len(found), visit.person, request.app[SITE].now())
    return found[::-1]
