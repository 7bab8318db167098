"""Style sheet, script, fonts and icons: from the package, under addresses that change with their content.

`app.css` is one file for browsers and several for people: the parts in `styles/`, in the order of their names. Fonts are named
in it without a directory, so that they are asked for beside it, whatever its digest.
"""

import hashlib
from functools import lru_cache
from importlib.resources import files

from aiohttp import hdrs, web

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_YEAR_S = 365 * 24 * 3600


async def send_static(request: web.Request) -> web.Response:
    """Send a file; its address names its content, so it may be kept for a year."""
    name = request.match_info["name"]
    found = _octets().get(name)
    if found is None:
        raise web.HTTPNotFound
    headers = {
        hdrs.CONTENT_TYPE: _TYPES["." + name.rpartition(".")[2]],
        hdrs.CACHE_CONTROL: f"public, max-age={_YEAR_S}, immutable",
    }
    response = web.Response(body=found, headers=headers)
    if not name.endswith((".woff2", ".png")):
        response.enable_compression()
    return response


def static_address(name: str) -> str:
    """Return the address of a file of `static/`; raises KeyError for one that is not there."""
    return f"/static/{hashlib.sha256(_octets()[name]).hexdigest()[:12]}/{name}"


@lru_cache(1)
def _octets() -> dict[str, bytes]:
    package = files("docaxis.web")
    found = {
        file.name: file.read_bytes()
        for file in package.joinpath("static").iterdir()
        if "." + file.name.rpartition(".")[2] in _TYPES
    }
    parts = sorted(package.joinpath("styles").iterdir(), key=lambda part: part.name)
    found["app.css"] = b"".join(part.read_bytes() for part in parts if part.name.endswith(".css"))
    return found
