"""Where the broker is: the addresses that are tried, and what a log may show of them."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from docaxis.backends.amqp import Broker, BrokerUnavailable, open_connection
from docaxis.local.ports import free_ports

CLUSTER = "amqps://hub:p%40ss@one.example:5671,two.example,[fd00::3]:5673/axis?auth=plain"


def test_each_host_of_a_cluster_has_an_address_of_its_own():
    addresses = [urlsplit(one) for one in Broker(CLUSTER, heartbeat_s=7).addresses("hub ingress")]
    assert {(one.hostname, one.port) for one in addresses} == {
        ("one.example", 5671),
        ("two.example", None),
        ("fd00::3", 5673),
    }
    for one in addresses:
        assert (one.scheme, one.username, one.password, one.path) == ("amqps", "hub", "p%40ss", "/axis")
        assert parse_qs(one.query) == {"auth": ["plain"], "heartbeat": ["7"], "name": ["hub ingress"]}


def test_connections_begin_with_any_of_the_hosts():
    assert len({Broker(CLUSTER).addresses("x")[0] for _ in range(100)}) == 3


def test_a_log_sees_hosts_and_no_password():
    assert Broker(CLUSTER).safe_url == "amqps://one.example:5671,two.example,[fd00::3]:5673/axis"


async def test_no_host_that_answers_is_an_error_that_names_them_all():
    one, two = free_ports(2)
    broker = Broker(f"amqp://hub:secret@127.0.0.1:{one},127.0.0.1:{two}/")
    with pytest.raises(BrokerUnavailable, match=f"127.0.0.1:{one},127.0.0.1:{two}") as raised:
        await open_connection(broker, "hub")
    assert "secret" not in str(raised.value)


def test_a_new_password_counts_from_the_next_connection(tmp_path: Path):
    file = tmp_path / "password"
    broker = Broker("amqp://hub@127.0.0.1/axis", password_file=file)
    with pytest.raises(BrokerUnavailable, match="No such file"):
        broker.addresses("hub")
    for password in ("first\n", "p@ss/word"):
        file.write_text(password)
        (address,) = broker.addresses("hub")
        assert unquote(urlsplit(address).password or "") == password.strip()
