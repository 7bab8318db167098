"""`endpoint key`: registered, listed, rotated, revoked; private keys are not taken."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from docaxis.backends.database import Database
from docaxis.backends.migrate import upgrade
from docaxis.backends.registry import Registry
from docaxis.cli.trouble import ExitCode
from docaxis.config import load_config, secret_url
from docaxis.domain import wire
from tests.cli.conftest import Run


def public_key(file: Path, curve: ec.EllipticCurve | None = None) -> str:
    """Write a public key and return its id."""
    key = ec.generate_private_key(curve or ec.SECP256R1()).public_key()
    file.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return wire.digest_of(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.fixture
def ready(configured: Run, tmp_path: Path) -> Run:
    async def fill() -> None:
        url = secret_url(load_config(tmp_path / "config.toml").store.url, None)
        await upgrade(url)
        database = Database(url)
        await Registry(database.engine).add_endpoint("nghe-an", "Nghệ An", datetime.now(UTC))
        await database.close()

    asyncio.run(fill())
    return configured


def rows(run: Run) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in run("endpoint", "key", "list", "nghe-an", "--json").stdout.splitlines()]


def test_key_is_added_listed_rotated_and_revoked(ready: Run, tmp_path: Path) -> None:
    first, second = public_key(tmp_path / "1.pem"), public_key(tmp_path / "2.pem")
    added = ready("endpoint", "key", "add", "nghe-an", tmp_path / "1.pem", "--name", "máy 1")
    assert (added.exit_code, added.stdout.strip()) == (0, first), added.stderr
    assert [(one["key"], one["name"], one["revoked_at"]) for one in rows(ready)] == [(first, "máy 1", None)]
    assert ready("endpoint", "key", "add", "nghe-an", tmp_path / "1.pem").exit_code == ExitCode.REFUSED
    rotated = ready("endpoint", "key", "rotate", "nghe-an", tmp_path / "2.pem", "--old", first)
    assert (rotated.exit_code, rotated.stdout.strip()) == (0, second), rotated.stderr
    assert {one["key"]: bool(one["revoked_at"]) for one in rows(ready)} == {first: True, second: False}
    assert ready("endpoint", "key", "revoke", "nghe-an", second).exit_code == 0
    assert ready("endpoint", "key", "revoke", "nghe-an", second).exit_code == ExitCode.NOT_FOUND
    assert second in ready("endpoint", "key", "list", "nghe-an").stdout


def test_nothing_is_added_where_the_old_key_is_not_there(ready: Run, tmp_path: Path) -> None:
    public_key(tmp_path / "1.pem")
    wrong = ready("endpoint", "key", "rotate", "nghe-an", tmp_path / "1.pem", "--old", "sha256:0")
    assert wrong.exit_code == ExitCode.NOT_FOUND
    assert rows(ready) == []


def test_what_is_no_public_key_is_refused(ready: Run, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, octets, says in (
        ("private.pem", private, "private key"),
        ("junk.pem", b"junk", "no PEM public key"),
    ):
        (tmp_path / name).write_bytes(octets)
        answer = ready("endpoint", "key", "add", "nghe-an", tmp_path / name)
        assert answer.exit_code
        assert says in answer.stderr
    public_key(tmp_path / "p384.pem", ec.SECP384R1())
    assert "P-256" in ready("endpoint", "key", "add", "nghe-an", tmp_path / "p384.pem").stderr
    assert ready("endpoint", "key", "add", "nghe-an", tmp_path / "junk.pem", "--certificate").exit_code
    public_key(tmp_path / "good.pem")
    assert ready("endpoint", "key", "add", "other", tmp_path / "good.pem").exit_code == ExitCode.NOT_FOUND
