"""Whether a hub process can do its work: the checks behind `/readyz`."""

import asyncio

from docaxis.api.health import Check
from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.consume import Consumer
from docaxis.backends.registry import Registry
from docaxis.hub.ports import StoreUnavailable

READY_TIMEOUT_S = 2.0


def checks_at_start() -> dict[str, Check]:
    """Return the checks of a process that still waits for its database."""

    async def starting() -> str | None:
        return "starting"

    return dict.fromkeys(("broker", "store", "blobs"), starting)


def checks_of(registry: Registry, ingress: Consumer, blobs: FolderBlobs) -> dict[str, Check]:
    """Return the checks of a process whose parts are there."""

    async def broker() -> str | None:
        return None if ingress.connected else "not consuming"

    async def blob_store() -> str | None:
        return await asyncio.to_thread(blobs.trouble)

    return {"broker": broker, "store": store_check(registry), "blobs": blob_store}


def store_check(registry: Registry) -> Check:
    """Return the check of the database alone."""
    asking: asyncio.Task[int] | None = None

    async def store() -> str | None:
        nonlocal asking
        # One question at a time, and none is cut off: a SQLite file that somebody has locked lets nothing go for long.
        if asking is None or asking.done():
            asking = asyncio.create_task(registry.directory_version())
            # An answer that comes too late is nobody's: its error is looked at here.
            asking.add_done_callback(lambda late: late.cancelled() or late.exception())
        if not (await asyncio.wait({asking}, timeout=READY_TIMEOUT_S))[0]:
            return "too slow"
        try:
            asking.result()
        except StoreUnavailable as error:
            return str(error) or "too slow"
        return None

    return store
