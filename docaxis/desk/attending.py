"""The receiving half of a web endpoint: what comes is noted, said to be fetched, and reported as arrived (01).

The octets of a delivery lie in the hub's own store, which the pages read: to write it is to note it in the journal,
together with the signed status that is owed for it. So nothing is kept twice, and a kill at any moment loses nothing.
"""

import asyncio
import time
from contextlib import suppress
from typing import Protocol

import structlog

from adapters.arrivals import Arrivals
from adapters.client import Client
from adapters.delivery import Delivery
from docaxis.desk.endpoint import WebEndpoint
from docaxis.hub.ports import StoreUnavailable

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0
SETTLE_S = 0.2
TROUBLE_WAIT_S = 5.0


class Leases(Protocol):
    """Which process attends an endpoint; lease_s is how long a lease lasts without being renewed."""

    lease_s: float

    async def take(self, endpoint: str) -> bool:
        """Take or renew; False while another process has it. Raises StoreUnavailable."""

    async def release(self, endpoint: str) -> None:
        """Give it up. Raises StoreUnavailable."""


async def attend(endpoint: WebEndpoint, leases: Leases) -> None:
    """Receive for a web endpoint whenever this process has its lease, until cancelled."""
    name = endpoint.settings.id
    while True:
        try:
            if await leases.take(name):
                log.info("web endpoint attended", endpoint=name)
                await _while_held(endpoint, leases)
                log.warning("web endpoint no longer attended", endpoint=name)
        except StoreUnavailable as error:
            log.warning("lease not asked for", endpoint=name, error=str(error))
        except Exception:
            # Nobody else would notice that the mail of an agency is no longer taken.
            log.exception("trouble with a web endpoint", endpoint=name)
            await asyncio.sleep(TROUBLE_WAIT_S)
        await asyncio.sleep(leases.lease_s / 3)


async def _while_held(endpoint: WebEndpoint, leases: Leases) -> None:
    """Receive until the lease is lost, or cannot be renewed in time, or receiving itself fails."""
    receiving = asyncio.create_task(receive(endpoint), name=f"{endpoint.settings.id} receiving")
    try:
        until = time.monotonic() + leases.lease_s
        while not receiving.done() and time.monotonic() < until:
            await asyncio.wait([receiving], timeout=leases.lease_s / 3)
            with suppress(StoreUnavailable):
                if not await leases.take(endpoint.settings.id):
                    break
                until = time.monotonic() + leases.lease_s
    finally:
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([receiving])
        with suppress(StoreUnavailable):
            await leases.release(endpoint.settings.id)
    if not receiving.cancelled() and (error := receiving.exception()) is not None:
        raise error


async def receive(endpoint: WebEndpoint) -> None:
    """Receive and report until cancelled; whoever calls holds the endpoint's lease."""
    async with Client(endpoint.settings) as client:
        keeper = _Keeper(client, endpoint)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(client.receive(keeper.write))
            tasks.create_task(keeper.follow_receipts())
            tasks.create_task(keeper.report())


class _Keeper:
    """Notes deliveries and owes their statuses 01; one endpoint, one client."""

    def __init__(self, client: Client, endpoint: WebEndpoint) -> None:
        self._client = client
        key = endpoint.key if endpoint.settings.tells_arrival else None
        self._arrivals = Arrivals(client, key, endpoint.state_dir / "refused")
        self._news = asyncio.Event()

    async def write(self, delivery: Delivery) -> None:
        """Note a delivery with what is owed for it; the client then says that it is fetched."""
        owed = await asyncio.to_thread(self._arrivals.owed, delivery)
        await asyncio.to_thread(self._client.journal.put_intent, delivery.document_key, owed)
        self._news.set()

    async def follow_receipts(self) -> None:
        """Take receipts, so that their queue never fills and the statuses 01 find their answers."""
        async for _ in self._client.receipts():
            self._news.set()

    async def report(self) -> None:
        """Send the statuses that are owed, soon after something came and now and then without."""
        while True:
            # The note becomes an obligation with the client's own journal entry, a moment after `write`.
            await asyncio.sleep(SETTLE_S)
            self._news.clear()
            await self._arrivals.advance()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
