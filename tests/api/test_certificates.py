"""Mutual TLS: who shows a registered certificate and holds its key is that endpoint; nobody else comes in by one."""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jwt

from docaxis.backends.machines.keys import SqlClientKeys
from docaxis.config import Config
from docaxis.domain import wire
from docaxis.hub.views.machines import ClientKey
from docaxis.wiring import api_tls
from docaxis.wiring.api import TLS_PORT
from tests.api.conftest import Exchange
from tests.web.conftest import config_in


def issued(folder: Path, name: str) -> bytes:
    """Write a self-signed certificate and its key; return the certificate (DER)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.key.pem").write_bytes(private)
    return made.public_bytes(Encoding.DER)


@pytest.fixture
def desk_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(api_tls, "LOOK_EVERY_S", 0.1)
    issued(tmp_path, "localhost")
    values: Mapping[str, str] = {
        "DOCAXIS__API__TLS_PORT": "0",
        "DOCAXIS__API__TLS_CERTIFICATE_FILE": str(tmp_path / "localhost.cert.pem"),
        "DOCAXIS__API__TLS_KEY_FILE": str(tmp_path / "localhost.key.pem"),
    }
    return config_in(tmp_path, values)


async def ask(exchange: Exchange, folder: Path, name: str = "", token: str = "") -> tuple[int, Any]:
    """Ask who one is, showing a certificate where one is named; (0, …) where TLS lets nobody in."""
    context = ssl.create_default_context(cafile=folder / "localhost.cert.pem")
    if name:
        context.load_cert_chain(folder / f"{name}.cert.pem", folder / f"{name}.key.pem")
    address = f"https://localhost:{exchange.desk.app[TLS_PORT]}/api/v1/endpoints/self"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with aiohttp.ClientSession() as session, session.get(address, ssl=context, headers=headers) as response:
            return response.status, await response.json(content_type=None)
    except (aiohttp.ClientError, ssl.SSLError, OSError) as error:
        return 0, error


async def register(exchange: Exchange, der: bytes) -> str:
    key_id = wire.digest_of(der)
    key = ClientKey(key_id, "e", "certificate", der, "server 1", exchange.desk.clock())
    await SqlClientKeys(exchange.desk.database).add(key)
    await asyncio.sleep(0.5)
    return key_id


async def test_registered_certificate_is_its_endpoint_until_it_is_revoked(exchange: Exchange, tmp_path: Path) -> None:
    key_id = await register(exchange, issued(tmp_path, "mine"))
    status, told = await ask(exchange, tmp_path, "mine")
    assert (status, told["endpoint"]) == (200, "e")
    await SqlClientKeys(exchange.desk.database).revoke("e", key_id, exchange.desk.clock())
    status, told = await ask(exchange, tmp_path, "mine")
    assert (status, told["code"]) == (401, "API.UNAUTHORIZED")


async def test_foreign_certificate_does_not_come_in(exchange: Exchange, tmp_path: Path) -> None:
    await register(exchange, issued(tmp_path, "mine"))
    issued(tmp_path, "theirs")
    status, _ = await ask(exchange, tmp_path, "theirs")
    assert status == 0
    assert (await ask(exchange, tmp_path))[0] == 401


async def test_signed_token_is_taken_there_too(exchange: Exchange, tmp_path: Path) -> None:
    status, told = await ask(exchange, tmp_path, token=exchange.sender.token())
    assert (status, told["endpoint"]) == (200, "e")


async def test_certificate_signs_no_tokens(exchange: Exchange, tmp_path: Path) -> None:
    key_id = await register(exchange, issued(tmp_path, "mine"))
    token = jwt.encode({"alg": "ES256", "kid": key_id}, {"iss": "e"}, exchange.sender._private(), ["ES256"])
    status, told = await ask(exchange, tmp_path, token=token)
    assert (status, told["code"]) == (401, "API.TOKEN_INVALID")


async def test_token_that_is_shown_is_what_counts(exchange: Exchange, tmp_path: Path) -> None:
    await register(exchange, issued(tmp_path, "mine"))
    status, told = await ask(exchange, tmp_path, "mine", token="broken")
    assert (status, told["code"]) == (401, "API.TOKEN_INVALID")
