"""Pages that belong to nobody's work: help, shortcuts and theme, accessibility, and on test data the parts of all pages."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiohttp import web

from docaxis.web.preferences import keep
from docaxis.web.render import address, render
from docaxis.web.routing import EVERYBODY, NOBODY_YET, Page
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, THEMES


async def show_help(request: web.Request) -> web.Response:
    """Show what the pages are for, and what the states mean."""
    return render(request, "help.html")


async def show_shortcuts(request: web.Request) -> web.Response:
    """Show the keys, and the form that switches them off or changes the theme."""
    return render(request, "shortcuts.html", themes=THEMES, kept="kept" in request.query)


async def show_accessibility(request: web.Request) -> web.Response:
    """Show what the pages do for people who see, hear or move differently, and whom to tell what they lack."""
    return render(request, "accessibility.html")


async def keep_preferences(request: web.Request) -> web.Response:
    """Keep theme and shortcuts in the reader's cookie; what is not a theme is a request that nobody here made (400)."""
    form = await request.post()
    theme = next((one for one in THEMES if one == form.get("theme")), None)
    if theme is None:
        raise web.HTTPBadRequest
    response = web.HTTPSeeOther(address(request, "shortcuts", {"kept": "1"}))
    keep(request, response, replace(request[PREFERENCES], theme=theme, shortcuts=form.get("keys") == "on"))
    raise response


async def show_components(request: web.Request) -> web.Response:
    """Show every part that pages are made of, with invented data; only where the data is test data anyhow."""
    if not request.app[SITE].test_data:
        raise web.HTTPNotFound
    return render(request, "components.html", **_invented(request))


def _invented(request: web.Request) -> dict[str, Any]:
    now = request.app[SITE].now()
    return {
        "tokens": (
            ("ground", "nền"), ("band", "dải nhóm"), ("trough", "nền rãnh"), ("ink", "mực"),
            ("ink-2", "mực phụ"), ("ink-3", "mực nhạt"), ("line", "kẻ mảnh"), ("edge", "kẻ điều khiển"),
            ("indigo", "chàm"), ("indigo-tint", "nền chàm"), ("late", "nâu hạn"), ("late-tint", "nền hạn"),
            ("refused", "đỏ từ chối"), ("refused-tint", "nền từ chối"), ("done", "lục đủ"), ("done-tint", "nền đủ"),
        ),
        "then": now - timedelta(hours=6, minutes=18),
        "rates": (3, 5, 4, 8, 9, 7, 12, 10, 14, 13, 16, 15),
    }  # fmt: skip


PAGES: tuple[Page, ...] = (
    Page("/help", show_help, NOBODY_YET, "help"),
    Page("/shortcuts", show_shortcuts, EVERYBODY, "shortcuts"),
    Page("/shortcuts", keep_preferences, EVERYBODY, "preferences", acts=True),
    Page("/accessibility", show_accessibility, NOBODY_YET, "accessibility"),
    Page("/components", show_components, EVERYBODY, "components"),
)
