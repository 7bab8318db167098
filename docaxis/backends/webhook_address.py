"""Where a webhook may lead: never by a trick to a service inside, which trusts the hub's machine as a neighbour."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

URL_LENGTH_MAX = 2_000
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What the operator allows.

    allowed_hosts: names and addresses, in lower case, that webhooks may lead to, wherever they lie; none: any public address.
    """

    allowed_hosts: frozenset[str] = frozenset()
    unsafe_http: bool = False
    timeout_s: float = 10.0
    ca_file: Path | None = None


def problem_of(url: str, settings: WebhookSettings) -> str | None:
    """Return what forbids an address, None where nothing does; what a name resolves to is judged at each connection."""
    try:
        parsed = URL(url)
    except ValueError:
        return "not an address"
    host = (parsed.host or "").lower()
    if len(url) > URL_LENGTH_MAX or parsed.scheme not in {"https", "http"} or not host:
        return f"https://HOST/… expected, {URL_LENGTH_MAX} characters at most"
    if parsed.user is not None or parsed.password is not None or parsed.fragment:
        return "no password and no fragment in the address: it is shown in lists and logs"
    if host not in settings.allowed_hosts:
        if settings.allowed_hosts:
            return f"{host} is not in webhooks.allowed_hosts"
        if host == "localhost" or (_is_address(host) and not is_public(host)):
            return f"{host} is no public address: name it in webhooks.allowed_hosts if it is meant"
    if parsed.scheme == "http" and not settings.unsafe_http and not _is_loopback(host):
        return "http:// is for loopback only: anybody on the way could read it"
    return None


def is_public(address: str) -> bool:
    """Whether an IP address is reached over the public network and hides no other in itself."""
    one: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(one, IPv6Address):
        if one.ipv4_mapped:
            one = one.ipv4_mapped
        elif one.sixtofour or one.teredo or one in _NAT64:
            return False
    return one.is_global and not one.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves names, and gives only public addresses of names that were not allowed by the operator."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._allowed = settings.allowed_hosts
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses; raises OSError where none may be used."""
        found = await self._resolver.resolve(host, port, family)
        if host.lower() not in self._allowed:
            # Judged here and not before: what a name means can be changed between a look and the connection.
            found = [one for one in found if is_public(one["host"])]
        if not found:
            raise OSError(None, f"{host} leads inside; webhooks.allowed_hosts does not name it")
        return found

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host.partition("%")[0]).is_loopback)
