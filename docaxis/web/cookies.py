"""Cookies as we write them: of plain signs alone; what somebody else has put in their place is none of ours."""

from aiohttp import web


def cookie_of(request: web.Request, name: str) -> str:
    """Return a cookie of ours, empty where the browser holds none or one that we cannot have written."""
    held = request.cookies.get(name, "")
    return held if held.isascii() else ""
