"""The second judgement: what the store knows turns a decision into what is written."""

from datetime import timedelta
from uuid import uuid4

import pytest

from docaxis.domain.verdict import Deferral, Reason, Rejection
from docaxis.hub.apply import Accept, Defer, Refuse, Repeat, apply
from docaxis.hub.decide import Accepted, Arrival, Decision, Deferred, Rejected, decide
from docaxis.hub.ports import Known, Recorded
from tests.simulator import Country

LIMIT = timedelta(hours=24)


@pytest.fixture(scope="module")
def country() -> Country:
    return Country()


@pytest.fixture(scope="module")
def arrival(country: Country) -> Arrival:
    return country.arrival(country.signed(country.envelope()))


@pytest.fixture(scope="module")
def accepted(country: Country, arrival: Arrival) -> Decision:
    decision = decide(arrival, country.snapshot)
    assert isinstance(decision, Accepted)
    return decision


def recorded(digest: str) -> Recorded:
    return Recorded(uuid4(), digest, "accepted", b"<Receipt/>")


def test_new_document_is_accepted(country: Country, arrival: Arrival, accepted: Decision) -> None:
    assert isinstance(apply(arrival, accepted, Known(), country.now, LIMIT), Accept)


def test_same_message_repeats_its_receipt_whatever_would_be_decided_now(country: Country, arrival: Arrival) -> None:
    known = Known(same_message=recorded(arrival.digest))
    outcome = apply(arrival, Rejected(Rejection(Reason.SIG_REVOKED)), known, country.now, LIMIT)
    assert isinstance(outcome, Repeat)
    assert not outcome.is_new_message


def test_known_bytes_under_a_new_message_id_repeat_the_receipt(
    country: Country, arrival: Arrival, accepted: Decision
) -> None:
    outcome = apply(arrival, accepted, Known(same_document=recorded(arrival.digest)), country.now, LIMIT)
    assert isinstance(outcome, Repeat)
    assert outcome.is_new_message


def test_same_id_with_other_content_is_refused(country: Country, arrival: Arrival, accepted: Decision) -> None:
    outcome = apply(arrival, accepted, Known(same_document=recorded("sha256:" + "0" * 64)), country.now, LIMIT)
    assert isinstance(outcome, Refuse)
    assert outcome.rejection.code is Reason.PKG_ID_CONFLICT


def test_refused_bytes_under_a_new_message_id_are_decided_again(country: Country, arrival: Arrival) -> None:
    rejected = Rejected(Rejection(Reason.RTE_ADDRESSEE_UNKNOWN, "X"))
    assert isinstance(apply(arrival, rejected, Known(), country.now, LIMIT), Refuse)


def test_missing_blob_defers_and_is_refused_after_the_limit(
    country: Country, arrival: Arrival, accepted: Decision
) -> None:
    known = Known(missing_blobs=("sha256:" + "1" * 64,))
    assert isinstance(apply(arrival, accepted, known, country.now, LIMIT), Defer)
    late = apply(arrival, accepted, known, country.now + LIMIT + timedelta(seconds=1), LIMIT)
    assert isinstance(late, Refuse)
    assert late.rejection.code is Reason.PKG_ATTACHMENT_MISSING


def test_claim_without_blob_is_refused_after_the_limit(country: Country, arrival: Arrival) -> None:
    deferred = Deferred(Deferral(Reason.PKG_ATTACHMENT_MISSING, "sha256:…"))
    assert isinstance(apply(arrival, deferred, Known(), country.now, LIMIT), Defer)
    assert isinstance(apply(arrival, deferred, Known(), country.now + LIMIT * 2, LIMIT), Refuse)
