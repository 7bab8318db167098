"""URLs with several hosts are split alike by every version of Python."""

import pytest

from docaxis.domain.urls import split_url


@pytest.mark.parametrize(
    "hosts", ["one.example", "one:5671,two", "[::1]:5672", "one:5671,[fd00::3]:5673", "[fd00::2],[fd00::3]"]
)
@pytest.mark.parametrize("login", ["", "hub@", "hub:p%40ss@"])
@pytest.mark.parametrize("rest", ["", "/", "/%2Faxis", "/axis?auth=external&heartbeat=7"])
def test_the_hosts_stay_together_and_all_comes_back(login: str, hosts: str, rest: str) -> None:
    url = f"amqps://{login}{hosts}{rest}"
    parts = split_url(url)
    assert (parts.scheme, parts.netloc, parts.geturl()) == ("amqps", login + hosts, url)
    assert (parts.path, parts.query) == (rest.partition("?")[0], rest.partition("?")[2])
    assert parts.username == (login.rstrip("@").partition(":")[0] or None)


@pytest.mark.parametrize("url", ["", "axis", "mailto:a@b", "/only/a/path"])
def test_what_names_no_host_is_split_too(url: str) -> None:
    assert split_url(url).netloc == ""
