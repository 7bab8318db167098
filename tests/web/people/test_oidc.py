"""Signing in through an identity provider that really signs, and what does not hold."""

import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from joserfc import jwt
from joserfc.jwk import OctKey

from docaxis.backends.people.oidc import OidcClient
from docaxis.config import Config, ConfigError, load_config
from docaxis.domain.people import Person, Role
from docaxis.hub.ids import new_id
from docaxis.web.people.ports import ACCOUNTS, CHANGES, PROVIDER
from tests.web.conftest import config_in
from tests.web.desk import BEGIN, ORIGIN, Answer, Clock, Desk
from tests.web.people.identity_provider import CLIENT, SECRET, IdentityProvider, new_key, serving


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    async with serving(IdentityProvider(Clock())) as found:
        yield found


@pytest.fixture
def desk_config(tmp_path: Path, provider: IdentityProvider) -> Config:
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    return config_in(tmp_path, {
        "DOCAXIS__OIDC__ISSUER": provider.issuer, "DOCAXIS__OIDC__CLIENT_ID": CLIENT,
        "DOCAXIS__OIDC__CLIENT_SECRET_FILE": str(secret),
    })  # fmt: skip


@pytest.fixture
async def person(desk: Desk, provider: IdentityProvider) -> Person:
    provider.now = desk.clock
    made = Person(new_id(BEGIN), "ha.ntt", "Nguyễn Thị Thu Hà", Role.CLERK, "G10")
    await desk.app[ACCOUNTS].add(made, BEGIN, "test")
    return made


async def begun(desk: Desk, path: str = "/sign-in/oidc?next=/account") -> str:
    """Press the button, sign in at the provider, and return where it sends the browser back to."""
    there = await desk.get(path)
    assert there.status == 303, there.text
    async with ClientSession() as browser, browser.get(there.location, allow_redirects=False) as answer:
        back = answer.headers["Location"]
    assert back.startswith(f"{ORIGIN}/sign-in/oidc/back?")
    return back.removeprefix(ORIGIN)


async def tried(desk: Desk) -> Answer:
    return await desk.get(await begun(desk))


async def test_signs_in_by_the_claim_and_then_by_the_subject(
    desk: Desk, provider: IdentityProvider, person: Person
) -> None:
    """v5.0.0-10.5.2: the account is found by issuer and subject, which never change; the login counts once."""
    assert "Đăng nhập qua cổng của cơ quan" in (await desk.get("/sign-in")).text
    done = await tried(desk)
    assert (done.status, done.location) == (303, "/account")
    assert "Nguyễn Thị Thu Hà" in (await desk.get("/account")).text
    found = await desk.app[ACCOUNTS].by_subject(f"{provider.issuer} 248289")
    assert found
    assert found.person_id == person.person_id
    provider.user["preferred_username"] = "renamed"
    await desk.sign_out()
    assert (await tried(desk)).status == 303
    provider.user = {"sub": "another", "preferred_username": "ha.ntt"}
    await desk.sign_out()
    assert (await tried(desk)).status == 422, "the login is bound to another subject"


async def test_no_token_reaches_the_browser(desk: Desk, person: Person) -> None:
    """v5.0.0-10.1.1: tokens stay on the server: the browser holds its session and nothing else."""
    done = await tried(desk)
    seen = str(done.headers) + done.text + (await desk.get("/account")).text
    assert "secret-access" not in seen
    assert "eyJ" not in seen
    assert desk.cookie("docaxis-oidc") == ""


async def test_what_the_browser_is_sent_with(desk: Desk, person: Person) -> None:
    """v5.0.0-10.2.1, v5.0.0-10.4.6: code flow with PKCE (S256), state and nonce of this try, the exact redirect address."""
    tries = [parse_qs(urlsplit((await desk.get("/sign-in/oidc")).location).query) for _ in range(2)]
    for query in tries:
        assert query["response_type"] == ["code"]
        assert query["redirect_uri"] == [f"{ORIGIN}/sign-in/oidc/back"]
        assert query["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert tries[0][name] != tries[1][name]


async def test_answer_belongs_to_the_browser_that_asked(desk: Desk, person: Person) -> None:
    """v5.0.0-10.2.1: an answer that another browser was given, or that was used, opens nothing (login CSRF)."""
    back = await begun(desk)
    cookie = desk.cookie("docaxis-oidc")
    await desk.sign_out()
    assert (await desk.get(back)).status == 422
    desk.cookies({"docaxis-oidc": cookie})
    assert (await desk.get(back.replace("state=", "state=0"))).status == 422
    back = await begun(desk)
    cookie = desk.cookie("docaxis-oidc")
    assert (await desk.get(back)).status == 303
    await desk.sign_out()
    desk.cookies({"docaxis-oidc": cookie})
    assert (await desk.get(back)).status == 422


async def test_takes_no_old_try(desk: Desk, person: Person) -> None:
    back = await begun(desk)
    desk.clock.at += timedelta(minutes=11)
    assert (await desk.get(back)).status == 422


async def test_answer_of_another_issuer(desk: Desk, provider: IdentityProvider, person: Person) -> None:
    """v5.0.0-10.2.2: an answer says which provider it is of (mix-up)."""
    for wrong in (r"iss=http%3A%2F%2Fevil.example", ""):
        back = re.sub(r"&?iss=[^&]*", f"&{wrong}" if wrong else "", await begun(desk))
        assert (await desk.get(back)).status == 422


async def test_refused_at_the_provider(desk: Desk, person: Person) -> None:
    back = await begun(desk)
    answer = await desk.get(re.sub(r"code=[^&]*", "error=access_denied", back))
    assert answer.status == 422
    assert "không thành" in answer.text


def changed(**claims: Any) -> Any:
    return lambda held: held.update(claims)


@pytest.mark.parametrize(
    "alter",
    [
        changed(iss="https://evil.example"), changed(aud="another"), changed(aud=["another"]), changed(aud=None),
        changed(aud=[CLIENT, "another"]), changed(azp="another"), changed(nonce="another"), changed(nonce=None),
        changed(exp=int(BEGIN.timestamp()) - 61), changed(exp=None), changed(exp="x"), changed(exp=True),
        changed(iat=int(BEGIN.timestamp()) + 61), changed(iat=None), changed(sub=None), changed(sub=""), changed(sub=5),
        changed(sub="x" * 256),
    ],
)  # fmt: skip
async def test_claims_that_do_not_hold(desk: Desk, provider: IdentityProvider, person: Person, alter: Any) -> None:
    """v5.0.0-9.2.1, v5.0.0-9.2.3, v5.0.0-10.5.1, v5.0.0-10.5.4: issuer, audience, party, times and nonce are checked."""
    provider.alter = alter
    assert (await tried(desk)).status == 422
    assert (await desk.get("/account")).status == 303


async def test_several_audiences_with_us_as_the_party(desk: Desk, provider: IdentityProvider, person: Person) -> None:
    provider.alter = changed(aud=[CLIENT, "another"], azp=CLIENT)
    assert (await tried(desk)).status == 303


async def test_keys_rotate(desk: Desk, provider: IdentityProvider, person: Person) -> None:
    """v5.0.0-9.1.3: keys come from the provider's own address; one that is new is fetched, one that was taken back is not."""
    assert (await tried(desk)).status == 303
    assert provider.keys_fetched == 1
    provider.signer = new_key("second", "RS256")
    provider.algorithm = "RS256"
    await desk.sign_out()
    assert (await tried(desk)).status == 422, "not asked for again at once: an invented key must not make us ask"
    assert provider.keys_fetched == 1
    client = desk.app[PROVIDER]
    assert isinstance(client, OidcClient)
    client._provider._monotonic = lambda: time.monotonic() + 31
    assert (await tried(desk)).status == 303
    assert provider.keys_fetched == 2


async def test_signature_by_a_key_that_is_not_published(desk: Desk, provider: IdentityProvider, person: Person) -> None:
    """v5.0.0-9.1.1: a signature counts by the provider's published keys only."""
    provider.keys = [new_key("first")]
    assert (await tried(desk)).status == 422


async def test_unsigned_and_shared_secret_tokens(desk: Desk, provider: IdentityProvider, person: Person) -> None:
    """v5.0.0-9.1.2: of the algorithms only signatures by a private key count, never `none`, never HMAC."""
    secret = OctKey.import_key(SECRET)

    def forged(claims: dict[str, Any], **_: str) -> str:
        return jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret, algorithms=["HS256"])

    provider.sign = forged  # type: ignore[method-assign]
    assert (await tried(desk)).status == 422
    provider.sign = lambda claims, **_: "eyJhbGciOiJub25lIn0.e30."  # type: ignore[method-assign]
    assert (await tried(desk)).status == 422


async def test_nobody_is_made_an_account(desk: Desk, provider: IdentityProvider, person: Person) -> None:
    provider.user = {"sub": "5", "preferred_username": "la.mat"}
    answer = await tried(desk)
    assert answer.status == 422
    assert "chưa có tài khoản" in answer.text
    provider.user = {"sub": "6"}
    assert (await tried(desk)).status == 422
    await desk.app[CHANGES].disable(person, BEGIN, "test")
    provider.user = {"sub": "248289", "preferred_username": "ha.ntt"}
    assert (await tried(desk)).status == 422


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": ""},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_description_that_does_not_hold(
    desk: Desk, provider: IdentityProvider, person: Person, metadata: dict[str, str]
) -> None:
    """v5.0.0-10.5.3: what describes the provider is of the configured issuer, and leads to it by HTTPS."""
    provider.metadata = metadata
    answer = await desk.get("/sign-in/oidc")
    assert answer.status == 503
    assert "không thành" in answer.text


async def test_told_that_somebody_signed_out(desk: Desk, provider: IdentityProvider, person: Person) -> None:
    """v5.0.0-10.5.5, v5.0.0-10.6.2: a logout token is checked, taken once, and ends the sessions; nothing else does."""
    assert (await tried(desk)).status == 303
    for wrong in (
        provider.logout_token(iss="https://evil.example"), provider.logout_token(aud="another"),
        provider.logout_token(events={}), provider.logout_token(nonce="x"), provider.logout_token(jti=None),
        provider.logout_token(sub=None), provider.logout_token(exp=int(BEGIN.timestamp()) - 120), "x", "",
    ):  # fmt: skip
        answer = await desk.request("POST", "/sign-in/oidc/ended", data={"logout_token": wrong})
        assert answer.status == 400
    assert (await desk.get("/account")).status == 200
    token = provider.logout_token()
    assert (await desk.request("POST", "/sign-in/oidc/ended", data={"logout_token": token})).status == 200
    assert (await desk.get("/account")).status == 303
    assert (await desk.request("POST", "/sign-in/oidc/ended", data={"logout_token": token})).status == 400


class TestPublicClient:
    @pytest.fixture
    def desk_config(self, tmp_path: Path, provider: IdentityProvider) -> Config:
        provider.is_public = True
        named = {"DOCAXIS__OIDC__ISSUER": provider.issuer, "DOCAXIS__OIDC__CLIENT_ID": CLIENT}
        return config_in(tmp_path, {**named, "DOCAXIS__OIDC__LOGIN_CLAIM": "email"})

    async def test_email_counts_when_it_is_verified(
        self, desk: Desk, provider: IdentityProvider, person: Person
    ) -> None:
        provider.user = {"sub": "7", "email": "ha.ntt"}
        assert (await tried(desk)).status == 422
        provider.user["email_verified"] = True
        assert (await tried(desk)).status == 303


class TestWithoutAProvider:
    @pytest.fixture
    def desk_config(self, tmp_path: Path) -> Config:
        return config_in(tmp_path, {})

    async def test_there_is_nothing(self, desk: Desk) -> None:
        assert "cổng của cơ quan" not in (await desk.get("/sign-in")).text
        assert (await desk.get("/sign-in/oidc")).status == 404
        assert (await desk.get("/sign-in/oidc/back?code=x")).status == 404
        assert (await desk.request("POST", "/sign-in/oidc/ended", data={"logout_token": "x"})).status == 404


def test_issuer_without_a_client_is_no_configuration() -> None:
    with pytest.raises(ConfigError, match="client_id"):
        load_config(None, {"DOCAXIS__OIDC__ISSUER": "https://id.example"})
