"""Addresses that keep the state of a page: every filter stands in the URL, so that it can be saved and sent."""

from aiohttp import web


def with_query(request: web.Request, **changed: object) -> str:
    """Return the address of this page with some parameters changed; None takes one out, as does an empty text.

    The place in a list (`after`) belongs to its filters: it goes whenever it is not named.
    """
    query = request.rel_url.query.copy()
    query.popall("after", None)
    query.popall("lang", None)
    for name, value in changed.items():
        query.popall(name, None)
        if value not in (None, ""):
            query.add(name, str(value))
    return str(request.rel_url.with_query(query))
