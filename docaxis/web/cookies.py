"""Cookies as we write them, and their names: of plain signs alone; what somebody else has put in their place is none of ours."""

from aiohttp import web


def cookie_of(request: web.Request, name: str) -> str:
    """Return a cookie of ours, empty where the browser holds none or one that we cannot have written."""
    held = request.cookies.get(name, "")
    return held if held.isascii() else ""


def cookie_name(purpose: str = "", *, is_secure: bool) -> str:
    """Return the name of a cookie of ours, the session's without a purpose.

    With its prefix browsers keep it to HTTPS, this host and the root path.
    """
    name = f"docaxis-{purpose}" if purpose else "docaxis"
    return f"__Host-{name}" if is_secure else name
