"""The pure decision: the good case, and one thing wrong at a time, each with its own code and place."""

from dataclasses import replace
from datetime import timedelta

import pytest

from docaxis.domain.envelope import Priority
from docaxis.domain.verdict import Reason
from docaxis.hub.decide import Accepted, Arrival, Deferred, Rejected, decide
from tests.simulator import PROVINCES, Country, endpoint_of


@pytest.fixture(scope="module")
def country() -> Country:
    return Country()


def rejected(country: Country, arrival: Arrival) -> Rejected:
    decision = decide(arrival, country.snapshot)
    assert isinstance(decision, Rejected), decision
    return decision


def test_signed_decision_goes_to_all_addressees(country: Country) -> None:
    decision = decide(country.arrival(country.signed(country.envelope())), country.snapshot)
    assert isinstance(decision, Accepted), decision
    assert [one.organ_id for one in decision.route.addressees] == list(PROVINCES)
    assert set(decision.route.copies) == {endpoint_of(p) for p in PROVINCES}
    assert "G22" in decision.signer.organ_ids


def test_body_changed_after_signing_is_rejected(country: Country) -> None:
    body = country.signed(country.envelope()).replace("thử nghiệm".encode(), "giả mạo!!!".encode())
    assert rejected(country, country.arrival(body)).rejection.code is Reason.SIG_HASH_FAILURE


def test_package_signed_by_another_agency_is_rejected(country: Country) -> None:
    body = country.signed(country.envelope(), signer="H01")
    assert rejected(country, country.arrival(body)).rejection.code is Reason.SIG_SIGNER_MISMATCH


def test_package_from_an_endpoint_that_does_not_serve_the_sender_is_rejected(country: Country) -> None:
    arrival = country.arrival(country.signed(country.envelope()), endpoint=endpoint_of("H01"))
    found = rejected(country, arrival).rejection
    assert found.code is Reason.RTE_SENDER_NOT_SERVED
    assert found.at.path.endswith("From/OrganId")


def test_urgent_document_in_the_normal_lane_is_rejected(country: Country) -> None:
    body = country.signed(country.envelope(priority=Priority.IMMEDIATE))
    found = rejected(country, country.arrival(body)).rejection
    assert found.code is Reason.PKG_LANE_MISMATCH
    assert found.at.path.endswith("OtherInfo/Priority")


def test_urgent_document_in_the_urgent_lane_is_accepted(country: Country) -> None:
    body = country.signed(country.envelope(priority=Priority.IMMEDIATE))
    assert isinstance(decide(country.arrival(body, lane="urgent"), country.snapshot), Accepted)


@pytest.mark.parametrize("message_id", ["", "x" * 256])
def test_message_without_a_usable_id_is_rejected(country: Country, message_id: str) -> None:
    arrival = country.arrival(country.signed(country.envelope()), message_id=message_id)
    assert rejected(country, arrival).rejection.code is Reason.PKG_MESSAGE_ID_MISSING


def test_message_with_carbon_copies_is_rejected(country: Country) -> None:
    arrival = replace(country.arrival(country.signed(country.envelope())), has_carbon_copies=True)
    assert rejected(country, arrival).rejection.code is Reason.PKG_CARBON_COPY


def test_unknown_addressee_names_every_unknown_one(country: Country) -> None:
    found = rejected(country, country.arrival(country.signed(country.envelope(to=["H01", "X99", "Y98"])))).rejection
    assert found.code is Reason.RTE_ADDRESSEE_UNKNOWN
    assert "X99" in found.detail
    assert "Y98" in found.detail
    assert "To[2]" in found.at.path


def test_expired_and_future_certificates_are_told_apart(country: Country) -> None:
    arrival = country.arrival(country.signed(country.envelope()))
    long_ago = replace(arrival, received_at=country.now - timedelta(days=3650))
    assert rejected(country, long_ago).rejection.code is Reason.SIG_NOT_YET_VALID
    far_off = replace(arrival, received_at=country.now + timedelta(days=3650))
    assert rejected(country, far_off).rejection.code is Reason.SIG_EXPIRED


def test_stale_revocation_list_defers() -> None:
    country = Country()
    country.authority.write_crls(days=1)
    arrival = replace(
        country.arrival(country.signed(country.envelope())), received_at=country.now + timedelta(hours=25)
    )
    decision = decide(arrival, country.snapshot)
    assert isinstance(decision, Deferred), decision
    assert decision.deferral.code is Reason.SIG_TRY_LATER


def test_revoked_certificate_is_rejected_as_soon_as_the_list_says_so() -> None:
    country = Country()
    arrival = country.arrival(country.signed(country.envelope()))
    assert isinstance(decide(arrival, country.snapshot), Accepted)
    country.authority.revoke(country.issued("G22").certificate, reason="keyCompromise")
    country.authority.write_crls()
    assert rejected(country, arrival).rejection.code is Reason.SIG_REVOKED


def test_refusal_of_a_damaged_package_still_names_the_document(country: Country) -> None:
    body = country.signed(country.envelope(number=77)).replace("thử nghiệm".encode(), "giả mạo!!!".encode())
    header = rejected(country, country.arrival(body)).header
    assert header is not None
    assert header.document_id == "G22,2026/11/20,77/QĐ-TTg"
