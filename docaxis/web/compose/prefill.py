"""A new draft from an earlier document: the reply to one that came, the update or replacement of one that was sent."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from aiohttp import web

from docaxis.domain.organ import parse_organ_id
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.drafts import Draft
from docaxis.web.compose.draft_form import ADDRESSEES, KINDS, written_day
from docaxis.web.compose.ports import FACTS

_BY_NAME = 200
"""Addressees of an earlier document that are put in one by one; who had more is found again by a list."""


async def prefilled(request: web.Request, draft: Draft) -> Draft:
    """Return the draft as `?reply=KEY`, `?update=KEY&to=…` or `?replace=KEY` wants it; HTTPNotFound for a foreign one."""
    for kind in ("reply", "update", "replace"):
        if kind in request.query:
            try:
                key = UUID(request.query[kind])
            except ValueError:
                raise web.HTTPNotFound from None
            found = await request.app[FACTS].earlier([key], draft.organ_id)
            if not found or (kind != "reply" and found[0][0].sender != draft.organ_id):
                raise web.HTTPNotFound
            return _filled(draft, kind, *found[0], request.query.getall("to", []))
    return replace(draft, to=_codes(request.query.getall("to", [])))


async def answering(request: web.Request, draft: Draft, written: str) -> Draft:
    """Return the draft as the reply to a received document, whose sender is among the addressees; HTTPNotFound."""
    try:
        key = UUID(written)
    except ValueError:
        raise web.HTTPNotFound from None
    found = await request.app[FACTS].earlier([key], draft.organ_id)
    if not found:
        raise web.HTTPNotFound
    to, earlier = dict.fromkeys((*draft.to, found[0][0].sender)), dict.fromkeys((*draft.earlier, key))
    return replace(draft, kind="reply", to=tuple(to), earlier=tuple(earlier))


def _filled(draft: Draft, kind: str, document: DocumentView, addressees: Sequence[str], to: Sequence[str]) -> Draft:
    texts = dict(draft.texts) | {"priority": str(document.priority)}
    if kind == "reply":
        return replace(draft, kind="reply", texts=texts, earlier=(document.document_key,), to=(document.sender,))
    texts |= {"subject": document.subject, "notation": document.code_notation}
    if document.type_name:
        texts["type_name"] = document.type_name
    if kind == "update":
        texts["number"] = document.code_number
        if document.promulgated_on:
            texts["promulgated_on"] = written_day(document.promulgated_on)
    chosen = _codes(to) or (tuple(addressees) if len(addressees) <= _BY_NAME else ())
    return replace(draft, kind=KINDS[kind], texts=texts, earlier=(document.document_key,), to=chosen)


def _codes(written: Sequence[str]) -> tuple[str, ...]:
    found = (parse_organ_id(one) for one in written)
    return tuple(dict.fromkeys(one for one in found if one))[:ADDRESSEES]
