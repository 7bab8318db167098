"""Who asks is known by a signed token, which holds for this server, for minutes, once."""

import asyncio
import hashlib
import hmac
import json
import re
import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from sqlalchemy import select

from docaxis.backends.machines.keys import SqlClientKeys
from docaxis.backends.people_tables import used_tokens
from docaxis.backends.registry import Registry
from docaxis.cli.endpoint_key_files import read_public_key
from docaxis.domain import wire
from docaxis.hub.views.machines import ClientKey
from tests.api.caller import KINDS, Caller, public_der
from tests.api.conftest import Exchange
from tests.web.desk import BEGIN, ORIGIN

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.mark.parametrize("algorithm", sorted(KINDS))
async def test_every_kind_of_key_is_taken(exchange: Exchange, algorithm: str) -> None:
    caller = await exchange.caller("e", algorithm)
    answer = await caller.get("/endpoints/self")
    assert answer.status == 200, answer.body
    assert answer.json["endpoint"] == "e"
    assert answer.json["agencies"] == ["H41"]
    assert [one["kid"] for one in answer.json["keys"] if one["is_this_one"]] == [caller.key_id]


async def test_without_a_token_nothing_is_told(exchange: Exchange) -> None:
    for path in ("/endpoints/self", "/documents", "/submissions/x"):
        async with exchange.desk.client.get(f"/api/v1{path}") as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert (await response.json())["code"] == "API.UNAUTHORIZED"


async def test_token_counts_once(exchange: Exchange) -> None:
    token = exchange.sender.token()
    assert (await exchange.sender.ask("GET", "/endpoints/self", token=token)).status == 200
    again = await exchange.sender.ask("GET", "/endpoints/self", token=token)
    assert (again.status, again.code) == (401, "API.TOKEN_INVALID")
    assert "jti" in again.json["detail"]


async def test_same_jti_of_two_endpoints_are_two_tokens(exchange: Exchange) -> None:
    for caller in (exchange.sender, exchange.receiver):
        answer = await caller.ask("GET", "/endpoints/self", token=caller.token(jti="1"))
        assert answer.status == 200


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"aud": "https://elsewhere.test"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iss": "e-h01"}, "iss"),
        ({"sub": "e-h01"}, "iss, sub"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": "x" * 200}, "jti"),
        ({"exp": None}, "exp"),
        ({"exp": 1}, "run out"),
        ({"exp": 10**11}, "exp"),
        ({"exp": 10**400}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": True}, "exp"),
        ({"nbf": 10**10}, "nbf"),
    ],
)
async def test_claims_must_be_right(exchange: Exchange, claims: dict[str, object], says: str) -> None:
    token = exchange.sender.token(**claims)
    answer = await exchange.sender.ask("GET", "/endpoints/self", token=token)
    assert (answer.status, answer.code) == (401, "API.TOKEN_INVALID")
    assert says in answer.json["detail"]


async def test_audience_may_be_one_of_several(exchange: Exchange) -> None:
    token = exchange.sender.token(aud=["https://elsewhere.test", exchange.sender.audience])
    assert (await exchange.sender.ask("GET", "/endpoints/self", token=token)).status == 200


async def test_life_of_a_token_is_five_minutes_at_most(exchange: Exchange) -> None:
    now = int(exchange.desk.clock().timestamp())
    for seconds, status in ((299, 200), (400, 401)):
        answer = await exchange.sender.ask("GET", "/endpoints/self", token=exchange.sender.token(exp=now + seconds))
        assert answer.status == status


async def test_key_of_another_does_not_sign_for_me(exchange: Exchange) -> None:
    # The right kid, a signature of somebody else.
    forger = Caller(exchange.desk.client, "e", exchange.sender.audience, exchange.desk.clock)
    token = jwt.encode({"alg": "ES256", "kid": exchange.sender.key_id}, {"iss": "e"}, forger._private(), ["ES256"])
    assert (await forger.ask("GET", "/endpoints/self", token=token)).code == "API.TOKEN_INVALID"


async def test_public_key_is_no_shared_secret(exchange: Exchange) -> None:
    good = exchange.sender.token()
    _, claims, _ = good.split(".")
    for algorithm, secret in (("HS256", public_der(exchange.sender.key)), ("none", b"")):
        head = _written({"alg": algorithm, "kid": exchange.sender.key_id})
        tag = hmac.new(secret, f"{head}.{claims}".encode(), hashlib.sha256).digest() if secret else b""
        token = f"{head}.{claims}.{urlsafe_b64encode(tag).decode().rstrip('=')}"
        assert (await exchange.sender.ask("GET", "/endpoints/self", token=token)).code == "API.TOKEN_INVALID"


def _written(value: dict[str, str]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.", "é", "." * 5000, "W10.e30.x"])
async def test_what_is_no_token_is_refused(exchange: Exchange, token: str) -> None:
    answer = await exchange.sender.ask("GET", "/endpoints/self", token=token)
    assert answer.code == "API.TOKEN_INVALID"


async def test_rotated_key_the_new_one_is_there_before_the_old_one_goes(exchange: Exchange) -> None:
    keys = SqlClientKeys(exchange.desk.database)
    renewed = await exchange.caller("e")
    assert (await exchange.sender.get("/endpoints/self")).status == 200
    assert (await renewed.get("/endpoints/self")).status == 200
    await keys.revoke("e", exchange.sender.key_id, exchange.desk.clock())
    assert (await exchange.sender.get("/endpoints/self")).code == "API.TOKEN_INVALID"
    assert (await renewed.get("/endpoints/self")).status == 200
    with pytest.raises(ValueError, match="before"):
        await keys.add(exchange.sender.client_key())
    with pytest.raises(KeyError):
        await keys.revoke("e-h01", renewed.key_id, exchange.desk.clock())


async def test_disabled_endpoint_is_shut_out(exchange: Exchange) -> None:
    await Registry(exchange.desk.database.engine).disable_endpoint("e", exchange.desk.clock())
    assert (await exchange.sender.get("/endpoints/self")).status == 401


async def test_used_tokens_are_forgotten_when_they_have_run_out(exchange: Exchange) -> None:
    for _ in range(3):
        await exchange.sender.get("/endpoints/self")
        exchange.desk.clock.at = exchange.desk.clock.at.replace(hour=exchange.desk.clock.at.hour + 1)
    async with exchange.desk.database.engine.begin() as connection:
        assert len((await connection.execute(select(used_tokens))).all()) == 1


async def test_key_on_another_curve_is_not_taken(exchange: Exchange) -> None:
    caller = Caller(exchange.desk.client, "e", "", exchange.desk.clock, ec.generate_private_key(ec.SECP384R1()))
    await caller.register(exchange.desk.database)
    token = jwt.encode({"alg": "ES256", "kid": caller.key_id}, {"iss": "e"}, exchange.sender._private(), ["ES256"])
    assert (await caller.ask("GET", "/endpoints/self", token=token)).code == "API.TOKEN_INVALID"


async def test_token_of_the_documentation_holds(exchange: Exchange, tmp_path: Path) -> None:
    # The shell that docs/api.md shows, run as it stands there.
    blocks = re.findall(r"^```sh\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (making,) = [one for one in blocks if "genpkey" in one]
    (signing,) = [one for one in blocks if "token()" in one]
    shell = f'{making}\n{signing}\nprintf \'%s %s\' "$KID" "$(token)"'.replace("https://docaxis.example", ORIGIN)
    shell = shell.replace("ENDPOINT=nghe-an", "ENDPOINT=e").replace("date +%s", f"echo {int(BEGIN.timestamp())}")
    done = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", shell, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    told, trouble = await done.communicate()
    assert done.returncode == 0, trouble
    kid, token = told.decode().split()
    octets = read_public_key((tmp_path / "nghe-an.pub.pem").read_bytes())
    key = ClientKey(kid, "e", "token", octets, "", exchange.desk.clock())
    assert wire.digest_of(octets) == kid
    await SqlClientKeys(exchange.desk.database).add(key)
    assert (await exchange.sender.ask("GET", "/endpoints/self", token=token)).status == 200
