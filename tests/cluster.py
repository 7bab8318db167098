"""Three RabbitMQ nodes on loopback that form one cluster, to be killed and cut off from each other without root."""

import secrets
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from docaxis.local.ports import free_ports
from docaxis.local.rabbitmq import PrivateRabbitMQ, find_rabbitmq
from docaxis.local.service import Service, ServiceError
from tests.services import BROKER_ADVANCED, BROKER_SETTINGS, DOWNLOADS
from tests.waiting import PATIENCE_S

NODES = 3
SETTINGS = {
    # The side that is not the majority stops serving, as an operator of quorum queues wants it.
    "cluster_partition_handling": "pause_minority",
    "cluster_formation.peer_discovery_backend": "classic_config",
    **{f"cluster_formation.classic_config.nodes.{n}": f"docaxis{n}@localhost" for n in range(1, NODES + 1)},
}


class ClusterNode(PrivateRabbitMQ):
    """One node of a cluster; number counts from 1."""

    def __init__(self, folder: Path, number: int, epmd_port: int) -> None:
        """Name the node's place."""
        settings = BROKER_SETTINGS | SETTINGS
        super().__init__(folder, downloads=DOWNLOADS, settings=settings, advanced_config=BROKER_ADVANCED)
        self.node_name = f"docaxis{number}@localhost"
        self._epmd_port = epmd_port

    @property
    def epmd_port(self) -> int:
        """The port of the cluster's one port mapper."""
        return self._epmd_port


class Cluster:
    """The nodes, and the port mapper that they share: of its own, since no node may take it along when it dies."""

    def __init__(self, folder: Path) -> None:
        """Name the cluster's place."""
        self.folder = folder.absolute()
        (epmd_port,) = free_ports(1)
        self.nodes = [ClusterNode(self.folder / f"node{n}", n, epmd_port) for n in range(1, NODES + 1)]
        self._epmd_port = epmd_port
        self._epmd = Service(self.folder / "epmd")
        self._cookie = secrets.token_hex(16)

    def __enter__(self) -> Self:
        """Start the first node, then the others, which join it."""
        self._start_epmd()
        password = secrets.token_urlsafe(24)
        for node in self.nodes:
            home = node.folder / "home"
            home.mkdir(parents=True, mode=0o700)
            _keep(home / ".erlang.cookie", self._cookie)
            _keep(node.folder / "password", password)
        try:
            for node in self.nodes:
                node.start()
            self._await_all_joined()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        self.kill()

    def kill(self) -> None:
        """End everything by SIGKILL."""
        for node in self.nodes:
            node.kill()
        self._epmd.kill()

    def url(self, vhost: str) -> str:
        """Return the address of a vhost with every node's host and port in it."""
        first = self.nodes[0]
        hosts = ",".join(f"127.0.0.1:{node.amqp_port}" for node in self.nodes)
        return f"amqp://{first.user}:{first.password}@{hosts}/{quote(vhost, safe='')}"

    def cut_off(self, node: ClusterNode) -> None:
        """Part a node from the others: it refuses their cookie, and they its own, until `rejoin`."""
        others = self._others(node)
        refused = ", ".join(f"erlang:set_cookie('{other}', cut)" for other in others)
        # All at one stroke: a node that is still connected to one of the others would make a partial partition of it.
        node.evaluate(f"{refused}, [erlang:disconnect_node(N) || N <- [{', '.join(map(repr, others))}]]")

    def rejoin(self, node: ClusterNode) -> None:
        """Let the nodes talk again."""
        for other in self._others(node):
            node.evaluate(f"erlang:set_cookie('{other}', erlang:get_cookie())")

    def heal(self) -> None:
        """Start what does not run, join what was cut off, and return once all nodes are one cluster again."""
        for node in self.nodes:
            node.start()
            self.rejoin(node)
        self._await_all_joined()

    def management(self, method: str, path: str, body: object = None) -> object:
        """Ask the management API of the first node that answers; raises OSError when none does, and ServiceError."""
        for node in self.nodes:
            with suppress(OSError, HTTPException):
                return node.management(method, path, body)
        raise ConnectionRefusedError(f"{method} {path}: no node of the cluster answers")

    def create_vhost(self, name: str) -> str:
        """Make a vhost that the administrator may use and give its address."""
        self.nodes[0].create_vhost(name)
        return self.url(name)

    def delete_vhost(self, name: str) -> None:
        """Delete a vhost with its queues."""
        self.management("DELETE", f"/api/vhosts/{quote(name, safe='')}")

    def _others(self, node: ClusterNode) -> Sequence[str]:
        return [one.node_name for one in self.nodes if one is not node]

    def _start_epmd(self) -> None:
        self._epmd.folder.mkdir(parents=True)
        root = find_rabbitmq(DOWNLOADS)
        self._epmd.start(
            [str(next(root.glob("usr/lib/erlang/erts-*/bin/epmd")))],
            {"ERL_EPMD_PORT": str(self._epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"},
            console=self._epmd.folder / "console.log",
            stop_signal=signal.SIGTERM,
            stop_after_s=1.0,
        )

    def _await_all_joined(self, timeout_s: float = 2.0 * PATIENCE_S) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if all(map(self._sees_all, self.nodes)):
                return
            time.sleep(0.2)
        raise ServiceError(f"the cluster has not formed: {self.folder}")

    @staticmethod
    def _sees_all(node: ClusterNode) -> bool:
        try:
            found: Any = node.management("GET", "/api/nodes")
        except (OSError, HTTPException, ServiceError):
            return False
        return [one["running"] for one in found] == [True] * NODES


def _keep(path: Path, secret: str) -> None:
    path.write_text(secret, encoding="ascii")
    path.chmod(0o400)
