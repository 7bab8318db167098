"""From a checked draft to the web endpoint, and from the hub's answer back to the page."""

import asyncio
from dataclasses import replace

from aiohttp import web

from docaxis.domain.envelope import Priority
from docaxis.hub.acts import act
from docaxis.hub.views.drafts import SENDING, Answer, Draft, Refused
from docaxis.web.compose.draft_form import priority_of
from docaxis.web.compose.ports import DRAFTS, FACTS
from docaxis.web.days import read_day
from docaxis.web.desk import DESK, Letter, LetterFile
from docaxis.web.site import SITE
from docaxis.web.state import VISIT

ANSWER_WAIT_S, ASK_EVERY_S = 6.0, 0.25
"""How long a page waits for the hub's decision before it says that there is none yet."""
FINAL = frozenset({"accepted", "repeated", "rejected"})


class AlreadyTaken(Exception):
    """Another request sends this draft, or has sent it."""


async def send(request: web.Request, draft: Draft) -> str:
    """Seal and send a draft that was checked; returns the message's id.

    Raises AlreadyTaken, DeskError (the draft is open again then), StoreUnavailable.
    """
    visit, drafts, now = request[VISIT], request.app[DRAFTS], request.app[SITE].now()
    if not await drafts.begin_sending(draft.draft_id, draft.person_id, now):
        raise AlreadyTaken
    taken = replace(draft, message_id=SENDING)
    try:
        message_id = await request.app[DESK].send(letter_of(draft))
    except BaseException:
        # What the broker did not confirm may be sent again: the hub takes a document's id only once.
        await drafts.reopen(taken, None)
        raise
    facts = {
        "login": visit.person.login,
        "organ_id": draft.organ_id,
        "message_id": message_id,
        "kind": draft.kind,
        "number": draft.texts.get("number", ""),
        "notation": draft.texts.get("notation", ""),
    }
    await drafts.sent(draft.draft_id, message_id, act("person:send", now, facts))
    return message_id


async def answer_of(request: web.Request, message_id: str, wait_s: float = ANSWER_WAIT_S) -> Answer | None:
    """Return the hub's decision, waiting a little for it; a deferral is returned when nothing better came."""
    until = asyncio.get_running_loop().time() + wait_s
    while True:
        found = await request.app[FACTS].answer(message_id)
        if found is not None and found.outcome in FINAL:
            return found
        if asyncio.get_running_loop().time() >= until:
            return found
        await asyncio.sleep(ASK_EVERY_S)


async def reopen_refused(request: web.Request, draft: Draft, answer: Answer) -> None:
    """Give a draft that the hub did not take back to its writer, with the reason."""
    await request.app[DRAFTS].reopen(draft, Refused(answer.code, answer.detail, answer.place))


def letter_of(draft: Draft) -> Letter:
    """Return a checked draft as the letter that is sealed."""
    texts = draft.texts
    issued = read_day(texts.get("promulgated_on", ""))
    if issued is None:
        raise ValueError("a draft without a day is never sent")
    return Letter(
        sender=draft.organ_id,
        number=texts.get("number", ""),
        notation=texts.get("notation", ""),
        subject=texts.get("subject", ""),
        type_code="",
        type_name=texts.get("type_name", ""),
        promulgated_on=issued,
        place=texts.get("place", ""),
        to=draft.to,
        files=tuple(LetterFile(one.name, one.content_type, one.digest, one.size_bytes) for one in draft.files),
        priority=Priority(priority_of(texts)),
        due_on=read_day(texts.get("due_on", "")),
        signer_name=texts.get("signer_name", ""),
        signer_position=texts.get("signer_position", ""),
        kind=draft.kind,
        earlier=draft.earlier,
        removed=draft.removed if draft.kind == "update" else (),
        reason=texts.get("reason", ""),
        # Kept with the draft since before it was first sent, so every try names the same document.
        unique=draft.draft_id.hex,
    )
