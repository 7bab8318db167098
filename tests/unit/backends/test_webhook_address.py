"""Where a webhook may lead: outside, or where the operator said so."""

import socket

import pytest

from docaxis.backends.webhook_address import GuardedResolver, WebhookSettings, is_public, problem_of

OPEN = WebhookSettings()
NAMED = WebhookSettings(frozenset({"van-ban.example", "10.1.2.3", "127.0.0.1", "::1", "localhost"}))


@pytest.mark.parametrize(
    "url",
    [
        "http://van-ban.example/",
        "ftp://van-ban.example/",
        "https:///x",
        "van-ban.example",
        "https://user:secret@van-ban.example/",
        "https://van-ban.example/#there",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://van-ban.example:99999/",
        "https://van-ban.example/" + "x" * 2_000,
    ],
)
def test_refused_without_a_list(url: str) -> None:
    assert problem_of(url, OPEN)


def test_public_names_are_open_and_a_list_closes_all_others() -> None:
    assert problem_of("https://van-ban.example:8443/a?b=c", OPEN) is None
    assert problem_of("https://VAN-BAN.example/a", NAMED) is None
    assert problem_of("https://10.1.2.3/", NAMED) is None
    assert "allowed_hosts" in (problem_of("https://other.example/", NAMED) or "")


def test_plain_http_is_for_allowed_loopback_or_who_insists() -> None:
    for url in ("http://127.0.0.1:8000/", "http://[::1]:8000/", "http://localhost/"):
        assert problem_of(url, NAMED) is None
        assert problem_of(url, OPEN)
    assert problem_of("http://van-ban.example/", NAMED)
    assert problem_of("http://van-ban.example/", WebhookSettings(NAMED.allowed_hosts, unsafe_http=True)) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_name_that_leads_inside_is_not_followed() -> None:
    """However it is written: the system reads 2130706433 and 0x7f.1 as 127.0.0.1."""
    for name in ("localhost", "2130706433", "0x7f.1"):
        assert problem_of(f"https://{name}/", WebhookSettings()) is None or name == "localhost"
        with pytest.raises(OSError, match="leads inside"):
            await GuardedResolver(OPEN).resolve(name, 443, socket.AF_INET)
    allowed = await GuardedResolver(NAMED).resolve("localhost", 443, socket.AF_INET)
    assert {one["host"] for one in allowed} == {"127.0.0.1"}
