"""The plain hub refuses what docaxis refuses at first sight, and the floor does the mathematics that it is paid for."""

from typing import Any

import pytest

from docaxis.edxml.schema import schema_folder
from docaxis.wiring import utc_now
from tests.bench.floor import Floor
from tests.bench.plain import Hub, Refused
from tests.simulator import PROVINCES, SENDER, Country, endpoint_of
from tests.vectors.judges import xmlsec_accepts


@pytest.fixture(scope="module")
def country() -> Country:
    # Real time: the plain hub looks at no other clock.
    return Country(now=utc_now())


@pytest.fixture(scope="module")
def outline(country: Country) -> dict[str, Any]:
    country.hub.write(country.folder / "seal")
    country.issued(SENDER).write(country.folder / "sender")
    (authority,) = (country.folder / "anchors").iterdir()
    return {
        "store_url": "postgresql+asyncpg://nobody@localhost/nothing",
        "authority": str(authority),
        "crls": str(country.folder / "crls"),
        "schema": str(schema_folder() / "edxml.rng"),
        "hub_key": str(country.folder / "seal.key.pem"),
        "hub_certificate": str(country.folder / "seal.cert.pem"),
        "sender_certificate": str(country.folder / "sender.cert.pem"),
        "inboxes": {organ_id: {"endpoint": endpoint_of(organ_id), "queue": organ_id} for organ_id in PROVINCES},
    }


def test_plain_reads_a_package_and_signs_receipts_that_hold(country: Country, outline: dict[str, Any]):
    hub = Hub(outline)
    letter = hub.read(country.signed(country.envelope(7)))
    assert (letter.sender, letter.addressees) == (SENDER, list(PROVINCES))
    assert xmlsec_accepts(hub.sign_receipt({"Outcome": "accepted"}), country.hub.chain[0])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda c: c.signed(c.envelope(1)).replace(b"QCVN", b"QCVM"), "(?i)expect"),
        (lambda c: c.signed(c.envelope(1)).replace("thử nghiệm".encode(), "thử nghiện".encode()), "igest"),
        (lambda c: c.signed(c.envelope(1), signer="G12"), "another agency"),
        (lambda c: c.signed(c.envelope(1, to=["H99"])), "unknown addressees"),
    ],
)
def test_plain_refuses(country: Country, outline: dict[str, Any], wrong: Any, why: str):
    with pytest.raises(Refused, match=why):
        Hub(outline).read(wrong(country))


def test_the_floor_verifies_and_its_receipts_hold(country: Country, outline: dict[str, Any]):
    floor = Floor(outline)
    package = country.signed(country.envelope(7))
    digest, document_id, _ = floor.verified(package)
    assert document_id == f"{SENDER},2026/11/20,7/QĐ-TTg"
    receipt = floor.receipt("0" * 32, "m-1", digest, document_id, country.now)
    assert xmlsec_accepts(receipt, country.hub.chain[0])
    with pytest.raises(ValueError, match="digest"):
        floor.verified(package.replace("thử nghiệm".encode(), "thử nghiện".encode()))
