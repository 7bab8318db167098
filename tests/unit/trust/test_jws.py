"""A signature beside its octets: verified by anybody who has the certificate, and by nothing less."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.jws import NotSigned, sign_detached, verify_detached
from docaxis.trust.seal import Seal, load_seal

SHAPED = r"[A-Za-z0-9_-]*\.\.[A-Za-z0-9_-]*"
BODY = '{"changes":[],"hub":"trục"}'.encode()


@pytest.fixture(scope="module")
def seals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seal]:
    authority = DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create()
    kinds = {"p256": "p256", "rsa": "rsa2048", "other": "p256"}
    issued = {name: authority.issue(kind="hub", key=key) for name, key in kinds.items()}
    return {name: load_seal(one.key_pem(), one.certificate_pem()) for name, one in issued.items()}


def with_header(signature: str, **changed: object) -> str:
    protected, _, value = signature.split(".")
    header = json.loads(base64.urlsafe_b64decode(protected + "==")) | changed
    return base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode() + ".." + value


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_signed_is_verified_by_either_of_two_certificates(seals: dict[str, Seal], kind: str) -> None:
    signature = sign_detached(BODY, seals[kind])
    certificates = [seals["other"].certificate, seals[kind].certificate]
    assert verify_detached(BODY, signature, certificates) == seals[kind].certificate
    assert len(signature) < 600


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_any_change_breaks_it(seals: dict[str, Seal], kind: str) -> None:
    seal = seals[kind]
    signature = sign_detached(BODY, seal)
    wrong = [
        (BODY + b" ", signature),
        (BODY, with_header(signature, alg="none")),
        (BODY, with_header(signature, alg="HS256")),
        (BODY, with_header(signature, alg="RS256" if kind == "p256" else "ES256")),
        (BODY, with_header(signature, more=1)),
        (BODY, with_header(signature, b64=False)),
        (BODY, with_header(signature, crit=["b64"])),
        (BODY, signature[:-4]),
        (BODY, signature.replace("..", ".e30.")),
        (BODY, signature + "."),
        (BODY, ""),
    ]
    for body, changed in wrong:
        with pytest.raises(NotSigned):
            verify_detached(body, changed, [seal.certificate])
    with pytest.raises(NotSigned, match="another certificate"):
        verify_detached(BODY, signature, [seals["other"].certificate])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(signature=st.text(st.characters(codec=None), max_size=80) | st.from_regex(SHAPED, fullmatch=True))
def test_nonsense_is_refused_and_nothing_else_happens(seals: dict[str, Seal], signature: str) -> None:
    with pytest.raises(NotSigned):
        verify_detached(BODY, signature, [seals["p256"].certificate])


def test_the_snippet_of_the_page_verifies(seals: dict[str, Seal], tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/notifications.md").read_text(encoding="utf-8")
    (snippet,) = [block for block in page.split("```") if block.startswith("python\n") and "def verified" in block]
    certificate = tmp_path / "hub.cert.pem"
    certificate.write_bytes(_pem(seals["p256"]))
    names: dict[str, object] = {}
    source = snippet.removeprefix("python\n")
    assert len(source.splitlines()) <= 24
    exec(compile(source, "docs/notifications.md", "exec"), names)  # noqa: S102 - our own page
    body = b'{"subscription":"05","changes":[]}'
    signature = sign_detached(body, seals["p256"])
    verified = names["verified"]
    assert callable(verified)
    assert verified(body, signature, certificate, "05") == {"subscription": "05", "changes": []}
    for changed, given_signature, subscription in (
        (body + b" ", signature, "05"),
        (body, sign_detached(body, seals["other"]), "05"),
        (body, signature, "06"),
    ):
        with pytest.raises(Exception):  # noqa: B017 - of whatever kind the snippet raises
            verified(changed, given_signature, certificate, subscription)


def _pem(seal: Seal) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return seal.certificate.public_bytes(Encoding.PEM)
