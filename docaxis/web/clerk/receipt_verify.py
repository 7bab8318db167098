"""A file that a clerk brings to be verified: step by step, by the same engine as the hub's own decision and the command line."""

from typing import Final

from aiohttp import web
from aiohttp.web import FileField

from docaxis.hub.acts import act
from docaxis.hub.views.package import CheckReport
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.clerk.document_submission import happened
from docaxis.web.clerk.receipt_facts import in_fours
from docaxis.web.render import render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.words import mark as _
from docaxis.web.written import Written

FILE_BYTES: Final = 32 * 1024 * 1024

_STEPS: Final = {
    "well-formed": _("Đọc được, không có phần ẩn"),
    "schema": _("Đúng lược đồ gói tin"),
    "digest": _("Mã băm khớp với nội dung"),
    "signature": _("Chữ ký khớp với chứng thư"),
    "chain": _("Chứng thư dẫn tới gốc tin cậy"),
    "time": _("Chứng thư còn hạn, chưa bị thu hồi"),
    "parties": _("Người ký được ký cho nơi gửi, nơi nhận có đường tới"),
    "seal": _("Dấu của trục còn nguyên trên biên nhận"),
    "recorded": _("Nhật ký của trục có đúng mục mà biên nhận nêu"),
}
_VERDICTS: Final = {
    ("package", "accepted"): _("Gói tin nguyên vẹn và trục sẽ chấp nhận"),
    ("package", "rejected"): _("Trục không chấp nhận gói tin này"),
    ("package", "deferred"): _("Chưa nói được về gói tin này"),
    ("receipt", "accepted"): _("Biên nhận nguyên vẹn, do trục cấp"),
    ("receipt", "rejected"): _("Đây không phải biên nhận nguyên vẹn của trục"),
    ("unknown", "rejected"): _("Tệp này không phải gói tin, cũng không phải biên nhận"),
}


async def show_verify(request: web.Request) -> web.Response:
    """Show the form."""
    return _shown(request)


async def verify_file(request: web.Request) -> web.Response:
    """Verify what was brought; nothing of it is kept but who verified what, by its digest."""
    posted = await request.post()
    file = posted.get("file")
    if not isinstance(file, FileField) or not file.filename:
        return _shown(request, error=spoken(request, _("Chọn một tệp để kiểm.")), status=422)
    octets = file.file.read(FILE_BYTES + 1)
    if len(octets) > FILE_BYTES:
        return _shown(request, error=spoken(request, _("Tệp quá lớn.")), status=422)
    now, visit = request.app[SITE].now(), request[VISIT]
    report = await request.app[DOCUMENTS].check(octets, now)
    body: dict[str, str] = {
        "login": visit.person.login,
        "organ_id": visit.organ_id,
        "digest": report.digest,
        "verdict": report.verdict,
    }
    await request.app[DOCUMENTS].record(act("person:verified", now, body))
    return _shown(request, report)


def _shown(request: web.Request, report: CheckReport | None = None, error: str = "", status: int = 200) -> web.Response:
    said = ""
    if report is not None and report.code:
        said = happened(report.code, report.detail, request[PREFERENCES].language)
    return render(
        request,
        "clerk/verify.html",
        status,
        report=report,
        verdict=spoken(request, _VERDICTS[report.kind, report.verdict]) if report else "",
        facts=_facts(request, report) if report else [],
        names={name: spoken(request, text) for name, text in _STEPS.items()},
        said=said,
        not_checked=spoken(request, _not_checked(report)) if report else "",
        error=error,
        most=FILE_BYTES,
    )


def _not_checked(report: CheckReport) -> str:
    if report.kind == "receipt":
        return _("Chưa kiểm: bằng chứng nằm trong nhật ký so với dấu mốc đã công bố; chữ ký số bên trong tệp đính kèm.")
    return _("Chưa kiểm: gói đã gửi chưa, có trùng với gói khác không; chữ ký số bên trong tệp đính kèm.")


def _facts(request: web.Request, report: CheckReport) -> list[tuple[str, object]]:
    written = Written(request[PREFERENCES].language)
    facts: list[tuple[str, object]] = [
        (_("SHA-256 của tệp"), in_fours(report.digest.removeprefix("sha256:"))),
        (_("Kích thước"), written.size(report.size_bytes)),
    ]
    if report.sender:
        facts.append((_("Nơi gửi"), request.app[SITE].name_of(report.sender)))
    if report.document_id:
        facts.append((_("Mã văn bản"), report.document_id))
    if report.decided_at:
        facts.append((_("Lúc"), written.moment(report.decided_at, seconds=True)))
    if report.signer:
        facts.append((_("Chứng thư"), f"{report.signer.subject}, {in_fours(report.signer.serial)}"))
        facts.append(
            (_("Thời hạn"), f"{written.day(report.signer.not_before_at)} – {written.day(report.signer.not_after_at)}")
        )
    if report.leaf_index is not None:
        facts.append((_("Mục trong nhật ký"), written.number(report.leaf_index)))
    return [(spoken(request, name), value) for name, value in facts]
