"""The receipt on paper: as a page to print, as a PDF, as the XML that the hub has signed; and its check, open to anybody."""

import asyncio
from functools import partial
from hashlib import sha256
from typing import Final

from aiohttp import web

from docaxis.hub.acts import act
from docaxis.hub.views.documents import SubmissionView
from docaxis.web.clerk.document_found import Found, find, matrix_of, number_of
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.clerk.matrix import Wanted
from docaxis.web.clerk.receipt_facts import STEPS, ReceiptFacts, in_fours, read_code, receipt_facts, receipt_number
from docaxis.web.clerk.receipt_pdf import receipt_pdf
from docaxis.web.clerk.receipt_qr import qr_svg
from docaxis.web.clerk.receipt_words import HEADS, about, cell, codes, counts, foot
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.words import mark as _
from docaxis.web.written import Written

_OUTCOMES: Final = {
    "accepted": _("đã chấp nhận"),
    "rejected": _("chưa được chấp nhận"),
    "deferred": _("tạm hoãn"),
}
_STATES: Final = {
    "active": _("còn hiệu lực"),
    "recalled": _("đã thu hồi"),
    "replaced": _("đã thay thế"),
    "expired": _("hết hiệu lực"),
}


async def show_receipt(request: web.Request) -> web.Response:
    """Show the receipt as it is printed."""
    found = await find(request)
    facts = await _facts(request, found)
    say, written = partial(spoken, request), Written(request[PREFERENCES].language)
    return render(
        request,
        "clerk/receipt.html",
        found=found,
        document=found.document,
        number=number_of(found.document),
        facts=facts,
        about=about(facts, number_of(found.document), say, written),
        codes=codes(facts, say, written),
        counts=counts(facts, say, written),
        foot=foot(facts, say),
        heads=HEADS,
        steps=STEPS,
        cell_words=lambda one: cell(one, facts.day, say, written),
        qr=qr_svg(facts.address, spoken(request, _("Mã QR tới trang kiểm biên nhận"))),
        of=request.query.get("of", ""),
    )


async def send_pdf(request: web.Request) -> web.Response:
    """Send the same facts as a PDF."""
    found = await find(request)
    facts = await _facts(request, found)
    visit, site = request[VISIT], request.app[SITE]
    body: dict[str, str | int] = {"login": visit.person.login, "organ_id": visit.organ_id}
    await request.app[DOCUMENTS].record(act("export:receipt", site.now(), body, found.document.document_key))
    written = Written(request[PREFERENCES].language)
    # Text is put into the reader's language in the thread too: catalogues are read once and never change.
    octets = await asyncio.to_thread(
        receipt_pdf, facts, number_of(found.document), written, partial(spoken, request), test_data=site.test_data
    )
    return web.Response(
        body=octets,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{facts.number}.pdf"'},
    )


async def send_signed(request: web.Request) -> web.Response:
    """Send the receipt as the hub has signed it, to the sender that it was given to."""
    found = await find(request, events_for=())
    submission = await request.app[DOCUMENTS].submission(found.document.document_key)
    if submission is None or not found.is_sender:
        raise web.HTTPNotFound
    name = f"receipt-{found.document.document_key.hex}.xml"
    return web.Response(
        body=submission.receipt,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def show_check(request: web.Request) -> web.Response:
    """Tell anybody who holds a receipt whether the hub gave it: digests, times, number and state; no content, no parties."""
    code = request.match_info.get("code", "") or request.query.get("code", "").strip()
    key = read_code(code)
    submission = await request.app[DOCUMENTS].submission(key) if key else None
    if submission is not None and submission.outcome not in _OUTCOMES:
        submission = None  # a repeat was answered with the receipt of the first one
    headline = spoken(request, _("Kiểm biên nhận"))
    status = 200 if submission is not None or not code else 404
    return render(
        request,
        "clerk/check.html",
        status,
        receipt=submission,
        code=in_fours(key.hex.upper()) if key else code[:100],
        headline=headline,
        facts=await _checked(request, submission) if submission is not None else [],
    )


async def _checked(request: web.Request, submission: SubmissionView) -> list[tuple[str, object]]:
    """Return what the receipt itself says, as it can be compared with paper."""
    documents, written = request.app[DOCUMENTS], Written(request[PREFERENCES].language)
    event = await documents.event_of(submission.submission_id)
    document = await documents.named(submission.submission_id) if submission.outcome == "accepted" else None
    index = event.leaf_index if event else None
    facts: list[tuple[str, object]] = [
        (_("Trục trả lời"), spoken(request, _OUTCOMES[submission.outcome])),
        (_("Lúc"), written.moment(submission.decided_at, seconds=True)),
        (_("Trục nhận gói"), written.moment(submission.received_at, seconds=True)),
        (_("SHA-256 của gói"), in_fours(submission.digest.removeprefix("sha256:"))),
        (_("SHA-256 biên nhận XML"), in_fours(sha256(submission.receipt).hexdigest())),
        (_("Mục trong nhật ký"), written.number(index) if index is not None else spoken(request, _("chưa có số mục"))),
        (_("Mã của mục (SHA-256)"), in_fours(event.leaf_hash.hex()) if event else "–"),
    ]
    if document is not None:
        facts[:0] = [(_("Biên nhận số"), receipt_number(document, index)), (_("Số, ký hiệu"), number_of(document))]
        facts.append((_("Trạng thái hiện nay"), spoken(request, _STATES.get(document.state, document.state))))
    return [(spoken(request, name), value) for name, value in facts]


async def _facts(request: web.Request, found: Found) -> ReceiptFacts:
    """Return the facts for this reader: an addressee prints its own line alone."""
    documents, site = request.app[DOCUMENTS], request.app[SITE]
    table = matrix_of(
        request,
        found.timeline,
        Wanted(
            unfolded=frozenset({"", *(level.name for level in site.directory().levels)}),
            rows_max=len(found.timeline.deliveries),
        ),
    )
    asked = request.query.get("of", "")
    of = asked if found.is_sender else request[VISIT].organ_id
    if of and of not in {copy.organ_id for copy in found.timeline.deliveries}:
        raise web.HTTPNotFound
    submission = await documents.submission(found.document.document_key)
    seal = await documents.seal(submission.receipt) if submission else None
    leads_to = site.public_url + address(request, "check", code=found.document.document_key.hex)
    return receipt_facts(found.timeline, table, site.directory(), site.now(), leads_to, seal, of)
