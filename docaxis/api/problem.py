"""Errors over HTTP as `application/problem+json` (RFC 9457), with a code for programs."""

from aiohttp import web


def problem(status: int, code: str, title: str) -> web.Response:
    """Return a problem document."""
    body = {"type": f"urn:docaxis:problem:{code}", "title": title, "status": status, "code": code}
    return web.json_response(body, status=status, content_type="application/problem+json")
