"""What the lists of sent and of received documents have in common: filters, columns, pager, saved views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from markupsafe import Markup
from yarl import URL

from docaxis.domain.folding import folded_words
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.lists import Count, ListPage
from docaxis.web.address import with_query
from docaxis.web.clerk.export_rows import ROWS_MOST
from docaxis.web.clerk.lists_marks import marked
from docaxis.web.clerk.lists_wanted import SIZES, Asked, write_place
from docaxis.web.clerk.lists_words import attention, standing
from docaxis.web.clerk.matrix_rows import short_name
from docaxis.web.clerk.ports import LISTS, SAVED_VIEWS
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import VISIT, Visit
from docaxis.web.words import mark as _


@dataclass(frozen=True, slots=True)
class Column:
    """A column that may be shown: its name in the address, its head, and whether it is shown where nobody chose."""

    name: str
    head: str
    shown: bool = True
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class StateChip:
    """A state that a list may be narrowed to: its name in the address, words, and the icon that goes with it."""

    name: str
    words: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A link that changes one filter."""

    text: str
    href: str
    active: bool
    kind: str = ""


FIELDS = ("q", "since", "until", "with", "urgency", "size")
"""What the form of filters asks for, by the names in the address."""
URGENCY_WORDS = (_("Bất kỳ"), _("Từ khẩn trở lên"), _("Từ thượng khẩn trở lên"), _("Hỏa tốc"))


def visit_of(request: web.Request) -> Visit:
    """Return the visit of a page that only those who have signed in are let in to."""
    return request[VISIT]


def columns_of(request: web.Request, columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns that the address names, in their own order; the first one always is among them."""
    named = {name for one in request.query.getall("columns", ()) for name in one.split(",")}
    if not named & {one.name for one in columns}:
        return [one for one in columns if one.shown]
    return [one for place, one in enumerate(columns) if place == 0 or one.name in named]


async def show_list(
    request: web.Request,
    template: str,
    asked: Asked,
    page: ListPage[Any],
    *,
    sent: bool,
    chips: Sequence[StateChip],
    columns: Sequence[Column],
) -> web.Response:
    """Return the page of a list."""
    visit = visit_of(request)
    total = await _total(request, asked, page, sent=sent)
    name = "sent" if sent else "received"
    views = await request.app[SAVED_VIEWS].of(visit.person.person_id)
    here = with_query(request)
    words = folded_words(asked.wanted.words)
    return render(
        request,
        template,
        422 if asked.troubles else 200,
        asked=asked,
        short=short_name,
        rows=page.rows,
        is_cut=page.is_cut,
        total=total,
        first=with_query(request) if asked.after else "",
        following=with_query(request, after=write_place(page.following)) if page.following else "",
        chips=[_state(request, chip, asked) for chip in chips],
        state=next((chip for chip in chips if chip.name == asked.wanted.state), chips[-1]),
        urgencies=list(enumerate(URGENCY_WORDS)),
        columns=columns_of(request, columns),
        all_columns=columns,
        sizes=SIZES,
        views=[(one, one.address == here) for one in views if one.address.split("?")[0] == address(request, name)],
        kept=_kept(request),
        fields=[(field, request.query[field]) for field in FIELDS if request.query.get(field)],
        choices=[(request.app[SITE].name_of(one), with_query(request, **{"with": one})) for one in asked.agencies],
        export=_export(request, name),
        marked=lambda text: marked(text, words),
        marked_number=lambda document: marked_number(document, words),
        attention=lambda standing: attention(request, standing),
        standing=lambda row: standing(request, row),
        list_name=name,
        rows_most=ROWS_MOST,
        here_now=with_query(request),
    )


async def _total(request: web.Request, asked: Asked, page: ListPage[Any], *, sent: bool) -> Count | None:
    """Return how many there are where that is cheap to tell: all on this page, or all that there ever were."""
    if page.following is None and asked.after is None:
        return Count(len(page.rows))
    if asked.is_filtered or asked.wanted.state != "all":
        return None
    return await request.app[LISTS].count_all(visit_of(request).organ_id, sent=sent)


def _state(request: web.Request, chip: StateChip, asked: Asked) -> Chip:
    href = with_query(request, state=None if chip.name == "all" else chip.name)
    return Chip(spoken(request, chip.words), href, chip.name == asked.wanted.state, chip.kind)


def _kept(request: web.Request) -> Sequence[tuple[str, str]]:
    """Return what a form of filters must send along: what stands in the address and is no field of it."""
    return [(name, value) for name, value in request.query.items() if name not in {*FIELDS, "after", "lang"}]


def _export(request: web.Request, name: str) -> str:
    """Return the address that sends this list as a file."""
    query = request.rel_url.query.copy()
    for left_out in ("after", "lang", "size"):
        query.popall(left_out, None)
    return str(URL(address(request, f"{name}-export")).with_query(query))


def marked_number(document: DocumentView, words: Sequence[str]) -> Markup:
    """Return number and notation as issued, what was searched marked."""
    text = "/".join(filter(None, (document.code_number, document.code_notation))) or document.document_id
    return Markup('<span class="number" lang="vi">{}</span>').format(marked(text, words))
