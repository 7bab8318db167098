"""The pages of writing and sending; every step is a POST that keeps all that was typed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from aiohttp import web
from aiohttp.web_request import FileField

from docaxis.domain.people import Role
from docaxis.hub.views.drafts import SENDING, Draft
from docaxis.web.compose.draft_form import Form, blank, read_form, text_of
from docaxis.web.compose.ports import DRAFTS, UPLOADS, FileNotTaken
from docaxis.web.compose.prefill import answering, prefilled
from docaxis.web.compose.sending import AlreadyTaken, answer_of, reopen_refused, send
from docaxis.web.compose.shown import judged, offered, refusal_words, show
from docaxis.web.desk import DESK, DeskError
from docaxis.web.render import address, render, spoken
from docaxis.web.routing import Page
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT

_STUCK = timedelta(minutes=2)
"""After so long a draft that is being sent counts as left behind by a process that ended."""


async def begin(request: web.Request) -> web.Response:
    """Show a new draft, blank or made of an earlier document; nothing is kept until a button is pressed."""
    visit = request[VISIT]
    if not request.app[DESK].serves(visit.organ_id):
        return render(request, "compose/elsewhere.html")
    draft = blank(uuid4(), visit.person.person_id, visit.organ_id, request.app[SITE].now())
    return await show(request, await prefilled(request, draft), is_new=True)


async def offer(request: web.Request) -> web.Response:
    """Show the agencies that match `?find=…&level=…` as the part of the form that scripts put in."""
    return offered(request)


async def go_on(request: web.Request) -> web.Response:
    """Show a kept draft; one that is sent leads to what became of it."""
    draft = await _draft_of(request)
    if not draft.is_open:
        raise web.HTTPSeeOther(address(request, "compose-sent", draft_id=draft.draft_id))
    return await show(request, draft)


async def step(request: web.Request) -> web.Response:
    """Keep what was typed, take the files, and do what the button says."""
    form = await request.post()
    draft = read_form(form, await _open_draft(request))
    if "answer" in form:
        draft = await answering(request, draft, text_of(form, "answer", 40))
    draft = replace(draft, changed_at=request.app[SITE].now())
    draft, trouble = await _with_files(
        request, draft, [one for one in form.getall("files", []) if isinstance(one, FileField)]
    )
    if not await request.app[DRAFTS].save(draft):
        raise web.HTTPNotFound
    if trouble:
        return await show(request, draft, status=422, trouble=trouble)
    if "send" in form:
        return await _send(request, draft)
    query = {} if "clear-find" in form else {name: text_of(form, name, 100) for name in ("find", "level")}
    query["answers"] = "" if "answer" in form else text_of(form, "answers", 100)
    if not query.get("find"):
        query.pop("level", None)
    query = {name: value for name, value in query.items() if value}
    raise web.HTTPSeeOther(address(request, "compose-draft", query, draft_id=draft.draft_id) + _part(form))


async def discard(request: web.Request) -> web.Response:
    """Forget an unsent draft."""
    draft = await _draft_of(request)
    await request.app[DRAFTS].discard(draft.draft_id, draft.person_id)
    raise web.HTTPSeeOther(address(request, "compose"))


async def show_sent(request: web.Request) -> web.Response:
    """Show what became of a draft; an accepted one leads to its document."""
    draft = await _draft_of(request)
    if draft.is_open:
        raise web.HTTPSeeOther(address(request, "compose-draft", draft_id=draft.draft_id))
    answer = None if draft.message_id == SENDING else await answer_of(request, draft.message_id, 0)
    if answer is not None and answer.outcome in {"accepted", "repeated"} and "document" in request.app.router:
        raise web.HTTPSeeOther(address(request, "document", key=answer.document_key))
    stuck = draft.message_id == SENDING and draft.changed_at + _STUCK < request.app[SITE].now()
    reason = refusal_words(request, answer.code, answer.detail) if answer is not None and answer.code else ""
    return render(request, "compose/sent.html", draft=draft, answer=answer, reason=reason, stuck=stuck)


async def reopen(request: web.Request) -> web.Response:
    """Give a draft back to be changed: one that the hub refused, or one that was left behind while it was sent."""
    draft = await _draft_of(request)
    if draft.message_id == SENDING and draft.changed_at + _STUCK < request.app[SITE].now():
        await request.app[DRAFTS].reopen(draft, None)
    elif not draft.is_open and draft.message_id != SENDING:
        answer = await answer_of(request, draft.message_id, 0)
        if answer is not None and answer.outcome == "rejected":
            await reopen_refused(request, draft, answer)
    raise web.HTTPSeeOther(address(request, "compose-draft", draft_id=draft.draft_id))


async def _send(request: web.Request, draft: Draft) -> web.Response:
    about = await judged(request, draft)
    if about.errors:
        return await show(request, draft, status=422, tried=True)
    try:
        message_id = await send(request, draft)
    except DeskError as error:
        said = error.en if request[PREFERENCES].language == "en" else error.vi
        return await show(request, draft, status=422, trouble=said[:1].upper() + said[1:] + ".")
    except AlreadyTaken:
        message_id = ""
    answer = await answer_of(request, message_id) if message_id else None
    if answer is not None and answer.outcome == "rejected":
        await reopen_refused(request, replace(draft, message_id=message_id), answer)
        raise web.HTTPSeeOther(address(request, "compose-draft", draft_id=draft.draft_id))
    raise web.HTTPSeeOther(address(request, "compose-sent", draft_id=draft.draft_id))


async def _with_files(request: web.Request, draft: Draft, uploaded: list[FileField]) -> tuple[Draft, str]:
    """Take the uploaded files into the draft; the text says which one was not taken, and why."""
    uploads, files = request.app[UPLOADS], list(draft.files)
    trouble = ""
    for one in uploaded:
        if len(files) >= uploads.most_files:
            trouble = spoken(request, "Một văn bản có nhiều nhất %(count)s tệp.", count=uploads.most_files)
            break
        try:
            kept = await uploads.keep(one.filename, one.file)  # type: ignore[arg-type] # a reader of octets
        except FileNotTaken as error:
            trouble = _why_not(request, error)
            continue
        if any(held.name == kept.name and held.digest != kept.digest for held in files):
            trouble = spoken(request, "Đã có tệp khác cùng tên %(name)s: đổi tên rồi chọn lại.", name=kept.name)
        elif all(held.digest != kept.digest for held in files):
            files.append(kept)
    return replace(draft, files=tuple(files)), trouble


def _why_not(request: web.Request, error: FileNotTaken) -> str:
    uploads = request.app[UPLOADS]
    texts = {
        "empty": spoken(request, "Tệp %(name)s rỗng.", name=error.name),
        "large": spoken(
            request, "Tệp %(name)s lớn hơn %(size)s MB.", name=error.name, size=uploads.most_bytes // (1024 * 1024)
        ),
        "ending": spoken(
            request, "Không nhận tệp %(name)s. Các đuôi nhận: %(endings)s.",
            name=error.name, endings=", ".join(uploads.endings),
        ),
        "content": spoken(request, "Nội dung tệp %(name)s không đúng với đuôi của nó.", name=error.name),
    }  # fmt: skip
    return texts[error.reason]


async def _open_draft(request: web.Request) -> Draft:
    """Return the draft of the address, a new one where it was never kept; HTTPNotFound for a foreign or a sent one."""
    visit, now = request[VISIT], request.app[SITE].now()
    if not request.app[DESK].serves(visit.organ_id):
        raise web.HTTPNotFound
    draft_id = _id_of(request)
    held = await request.app[DRAFTS].draft(draft_id, visit.person.person_id)
    if held is not None and held.organ_id != visit.organ_id:
        raise web.HTTPNotFound
    if held is not None and not held.is_open:
        raise web.HTTPSeeOther(address(request, "compose-sent", draft_id=draft_id))
    return held or blank(draft_id, visit.person.person_id, visit.organ_id, now)


async def _draft_of(request: web.Request) -> Draft:
    visit = request[VISIT]
    held = await request.app[DRAFTS].draft(_id_of(request), visit.person.person_id)
    if held is None or held.organ_id != visit.organ_id:
        raise web.HTTPNotFound
    return held


def _id_of(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["draft_id"])
    except ValueError:
        raise web.HTTPNotFound from None


def _part(form: Form) -> str:
    """Return the part of the page to come back to: where the button stood."""
    for name, part in _PARTS.items():
        if name in form:
            return f"#part-{part}"
    return ""


_PARTS = {
    "find-now": "to", "clear-find": "to", "list": "to", "drop-to": "to", "clear-to": "to", "upload": "files",
    "drop-file": "files", "find-answer": "what", "answer": "what",
}  # fmt: skip
_CLERK = frozenset({Role.CLERK})
PAGES: tuple[Page, ...] = (
    Page("/compose", begin, _CLERK, "compose"),
    Page("/compose/agencies", offer, _CLERK, "compose-agencies"),
    Page("/compose/{draft_id}", go_on, _CLERK, "compose-draft"),
    Page("/compose/{draft_id}/step", step, _CLERK, "compose-step", acts=True),
    Page("/compose/{draft_id}/discard", discard, _CLERK, "compose-discard", acts=True),
    Page("/compose/{draft_id}/sent", show_sent, _CLERK, "compose-sent"),
    Page("/compose/{draft_id}/reopen", reopen, _CLERK, "compose-reopen", acts=True),
)
