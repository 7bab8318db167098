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

    async def store() -> str | None:
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await registry.directory_version()
        except (StoreUnavailable, TimeoutError) as error:
            return str(error) or "too slow"
        return None

    return store
