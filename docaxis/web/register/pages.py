"""The pages of the register: what waits for a number, the entries of a year, one entry."""

from aiohttp import web

from docaxis.domain.people import Role
from docaxis.hub.views.register import Entry
from docaxis.web.register.export import send_csv, show_print
from docaxis.web.register.forms import key_of, new_entries, query_of, text_of, wanted_of, whole
from docaxis.web.register.ports import REGISTER
from docaxis.web.render import address, render, spoken
from docaxis.web.routing import Page
from docaxis.web.site import SITE
from docaxis.web.state import VISIT

PAGE = 50


async def show_register(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    """Show what waits for a number, and the entries of a year by the address's filter."""
    port, organ_id, wanted = request.app[REGISTER], request[VISIT].organ_id, wanted_of(request)
    waiting = await port.unregistered(organ_id, key_of(request.query.get("after", "")))
    below = whole(request.query.get("below", "")) or None
    found = await port.entries(organ_id, wanted, below, PAGE + 1)
    years = sorted({*await port.years(organ_id), wanted.year}, reverse=True)
    return render(
        request,
        "register/register.html",
        status,
        waiting=waiting,
        entries=found[:PAGE],
        following=found[PAGE - 1].number if len(found) > PAGE else None,
        wanted=wanted,
        query=query_of(wanted),
        years=years,
        error=error,
        is_first=below is None,
        done=[whole(one) for one in request.query.get("done", "").split("-", 1) if whole(one)],
    )


async def enter(request: web.Request) -> web.Response:
    """Give numbers to the documents that were ticked."""
    chosen = await new_entries(request)
    if not chosen:
        return await show_register(request, 422, spoken(request, "Chưa chọn văn bản nào: đánh dấu rồi bấm lại."))
    visit, now = request[VISIT], request.app[SITE].now()
    numbers = await request.app[REGISTER].enter(visit.organ_id, chosen, visit.person, now)
    if numbers is None:
        raise web.HTTPNotFound
    given = sorted(numbers.values())
    done = f"{given[0]}-{given[-1]}" if len(given) > 1 else str(given[0])
    raise web.HTTPSeeOther(address(request, "register", {"done": done}))


async def show_entry(request: web.Request) -> web.Response:
    """Show one entry with who has it."""
    return render(request, "register/entry.html", entry=await _entry_of(request))


async def amend(request: web.Request) -> web.Response:
    """Change who has a document, and the note."""
    entry, form, visit = await _entry_of(request), await request.post(), request[VISIT]
    place = entry.year, entry.number
    now = request.app[SITE].now()
    handed_to, note = text_of(form, "handed_to"), text_of(form, "note")
    if not await request.app[REGISTER].amend(visit.organ_id, place, handed_to, note, visit.person, now):
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(address(request, "register", {"year": str(entry.year)}))


async def _entry_of(request: web.Request) -> Entry:
    year, number = whole(request.match_info["year"]), whole(request.match_info["number"])
    entry = await request.app[REGISTER].entry(request[VISIT].organ_id, year, number) if year and number else None
    if entry is None:
        raise web.HTTPNotFound
    return entry


_CLERK = frozenset({Role.CLERK})
PAGES: tuple[Page, ...] = (
    Page("/register", show_register, _CLERK, "register"),
    Page("/register/enter", enter, _CLERK, "register-enter", acts=True),
    Page("/register/print", show_print, _CLERK, "register-print"),
    Page("/register/csv", send_csv, _CLERK, "register-csv"),
    Page("/register/{year:[0-9]+}/{number:[0-9]+}", show_entry, _CLERK, "register-entry"),
    Page("/register/{year:[0-9]+}/{number:[0-9]+}/amend", amend, _CLERK, "register-amend", acts=True),
)
