"""RabbitMQ's management API: the users and permissions of endpoints, virtual hosts, and what queues have counted."""

import json
import ssl
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import aiohttp
from aiohttp import hdrs

from docaxis.backends.topology import Permissions, endpoint_permissions
from docaxis.domain import wire

TIMEOUT_S = 15
_QUEUE_COLUMNS = "messages,message_stats.publish,message_stats.ack,message_stats.redeliver"


class ManagementError(Exception):
    """The management API refused or is not there; the text says what was asked and what came back."""


class Management:
    """A client of the management API; `url` holds user and password, as in `https://hub:secret@broker:15671`."""

    def __init__(self, url: str, vhost: str = "/", tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/api", "", ""))
        user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
        self._headers = {hdrs.AUTHORIZATION: aiohttp.encode_basic_auth(user, password)}
        self._vhost = vhost
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        connector = aiohttp.TCPConnector(ssl=self._tls) if self._tls else None
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout, connector=connector)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        if self._session:
            await self._session.close()

    async def put_vhost(self) -> None:
        """Make the virtual host; its default queue type is quorum where the broker knows the setting."""
        await self._call("PUT", f"/vhosts/{self._quoted}", {"default_queue_type": "quorum"})

    async def put_endpoint(self, endpoint: str, token: str, password: str | None) -> None:
        """Make or renew an endpoint's user and permissions; without a password it can only log in by certificate."""
        credentials = {"password": password} if password else {"password_hash": ""}
        await self._call("PUT", f"/users/{quote(endpoint)}", {**credentials, "tags": ""})
        await self._put_permissions(endpoint_permissions(endpoint, token))

    async def queue(self, name: str) -> Mapping[str, object]:
        """Return what the broker tells of a queue: messages, and counters under message_stats."""
        told = await self._call("GET", f"/queues/{self._quoted}/{quote(name, safe='')}?columns={_QUEUE_COLUMNS}", None)
        return told if isinstance(told, dict) else {}

    async def _put_permissions(self, allowed: Permissions) -> None:
        user = quote(allowed.user)
        rights = {"configure": allowed.configure, "write": allowed.write, "read": allowed.read}
        await self._call("PUT", f"/permissions/{self._quoted}/{user}", rights)
        topic = {"exchange": wire.INGRESS_EXCHANGE, "write": allowed.topic_write, "read": "^$"}
        await self._call("PUT", f"/topic-permissions/{self._quoted}/{user}", topic)

    @property
    def _quoted(self) -> str:
        return quote(self._vhost, safe="")

    async def _call(self, method: str, path: str, body: dict[str, Any] | None) -> object:
        if self._session is None:
            raise RuntimeError("Management is used inside `async with`")
        try:
            async with self._session.request(method, self._base + path, data=json.dumps(body or {})) as answer:
                if not answer.ok:
                    raise ManagementError(f"{method} {path}: {answer.status} {(await answer.text())[:200]}")
                return json.loads(await answer.read()) if method == "GET" else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ManagementError(f"{method} {path}: {error or 'timed out'}") from error


def definitions(endpoints: list[tuple[str, str, str | None]], vhost: str) -> dict[str, Any]:
    """Return a definitions file for an operator to import where the hub may not provision: (endpoint, token, password)."""
    rights = [endpoint_permissions(endpoint, token) for endpoint, token, _ in endpoints]
    return {
        "users": [
            {"name": endpoint, "tags": [], **({"password": password} if password else {"password_hash": ""})}
            for endpoint, _, password in endpoints
        ],
        "permissions": [
            {"user": r.user, "vhost": vhost, "configure": r.configure, "write": r.write, "read": r.read} for r in rights
        ],
        "topic_permissions": [
            {"user": r.user, "vhost": vhost, "exchange": wire.INGRESS_EXCHANGE, "write": r.topic_write, "read": "^$"}
            for r in rights
        ],
    }
