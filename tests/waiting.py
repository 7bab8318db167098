"""Waiting for what must come, and asking a hub's loopback port."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

PATIENCE_S = 90
"""So long that a machine that is a third as quick, and busy besides, gets there; it costs nothing where all is well."""

LOOK_EVERY_MOST_S = 0.5


async def eventually(what: str, check: Callable[[], Awaitable[object]], patience_s: float = PATIENCE_S) -> Any:
    """Return what `check` gives as soon as it is true; fails naming what never came."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while not (found := await check()):
        waited = loop.time() - begun
        if waited > patience_s:
            raise AssertionError(f"not within {patience_s} s: {what}")
        # The longer it takes the more seldom: looking is work too, which others on this machine wait for.
        await asyncio.sleep(min(0.05 + waited / 10, LOOK_EVERY_MOST_S))
    return found


async def fetch(url: str) -> tuple[int, str]:
    """Return status and body; status 0 while nobody listens."""

    def get() -> tuple[int, str]:
        try:
            with urlopen(url, timeout=20) as answer:  # noqa: S310 - the hub's own loopback port
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except (URLError, OSError):
            return 0, ""

    return await asyncio.to_thread(get)
