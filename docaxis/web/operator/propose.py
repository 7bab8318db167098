"""The forms of proposals: an anchor from an uploaded file shown decoded first, a binding, a time of keeping."""

import re
from collections.abc import Mapping

from aiohttp import web
from aiohttp.web_request import FileField

from docaxis.domain import wire
from docaxis.hub.views.proposals import CertificateFacts, ProposalKind
from docaxis.web.operator.forms import reason_error, typed
from docaxis.web.operator.ports import DIRECTORY_ACTS, PROPOSALS
from docaxis.web.operator.proposals import organ_ids_of
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import VISIT
from docaxis.web.words import mark as _

FILE_BYTES = 64 * 1024
DAYS_LEAST, DAYS_MOST = 365, 36_500
_HEX = re.compile(r"[0-9a-fA-F]{64}")

FILE_WRONG = _("Chọn một tệp PEM hoặc DER có đúng một chứng thư")
ANCHOR_KNOWN = _("Chứng thư này đã là neo tin cậy")
FINGERPRINT_WRONG = _("Dấu vân tay SHA-256 gồm 64 chữ số thập lục phân")
CODES_WRONG = _("Ghi mã cơ quan, cách nhau bằng dấu cách; có mã không đúng hoặc không có trong danh bạ")
DAYS_WRONG = _("Ghi số ngày từ 365 đến 36.500")
TROUBLES = {
    "not-an-authority": _("Không phải chứng thư của nơi cấp (thiếu CA:TRUE), không làm neo được"),
    "ended": _("Chứng thư đã hết hạn"),
    "not-yet": _("Chứng thư chưa có hiệu lực"),
    "weak-key": _("Khóa RSA ngắn hơn 2048 bit"),
}


async def show_anchor(request: web.Request) -> web.Response:
    """Show the form for an anchor's file."""
    return _anchor(request, None, "", {}, {})


async def read_anchor(request: web.Request) -> web.Response:
    """Show an uploaded certificate decoded, with the form that proposes it."""
    held = (await request.post()).get("file")
    octets = held.file.read(FILE_BYTES + 1) if isinstance(held, FileField) else b""
    return await _read(request, octets, {}, proposes=False)


async def propose_anchor(request: web.Request) -> web.Response:
    """Propose the certificate that was shown; what comes back is read again, as if it were new."""
    form = await request.post()
    pem = form.get("pem", "")
    return await _read(request, pem.encode() if isinstance(pem, str) else b"", await typed(request), proposes=True)


async def propose_removal(request: web.Request) -> web.Response:
    """Propose that an anchor is trusted no more."""
    form = await typed(request)
    fingerprint = form.get("fingerprint", "")
    anchor = next((one for one in await request.app[PROPOSALS].anchors() if one.fingerprint == fingerprint), None)
    if anchor is None:
        raise web.HTTPNotFound
    if error := reason_error(form.get("reason", "")):
        return _anchor(request, anchor, "", form, {"reason": spoken(request, error)}, removes=True)
    content = {"fingerprint": fingerprint, "subject": anchor.subject}
    raise await _proposed(request, "anchor:remove", content, form["reason"])


async def show_removal(request: web.Request) -> web.Response:
    """Show the form that proposes the removal of an anchor."""
    fingerprint = request.query.get("fingerprint", "")
    anchor = next((one for one in await request.app[PROPOSALS].anchors() if one.fingerprint == fingerprint), None)
    if anchor is None:
        raise web.HTTPNotFound
    return _anchor(request, anchor, "", {}, {}, removes=True)


async def show_binding(request: web.Request) -> web.Response:
    """Show the form for a binding, filled with the one that the address names."""
    fingerprint = request.query.get("fingerprint", "")
    held = (await request.app[DIRECTORY_ACTS].signer_bindings()).get(fingerprint)
    form = {"fingerprint": fingerprint, "organ_ids": " ".join(sorted(held or ())) or request.query.get("organ_id", "")}
    return _binding(request, form, {}, is_bound=held is not None)


async def propose_binding(request: web.Request) -> web.Response:
    """Propose that a signer speaks for these agencies only, for none, or again for those that the certificate names."""
    form = await typed(request)
    errors: dict[str, str] = {}
    fingerprint = _fingerprint(form.get("fingerprint", ""))
    if fingerprint is None:
        errors["fingerprint"] = spoken(request, FINGERPRINT_WRONG)
    bound = await request.app[DIRECTORY_ACTS].signer_bindings()
    organ_ids: tuple[str, ...] = ()
    kind: ProposalKind = "binding:set"
    if form.get("how") == "forget":
        kind = "binding:remove"
        if fingerprint and fingerprint not in bound:
            errors["fingerprint"] = spoken(request, _("Người ký này chưa được gắn với cơ quan nào"))
    elif form.get("how") != "nobody":
        directory = request.app[SITE].directory()
        named = organ_ids_of(form.get("organ_ids", ""))
        if not named or any(directory.find(code) is None for code in named):
            errors["organ_ids"] = spoken(request, CODES_WRONG)
        organ_ids = named or ()
    if error := reason_error(form.get("reason", "")):
        errors["reason"] = spoken(request, error)
    if errors:
        return _binding(request, form, errors, is_bound=fingerprint in bound)
    before = sorted(bound.get(str(fingerprint), ()))
    content = {"fingerprint": fingerprint, "organ_ids": list(organ_ids), "before": before}
    raise await _proposed(request, kind, content, form["reason"])


async def show_retention(request: web.Request) -> web.Response:
    """Show the form for the time of keeping."""
    return await _retention(request, {}, {})


async def propose_retention(request: web.Request) -> web.Response:
    """Propose for how many days the octets of packages are kept."""
    form = await typed(request)
    errors: dict[str, str] = {}
    text = form.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(DAYS_MOST)) else 0
    if not DAYS_LEAST <= days <= DAYS_MOST:
        errors["days"] = spoken(request, DAYS_WRONG)
    if error := reason_error(form.get("reason", "")):
        errors["reason"] = spoken(request, error)
    if errors:
        return await _retention(request, form, errors)
    before = await request.app[PROPOSALS].retention_days()
    raise await _proposed(request, "retention:set", {"days": days, "before": before}, form["reason"])


async def _read(request: web.Request, octets: bytes, form: dict[str, str], *, proposes: bool) -> web.Response:
    proposals = request.app[PROPOSALS]
    try:
        facts, pem = proposals.read_anchor(octets if len(octets) <= FILE_BYTES else b"")
    except ValueError:
        return _anchor(request, None, "", form, {"file": spoken(request, FILE_WRONG)})
    errors = {}
    if facts.trouble:
        errors["file"] = spoken(request, TROUBLES[facts.trouble])
    elif facts.fingerprint in {one.fingerprint for one in await proposals.anchors()}:
        errors["file"] = spoken(request, ANCHOR_KNOWN)
    elif proposes and (error := reason_error(form.get("reason", ""))):
        errors["reason"] = spoken(request, error)
    if proposes and not errors:
        content = {"pem": pem, "fingerprint": facts.fingerprint, "subject": facts.subject}
        raise await _proposed(request, "anchor:add", content, form["reason"])
    return _anchor(request, facts, pem, form, errors)


async def _proposed(
    request: web.Request, kind: ProposalKind, content: Mapping[str, object], reason: str
) -> web.HTTPSeeOther:
    person = request[VISIT].person
    await request.app[PROPOSALS].propose(kind, content, reason, person.person_id, person.login)
    return web.HTTPSeeOther(address(request, "proposals", {"done": "proposed"}))


def _fingerprint(text: str) -> str | None:
    """Return `sha256:<hex>` of what was typed: with or without the prefix, in groups or with colons."""
    digits = re.sub(r"[\s:]", "", text.lower().removeprefix("sha256:"))
    return f"sha256:{digits}" if _HEX.fullmatch(digits) and wire.DIGEST.fullmatch(f"sha256:{digits}") else None


def _anchor(
    request: web.Request,
    facts: CertificateFacts | None,
    pem: str,
    form: dict[str, str],
    errors: dict[str, str],
    *,
    removes: bool = False,
) -> web.Response:
    return render(
        request,
        "operator/propose_anchor.html",
        422 if errors else 200,
        facts=facts,
        pem=pem,
        form=form,
        errors=errors,
        removes=removes,
    )


def _binding(request: web.Request, form: dict[str, str], errors: dict[str, str], *, is_bound: bool) -> web.Response:
    status = 422 if errors else 200
    return render(request, "operator/propose_binding.html", status, form=form, errors=errors, is_bound=is_bound)


async def _retention(request: web.Request, form: dict[str, str], errors: dict[str, str]) -> web.Response:
    now = await request.app[PROPOSALS].retention_days()
    status = 422 if errors else 200
    return render(request, "operator/propose_retention.html", status, form=form, errors=errors, retention=now)
