"""AMQP over TLS with the development authority: the hub verifies its broker, an endpoint logs in by certificate alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiormq
import pytest

from docaxis.backends.amqp import Broker, BrokerUnavailable, close_quietly, open_connection
from docaxis.backends.management import Management
from docaxis.domain import wire
from docaxis.local.pki import DevelopmentAuthority
from docaxis.local.ports import free_ports
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.wiring import utc_now
from tests.axis import lay_ground, serving
from tests.cable import Cable
from tests.services import DOWNLOADS, needed, told
from tests.simulator import SENDER, Country, endpoint_of

pytestmark = pytest.mark.broker
RECEIVER = "H01"


class TlsRabbitMQ(PrivateRabbitMQ):
    """A node that takes certificates for logins."""

    def _write_config(self) -> None:
        super()._write_config()
        plugins = "[rabbitmq_management,rabbitmq_auth_mechanism_ssl].\n"
        (self.folder / "enabled_plugins").write_text(plugins, encoding="ascii")


@dataclass
class Secured:
    """The node, its TLS port, and the authority behind its certificate."""

    node: TlsRabbitMQ
    port: int
    authority: DevelopmentAuthority
    ca_file: Path

    def url(self, login: str, vhost: str, query: str = "") -> str:
        return f"amqps://{login}127.0.0.1:{self.port}/{quote(vhost, safe='')}{query}"

    def client(self, common_name: str, folder: Path) -> tuple[Path, Path]:
        """Issue a client certificate to a name and return certificate and key."""
        key, certificate = self.authority.issue(kind="tls-client", common_name=common_name).write(folder / common_name)
        return certificate, key


def authority_in(folder: Path) -> tuple[DevelopmentAuthority, Path]:
    """Make an authority and one file with its certificates."""
    authority = DevelopmentAuthority(folder, utc_now)
    authority.create()
    files = sorted([*(folder / "anchors").iterdir(), *(folder / "intermediates").iterdir()])
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(b"".join(file.read_bytes() for file in files))
    return authority, ca_file


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One TLS node for the module."""
    folder = tmp_path_factory.mktemp("tls")
    authority, ca_file = authority_in(folder / "pki")
    key, certificate = authority.issue(kind="tls-server").write(folder / "server")
    port = free_ports(1)[0]
    settings = {
        "listeners.ssl.1": f"127.0.0.1:{port}",
        "ssl_options.cacertfile": str(ca_file),
        "ssl_options.certfile": str(certificate),
        "ssl_options.keyfile": str(key),
        "ssl_options.verify": "verify_peer",
        "ssl_options.fail_if_no_peer_cert": "false",
        "ssl_options.depth": "2",
        "ssl_cert_login_from": "common_name",
        "auth_mechanisms.1": "PLAIN",
        "auth_mechanisms.2": "EXTERNAL",
    }
    node = TlsRabbitMQ(folder / "node", downloads=DOWNLOADS, settings=settings, tell=told)
    needed("RabbitMQ", node.start)
    yield Secured(node, port, authority, ca_file)
    node.kill()


async def test_hub_over_tls_serves_an_endpoint_that_has_a_certificate_and_no_password(
    secured: Secured, tmp_path: Path
) -> None:
    country = Country(now=utc_now(), connected=(SENDER, RECEIVER))
    secured.node.create_vhost("official")
    login = f"{secured.node.user}:{secured.node.password}@"
    plain = secured.node.amqp_url_of("official")
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", plain, tmp_path)
    endpoint = endpoint_of(RECEIVER)
    administrator = f"http://{login}127.0.0.1:{secured.node.management_port}"
    async with Management(administrator, "official") as management:
        await management.put_endpoint(endpoint, ground.tokens[endpoint], None)
    over_tls = {"url": secured.url(login, "official"), "ca_file": secured.ca_file}
    async with serving(ground, broker=over_tls) as axis:
        package = country.signed(country.envelope(number=1, to=[RECEIVER]))
        await axis.send(package, "m-1")
        assert await axis.verdict() == ("accepted", "")
        certificate, key = secured.client(endpoint, tmp_path)
        external = secured.url("", "official", "?auth=external")
        connection = await open_connection(Broker(external, secured.ca_file, certificate, key), "receiver")
        try:
            channel = await connection.channel()
            got = await channel.basic_get(axis.queue_of(RECEIVER, "normal"), no_ack=True)
            assert got.body == package
            with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
                await channel.basic_get(axis.queue_of(SENDER, "receipts"))
            channel = await connection.channel()
            key_of_another = wire.routing_key(endpoint_of(SENDER), "normal")
            with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
                await channel.basic_publish(b"x", exchange=wire.INGRESS_EXCHANGE, routing_key=key_of_another)
        finally:
            await close_quietly(connection)


async def test_login_by_certificate_fails_without_one_with_a_strange_one_and_for_an_unknown_name(
    secured: Secured, tmp_path: Path
) -> None:
    external = secured.url("", "/", "?auth=external")
    strangers, _ = authority_in(tmp_path / "strange")
    strange_key, strange_certificate = strangers.issue(kind="tls-client", common_name="docaxis").write(tmp_path / "x")
    nobody_certificate, nobody_key = secured.client("e-nobody", tmp_path)
    for broker in (
        Broker(external, secured.ca_file),
        Broker(external, secured.ca_file, strange_certificate, strange_key),
        Broker(external, secured.ca_file, nobody_certificate, nobody_key),
    ):
        with pytest.raises(BrokerUnavailable):
            await open_connection(broker, "intruder")
    # The same way in, with a certificate that is in order: the refusals above are about the certificates.
    certificate, key = secured.client(secured.node.user, tmp_path)
    await close_quietly(await open_connection(Broker(external, secured.ca_file, certificate, key), "docaxis"))


async def test_broker_with_a_certificate_of_another_authority_or_another_host_is_refused(
    secured: Secured, tmp_path: Path
) -> None:
    url = secured.url(f"{secured.node.user}:{secured.node.password}@", "/")
    _, other_ca = authority_in(tmp_path / "other")
    for broker in (Broker(url, other_ca), Broker(url)):
        with pytest.raises(BrokerUnavailable) as refused:
            await open_connection(broker, "hub")
        assert secured.node.password not in str(refused.value)
    # The certificate names 127.0.0.1 and localhost.
    async with Cable(url).laid("127.0.0.2") as elsewhere:
        with pytest.raises(BrokerUnavailable):
            await open_connection(Broker(elsewhere, secured.ca_file), "hub")
    async with Cable(url).laid("127.0.0.1") as here:
        await close_quietly(await open_connection(Broker(here, secured.ca_file), "hub"))
    await close_quietly(await open_connection(Broker(url, secured.ca_file), "hub"))
