from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.settings import SettingsError, read_settings
from tests.adapters.self_signed import new_seal

GOOD = """
[endpoint]
id = "so-y-te"
queue_token = "abab"
[broker]
url = "amqps://so-y-te@broker.example/axis"
password_file = "secrets/password"
ca_file = "ca.pem"
[hub]
url = "https://hub.example/"
token_file = "secrets/token"
certificate_file = "hub.pem"
[state]
dir = "state"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/password").write_text("p@ss/word\n")
    (tmp_path / "secrets/token").write_text("t0ken\n")
    (tmp_path / "hub.pem").write_bytes(new_seal().certificate.public_bytes(Encoding.PEM))
    return tmp_path


def read(place: Path, text: str):
    (place / "endpoint.toml").write_text(text)
    return read_settings(place / "endpoint.toml")


def test_paths_are_relative_to_the_file_and_secrets_come_from_files(place: Path):
    settings = read(place, GOOD)
    assert settings.broker.url == "amqps://so-y-te:p%40ss%2Fword@broker.example/axis"
    assert settings.broker.ca_file == place / "ca.pem"
    assert settings.hub.url == "https://hub.example"
    assert settings.hub.token == "t0ken"
    assert settings.hub.inline_limit_bytes == 256 * 1024
    assert settings.state_dir == place / "state"
    assert settings.signing is None
    assert settings.queue("urgent") == "docaxis.inbox.so-y-te.abab.urgent"


def test_secrets_are_not_shown(place: Path):
    shown = repr(read(place, GOOD))
    assert "t0ken" not in shown
    assert "word" not in shown
    assert "abab" not in shown


def test_secrets_from_the_environment(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCAXIS_BROKER_PASSWORD", "from-env")
    monkeypatch.setenv("DOCAXIS_HUB_TOKEN", "token-env")
    text = GOOD.replace('password_file = "secrets/password"', "").replace('token_file = "secrets/token"', "")
    settings = read(place, text)
    assert settings.broker.url.startswith("amqps://so-y-te:from-env@")
    assert settings.hub.token == "token-env"


def test_a_certificate_instead_of_a_password(place: Path):
    text = GOOD.replace('password_file = "secrets/password"', 'certificate_file = "c.pem"\nkey_file = "k.pem"')
    text = text.replace("so-y-te@broker.example/axis", "broker.example/axis?auth=external")
    settings = read(place, text)
    assert settings.broker.url == "amqps://broker.example/axis?auth=external"
    assert settings.broker.certificate_file == place / "c.pem"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[endpoint]", "[endpoint]\ncolour = 1", "endpoint.colour"),
        ("[state]", "[satte]", "satte"),
        ('dir = "state"', "", "state.dir"),
        ('id = "so-y-te"', 'id = "Sở Y tế"', "endpoint.id"),
        ('id = "so-y-te"', "id = 7", "endpoint.id"),
        ("so-y-te@broker", "so-y-te:secret@broker", "broker.url"),
        ("amqps://", "http://", "broker.url"),
        ('"hub.pem"', '"none.pem"', "hub.certificate_file"),
        ('"hub.pem"', '"secrets/token"', "hub.certificate_file"),
        ("[state]", "inline_limit_bytes = 0\n[state]", "hub.inline_limit_bytes"),
        ('dir = "state"', 'dir = "state"\nkeep_days = 40000', "state.keep_days"),
        ("[state]", '[signing]\norgan_id = "x"\n[state]', "signing."),
        ("[endpoint]", "[endpoint", "endpoint.toml"),
    ],
)
def test_what_is_wrong_is_named(place: Path, old: str, new: str, named: str):
    with pytest.raises(SettingsError, match=named.replace(".", "[.]")) as caught:
        read(place, GOOD.replace(old, new, 1))
    assert "secret" not in str(caught.value).replace("secrets/", "")
