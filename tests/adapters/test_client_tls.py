"""Production's way in: mutual TLS, the certificate's name is the user (EXTERNAL), no password anywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.client import Client
from adapters.connection import BrokerUnavailableError, connect
from adapters.settings import BrokerSettings
from docaxis.backends.topology import endpoint_permissions
from docaxis.domain import wire
from docaxis.local.pki import DevelopmentAuthority
from docaxis.local.ports import free_ports
from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.adapters.standin import ENDPOINT, QUEUE_TOKEN, StandInHub, until
from tests.services import DOWNLOADS, needed
from tests.waiting import PATIENCE_S

pytestmark = [pytest.mark.broker, pytest.mark.slow]


class TlsRabbitMQ(PrivateRabbitMQ):
    """With the plugin that takes a certificate for a login."""

    def _write_config(self) -> None:
        super()._write_config()
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management,rabbitmq_auth_mechanism_ssl].\n")


@pytest.fixture
def authority(tmp_path: Path) -> DevelopmentAuthority:
    authority = DevelopmentAuthority(tmp_path / "pki").create()
    authority.issue(kind="tls-server").write(tmp_path / "server")
    authority.issue(kind="tls-client", common_name=ENDPOINT).write(tmp_path / "client")
    authority.issue(kind="tls-client", common_name="stranger").write(tmp_path / "stranger")
    roots = [*(tmp_path / "pki/anchors").glob("*.pem"), *(tmp_path / "pki").glob("*/issuing.pem")]
    (tmp_path / "ca.pem").write_bytes(b"".join(root.read_bytes() for root in roots))
    return authority


@pytest.fixture
def node(tmp_path: Path, authority: DevelopmentAuthority) -> Iterator[tuple[TlsRabbitMQ, int]]:
    [port] = free_ports(1)
    node = TlsRabbitMQ(
        tmp_path / "rabbitmq",
        downloads=DOWNLOADS,
        settings={
            "listeners.ssl.1": f"127.0.0.1:{port}",
            "ssl_options.cacertfile": str(tmp_path / "ca.pem"),
            "ssl_options.certfile": str(tmp_path / "server.cert.pem"),
            "ssl_options.keyfile": str(tmp_path / "server.key.pem"),
            "ssl_options.verify": "verify_peer",
            "ssl_options.fail_if_no_peer_cert": "true",
            "auth_mechanisms.1": "EXTERNAL",
            "auth_mechanisms.2": "PLAIN",
            "ssl_cert_login_from": "common_name",
        },
    )
    needed("RabbitMQ", node.start)
    yield node, port
    node.kill()


async def test_external_login_with_the_rights_of_an_endpoint(node: tuple[TlsRabbitMQ, int], tmp_path: Path):
    rabbitmq, port = node
    hub = StandInHub(rabbitmq.create_vhost("axis"))
    await hub.start()
    rights = endpoint_permissions(ENDPOINT, QUEUE_TOKEN)
    rabbitmq.management("PUT", f"/api/users/{ENDPOINT}", {"password_hash": "", "tags": ""})
    granted = {"configure": rights.configure, "write": rights.write, "read": rights.read}
    rabbitmq.management("PUT", f"/api/permissions/axis/{ENDPOINT}", granted)
    topic = {"exchange": wire.INGRESS_EXCHANGE, "write": rights.topic_write, "read": "^$"}
    rabbitmq.management("PUT", f"/api/topic-permissions/axis/{ENDPOINT}", topic)

    def broker(client: str, ca: str = "ca.pem") -> BrokerSettings:
        files = (tmp_path / ca, tmp_path / f"{client}.cert.pem", tmp_path / f"{client}.key.pem")
        return BrokerSettings(f"amqps://127.0.0.1:{port}/axis?auth=external", *files)

    received = []

    async def write(delivery) -> None:
        received.append(delivery.body)

    async with Client(hub.settings(broker=broker("client"))) as client:
        answer = await client.receipt_for(await client.send(b"<package/>"), PATIENCE_S)
        assert answer.receipt.outcome == "accepted"
        await hub.deliver(b"<delivery/>")
        assert await client.receive_waiting(write) == 1
        await until(lambda: hub.fetched)
    assert received == [b"<delivery/>"]
    with pytest.raises(BrokerUnavailableError):
        await connect(broker("stranger"), "no such user")
    (tmp_path / "other").mkdir()
    DevelopmentAuthority(tmp_path / "other").create()
    next((tmp_path / "other").glob("*/root.pem")).rename(tmp_path / "other-ca.pem")
    with pytest.raises(BrokerUnavailableError, match=r"127\.0\.0\.1"):
        await connect(broker("client", "other-ca.pem"), "a broker that is not ours")
    await hub.stop()
