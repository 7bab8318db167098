"""The configuration: the example is whole, mistakes are named, paths and secrets end up where they belong."""

import re
import tomllib
from pathlib import Path

import pytest

from docaxis.config import Config, ConfigError, load_config, secret_url

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_example_holds_every_key_with_its_default() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = tomllib.loads(text)
    for section, field in Config.model_fields.items():
        model = field.default
        for key in type(model).model_fields:
            value = getattr(model, key)
            if hasattr(value, "get_secret_value"):
                value = value.get_secret_value()
            if value is None:
                assert re.search(rf"^# {key} = ", text, re.MULTILINE), f"{section}.{key} is not mentioned"
            else:
                assert shown[section][key] == (str(value) if isinstance(value, Path) else value), f"{section}.{key}"
    assert {(s, k) for s, keys in shown.items() for k in keys} <= {
        (s, k) for s, f in Config.model_fields.items() for k in type(f.default).model_fields
    }


def test_example_says_something_of_every_key() -> None:
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\w+ = ", line) and not line.startswith(("metrics_port", "certificate_file")):
            assert "#" in line, line


def test_misspelt_key_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[broker]\nurll = 'x'\n")
    with pytest.raises(ConfigError, match=r"broker\.urll"):
        load_config(file, {})


def test_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[http]\nport = 1\n")
    assert load_config(file, {"DOCAXIS__HTTP__PORT": "2"}).http.port == 2


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[hub]\nstate_dir = 'state'\n")
    config = load_config(file, {})
    assert config.hub.state_dir == tmp_path / "state"
    assert config.store.url.get_secret_value() == f"sqlite+aiosqlite:///{tmp_path}/var/docaxis.db"


def test_password_file_is_put_into_the_url_escaped(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("p@ss/word\n")
    config = load_config(None, {"DOCAXIS__BROKER__URL": "amqp://hub@broker:5672/axis"})
    assert secret_url(config.broker.url, secret) == "amqp://hub:p%40ss%2Fword@broker:5672/axis"


def test_missing_password_file_is_named_without_the_url(tmp_path: Path) -> None:
    config = load_config(None, {})
    with pytest.raises(ConfigError, match="secret"):
        secret_url(config.broker.url, tmp_path / "secret")


def test_secrets_do_not_show_in_a_printed_configuration() -> None:
    assert "hunter2" not in repr(load_config(None, {"DOCAXIS__BROKER__URL": "amqp://u:hunter2@h/"}))
