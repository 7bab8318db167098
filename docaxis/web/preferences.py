"""Language, theme and shortcuts of whoever reads: `?lang=vi|en` and the settings page keep them in a cookie."""

import json

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from babel.core import negotiate_locale

from docaxis.web.cookies import cookie_of
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, THEMES, Preferences, Theme
from docaxis.web.written import LANGUAGES, Language

COOKIE = "docaxis-view"
_YEAR_S = 365 * 24 * 3600


@web.middleware
async def prefer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out the preferences; a language that is asked for in the address is kept from then on."""
    kept = _kept(request)
    asked = _language(request.query.get("lang", ""))
    language = asked or _language(kept.get("lang", "")) or _negotiated(request)
    theme: Theme = next((one for one in THEMES if one == kept.get("theme")), "auto")
    preferences = Preferences(language, theme, kept.get("keys") != "off")
    request[PREFERENCES] = preferences
    response = await handler(request)
    if asked and not response.prepared:
        keep(request, response, preferences)
    return response


def keep(request: web.Request, response: web.StreamResponse, preferences: Preferences) -> None:
    """Put preferences into the cookie."""
    written = {
        "lang": preferences.language,
        "theme": preferences.theme,
        "keys": "on" if preferences.shortcuts else "off",
    }
    response.set_cookie(
        COOKIE,
        json.dumps(written, separators=(",", ":")),
        max_age=_YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=request.app[SITE].is_secure,
    )


def _kept(request: web.Request) -> dict[str, str]:
    try:
        kept = json.loads(cookie_of(request, COOKIE) or "{}")
    except (ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _language(text: object) -> Language | None:
    return next((one for one in LANGUAGES if one == text), None)


def _negotiated(request: web.Request) -> Language:
    header = request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
    wanted = [part.split(";")[0].strip() for part in header.split(",") if part.strip()]
    return _language(negotiate_locale(wanted, LANGUAGES, sep="-")) or "vi"
