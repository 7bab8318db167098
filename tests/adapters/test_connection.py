"""Where an endpoint looks for the broker: one host, or the nodes of a cluster."""

from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.connection import BrokerUnavailableError, _addresses, connect, connected
from adapters.settings import BrokerSettings
from docaxis.backends.amqp import Broker, open_connection
from docaxis.local.ports import free_ports

CLUSTER = "amqps://so-y-te:p%40ss@one.example:5671,two.example/axis?auth=plain"


def test_each_host_has_an_address_of_its_own_with_login_and_options():
    addresses = [urlsplit(one) for one in _addresses(CLUSTER, "so-y-te inbox")]
    assert {(one.hostname, one.port) for one in addresses} == {("one.example", 5671), ("two.example", None)}
    for one in addresses:
        assert (one.username, one.password, one.path) == ("so-y-te", "p%40ss", "/axis")
        assert parse_qs(one.query) == {"auth": ["plain"], "heartbeat": ["30"], "name": ["so-y-te inbox"]}
    assert len({_addresses(CLUSTER, "x")[0] for _ in range(100)}) == 2


async def test_nobody_there_is_an_error_that_names_the_hosts_and_no_password():
    one, two = free_ports(2)
    with pytest.raises(BrokerUnavailableError, match=f"127.0.0.1:{one},127.0.0.1:{two}") as raised:
        await connect(BrokerSettings(f"amqp://me:secret@127.0.0.1:{one},127.0.0.1:{two}/"), "test")
    assert "secret" not in str(raised.value)


@pytest.mark.broker
async def test_hub_and_endpoint_go_on_to_the_host_that_answers(vhost: str):
    (dead,) = free_ports(1)
    url = vhost.replace("@", f"@127.0.0.1:{dead},", 1)
    for _ in range(8):
        async with connected(BrokerSettings(url), "endpoint") as connection:
            assert await connection.channel()
        hub = await open_connection(Broker(url), "hub")
        await hub.close()
