"""The API's way into the hub: what an endpoint gives over HTTP is published as if it had published it itself."""

import asyncio
from collections.abc import Callable

from docaxis.backends.amqp import BrokerUnavailable
from docaxis.backends.blob_rights import register_upload
from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.machines.inbox import Inboxes
from docaxis.backends.machines.sending import KeptSender
from docaxis.domain import wire
from docaxis.hub.ports import StoreUnavailable

ANSWER_KINDS = ("receipts", "control")


class MachineIngress:
    """Both ways return when the broker has confirmed; every method raises StoreUnavailable.

    lane_of tells the lane of a package from its signed urgency, as clients do.
    """

    def __init__(
        self,
        sender: KeptSender,
        inboxes: Inboxes,
        database: Database,
        blobs: FolderBlobs,
        lane_of: Callable[[bytes], str],
        inline_limit_bytes: int,
    ) -> None:
        self._sender = sender
        self._inboxes = inboxes
        self._database = database
        self._blobs = blobs
        self._lane_of = lane_of
        self._inline_limit_bytes = inline_limit_bytes

    async def submit(self, endpoint: str, message_id: str, package: bytes) -> str:
        """Publish a package as its endpoint; returns its lane. A large one goes by claim check."""
        lane = await asyncio.to_thread(self._lane_of, package)
        body, kind = package, wire.PACKAGE_TYPE
        if len(package) > self._inline_limit_bytes:
            digest = wire.digest_of(package)
            await self._blobs.write(digest, package)
            await register_upload(self._database, endpoint, digest, len(package))
            body, kind = wire.write_claim(wire.Claim(digest, len(package))), wire.CLAIM_TYPE
        await self._publish(wire.routing_key(endpoint, lane), body, kind, message_id)
        return lane

    async def acknowledge(self, endpoint: str, fetched: wire.Ranges) -> None:
        """Publish a transport acknowledgement as an endpoint; what it names then leaves the endpoint's queues."""
        body = wire.write_fetched_ranges(fetched)
        await self._publish(wire.routing_key(endpoint, "fetched"), body, wire.FETCHED_TYPE)
        self._inboxes.acknowledged(endpoint, fetched)

    async def forget_answers(self, endpoint: str) -> None:
        """Empty an endpoint's queues of receipts and of notices, where nobody consumes them."""
        try:
            await self._inboxes.purge(endpoint, ANSWER_KINDS)
        except BrokerUnavailable as error:
            raise StoreUnavailable(f"broker: {error}") from error

    async def _publish(self, key: str, body: bytes, kind: str, message_id: str = "") -> None:
        try:
            await self._sender.publish(key, body, kind, message_id)
        except BrokerUnavailable as error:
            raise StoreUnavailable(f"broker: {error}") from error
