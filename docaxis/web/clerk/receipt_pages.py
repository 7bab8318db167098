"""The receipt on paper: as a page to print, as a PDF, as the XML that the hub has signed; and its check, open to anybody."""

import asyncio
from typing import Final

import segno
from aiohttp import web
from markupsafe import Markup

from docaxis.hub.acts import act
from docaxis.web.clerk.document_found import Found, find, matrix_of, number_of
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.clerk.matrix import Wanted
from docaxis.web.clerk.receipt_facts import ReceiptFacts, in_fours, read_code, receipt_facts
from docaxis.web.clerk.receipt_pdf import receipt_pdf
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.written import Written

QR_BORDER: Final = 0


def _(message: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
    return message


async def show_receipt(request: web.Request) -> web.Response:
    """Show the receipt as it is printed."""
    found = await find(request)
    facts = await _facts(request, found)
    return render(
        request,
        "clerk/receipt.html",
        found=found,
        document=found.document,
        number=number_of(found.document),
        facts=facts,
        qr=qr_svg(facts.address),
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
    octets = await asyncio.to_thread(receipt_pdf, facts, written, test_data=site.test_data)
    return web.Response(
        body=octets,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{facts.number}.pdf"'},
    )


async def send_signed(request: web.Request) -> web.Response:
    """Send the receipt as the hub has signed it, to the sender that it was given to."""
    found = await find(request)
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
    """Tell anybody who holds a receipt whether the hub gave it: digests, times, number and state, no content, no parties' words."""
    code = request.match_info.get("code", "") or request.query.get("code", "").strip()
    key = read_code(code)
    submission = await request.app[DOCUMENTS].submission(key) if key else None
    if submission is not None and submission.outcome == "repeated":
        submission = None  # it was answered with the receipt of the first one
    headline = spoken(request, _("Kiểm biên nhận"))
    status = 200 if submission is not None or not code else 404
    return render(
        request,
        "clerk/check.html",
        status,
        receipt=submission,
        code=in_fours(key.hex.upper()) if key else code[:100],
        headline=headline,
        facts=await _checked(request, key) if submission is not None else [],
    )


async def _checked(request: web.Request, key: object) -> list[tuple[str, object]]:
    documents, site = request.app[DOCUMENTS], request.app[SITE]
    written = Written(request[PREFERENCES].language)
    submission = await documents.submission(key)  # type: ignore[arg-type] # the caller has found it
    if submission is None:
        raise web.HTTPNotFound
    return [(site.hub, written.moment(submission.decided_at))]


def qr_svg(text: str) -> Markup:
    """Return a QR code as a drawing without styles of its own; dark is the text's colour."""
    code = segno.make(text, error="m", micro=False)
    drawing = code.svg_inline(border=QR_BORDER, omitsize=True, svgclass="qr", lineclass=None, dark="currentColor")
    return Markup(drawing)  # noqa: S704 - segno writes it of the code's modules alone


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
