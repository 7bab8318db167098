"""Addresses of a request: where it comes from, and where a reader may be led."""

import ipaddress
import re

from aiohttp import web

_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path of ours: one slash, then printable ASCII without the backslash, which browsers read as another slash."""


def peer(request: web.Request, proxy_hops: int) -> str:
    """Return the client's address: the connection's own, or what the outermost of our proxies has seen."""
    if proxy_hops:
        told = [part.strip() for line in request.headers.getall("X-Forwarded-For", []) for part in line.split(",")]
        if len(told) >= proxy_hops:
            try:
                return str(ipaddress.ip_address(told[-proxy_hops]))
            except ValueError:
                return ""
    return request.remote or ""


def local_path(text: str) -> str:
    """Return the text where it is a path of this site, `/` where it would lead elsewhere."""
    return text if _LOCAL.fullmatch(text) else "/"
