"""What the broker says of the hub's own queues: depth by passive declaration, counters where its management API may be asked."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import structlog
from aiormq.abc import AbstractConnection
from aiormq.exceptions import ChannelNotFoundEntity

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, close_quietly, connected, open_connection
from docaxis.backends.management import Management, ManagementError
from docaxis.domain import wire
from docaxis.domain.urls import split_url
from docaxis.hub.views.operating import BrokerView, InboxLook

log = structlog.get_logger(__name__)

HUB_QUEUES = (*(wire.ingress_queue(lane) for lane in wire.LANES), wire.FETCHED_QUEUE, wire.QUARANTINE_QUEUE)


class QueueLook(NamedTuple):
    """A queue now: messages, consumers; what was published and acknowledged since ever, and delivered again (None: unknown)."""

    depth: int
    consumers: int
    came: int | None = None
    left: int | None = None
    redelivered: int | None = None


class BrokerLook:
    """Looks at the hub's queues over one connection that is kept; `management_url` None: counters stay unknown."""

    def __init__(self, broker: Broker, name: str, management_url: str | None = None, vhost: str = "/") -> None:
        self._broker = broker
        self._name = name
        self._management_url = management_url
        self._vhost = vhost
        self._connection: AbstractConnection | None = None
        self._counts = True

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection:
            await close_quietly(connection)

    async def look(self) -> Mapping[str, QueueLook]:
        """Return what is seen of each queue that exists; raises BrokerUnavailable."""
        found = await self._declared()
        for name, counters in (await self._counted(list(found))).items():
            found[name] = found[name]._replace(**counters)
        return found

    async def inbox(self, endpoint: str, token: str) -> Sequence[InboxLook]:
        """Look at the four queues of an endpoint; raises BrokerUnavailable."""
        looks = []
        async with connected(self._broker, self._name) as connection:
            for kind in wire.INBOX_KINDS:
                found = await _depth(connection, wire.inbox_queue(endpoint, token, kind))
                looks.append(InboxLook(kind, found.depth if found else None, found.consumers if found else 0))
        return looks

    async def _declared(self) -> dict[str, QueueLook]:
        if self._connection is None or self._connection.is_closed:
            self._connection = await open_connection(self._broker, self._name)
        try:
            looks = {name: await _depth(self._connection, name) for name in HUB_QUEUES}
        except BrokerUnavailable:
            await self.close()
            raise
        return {name: look for name, look in looks.items() if look}

    async def _counted(self, names: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return counters by queue; a management API that is away costs the counters and nothing else."""
        if self._management_url is None:
            return {}
        try:
            tls = self._broker.tls() if self._management_url.startswith("https:") else None
            async with Management(self._management_url, self._vhost, tls) as management:
                counted = {name: _counters(await management.queue(name)) for name in names}
        except ManagementError as error:
            if self._counts:
                log.warning("queues are not counted any more", error=str(error))
            self._counts = False
            return {}
        self._counts = True
        return counted


def kind_of(url: str) -> BrokerView:
    """Return what kind of broker is at `amqp://host1:port1,host2:port2`: the hub's own is reached on its own machine alone."""
    hosts = [urlsplit(f"//{one}").hostname or "" for one in split_url(url).netloc.rpartition("@")[2].split(",")]
    return BrokerView(all(_is_here(host) for host in hosts), len(hosts))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _depth(connection: AbstractConnection, name: str) -> QueueLook | None:
    with broker_calls():
        channel = await connection.channel(publisher_confirms=False)
        try:
            found = await channel.queue_declare(name, passive=True)
        except ChannelNotFoundEntity:
            return None
        finally:
            await channel.close()
    return QueueLook(found.message_count or 0, found.consumer_count or 0)


def _counters(told: Mapping[str, object]) -> dict[str, int]:
    """Return the counters that the management API tells; a queue that nothing has happened to yet has none: zero."""
    stats = told.get("message_stats")
    counted = stats if isinstance(stats, dict) else {}
    names = {"came": "publish", "left": "ack", "redelivered": "redeliver"}
    numbers = {name: counted.get(key, 0) for name, key in names.items()}
    found = {name: number for name, number in numbers.items() if isinstance(number, int)}
    depth = told.get("messages")
    # With what is in consumers' hands, which a passive declaration does not tell.
    return found | ({"depth": depth} if isinstance(depth, int) else {})
