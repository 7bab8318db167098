"""What one transaction writes: rows that agree with each other, answers that verify, repeats that add nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from docaxis.domain.verdict import Deferral, Reason, Rejection
from docaxis.hub.compose import compose
from docaxis.hub.decide import Accepted, Deferred, Rejected, decide
from docaxis.hub.ids import new_id
from docaxis.hub.judged import Judged
from docaxis.hub.ports import Known, LaneLoad
from docaxis.hub.scribe import Composed
from docaxis.hub.sequences import Sequences, SequencesShort
from docaxis.hub.window import Window
from docaxis.ledger.event import leaf_hash
from docaxis.trust.receipts import read_note, read_receipt
from tests.simulator import PROVINCES, Country, endpoint_of


class Numbers(Sequences):
    """Sequence numbers from 1 for every endpoint, without a store."""

    def __init__(self) -> None:
        self._free = {
            (endpoint_of(p), lane): [iter(range(1, 1000))] for p in PROVINCES for lane in ("normal", "urgent")
        }


@pytest.fixture(scope="module")
def country() -> Country:
    return Country()


def judged(country: Country, number: int, message_id: str = "", submission_id: UUID | None = None) -> Judged:
    arrival = country.arrival(country.signed(country.envelope(number=number)), message_id=message_id or f"m-{number}")
    one = Judged(arrival, decide(arrival, country.snapshot), submission_id)
    assert isinstance(one.decision, Accepted)
    return one


def composed(
    country: Country, *all_judged: Judged, known: Known | None = None, window: Window | None = None
) -> Composed:
    window = window or Window(1000, 10**9)
    facts = [known or Known()] * len(all_judged)
    return compose(all_judged, facts, country.settings(), Numbers(), window, country.now)


def test_rows_note_receipt_and_event_tell_the_same(country: Country) -> None:
    result = composed(country, judged(country, 1))
    batch = result.batch
    (document,), (submission,), (event,), (outgoing,) = (
        batch.documents,
        batch.submissions,
        batch.events,
        result.outgoing,
    )
    receipt = read_receipt(submission.receipt, country.hub.certificate)
    note = read_note(document.note, country.hub.certificate)
    assert document.document_key == submission.submission_id
    assert [row.organ_id for row in batch.deliveries] == list(PROVINCES)
    assert [one.organ_id for one in receipt.addressees] == list(PROVINCES)
    assert {e.endpoint: e.sequence for e in note.endpoints} == {row.endpoint: row.sequence for row in batch.deliveries}
    assert receipt.event_hash == event.leaf_hash.hex() == leaf_hash(event.canonical).hex()
    assert outgoing.targets == tuple(endpoint_of(p) for p in PROVINCES)
    assert outgoing.receipt == submission.receipt


def test_accepted_document_is_to_be_looked_at_when_it_is_due(country: Country) -> None:
    batch = composed(country, judged(country, 31)).batch
    (document,) = batch.documents
    ((key, kind, start_at, due_at),) = batch.deadlines
    assert (key, kind, start_at) == (document.document_key, "receipt", document.accepted_at)
    assert timedelta(0) < due_at - start_at < timedelta(days=14)


def test_event_holds_codes_and_salted_digests_but_no_content(country: Country) -> None:
    (event,) = composed(country, judged(country, 2)).batch.events
    told = json.loads(event.canonical)
    assert "thử nghiệm" not in event.canonical.decode()
    assert "2/QĐ-TTg" not in event.canonical.decode()
    assert told["kind"] == "document:accepted"


def test_second_of_two_equal_messages_in_a_batch_repeats_the_first(country: Country) -> None:
    one = judged(country, 3)
    result = composed(country, one, one)
    assert len(result.batch.documents) == len(result.batch.submissions) == 1
    assert [o.receipt for o in result.outgoing] == [result.batch.submissions[0].receipt] * 2


def test_known_bytes_under_a_new_id_are_recorded_with_the_first_receipt(country: Country) -> None:
    one = judged(country, 4)
    other = replace(one, arrival=replace(one.arrival, message_id="m-4-again"))
    result = composed(country, one, other)
    assert [row.outcome for row in result.batch.submissions] == ["accepted", "repeated"]
    assert len({row.receipt for row in result.batch.submissions}) == 1
    assert len(result.batch.deliveries) == len(PROVINCES)


def test_two_contents_under_one_document_id_in_a_batch_are_both_kept(country: Country) -> None:
    first = judged(country, 5)
    changed = country.arrival(country.signed(country.envelope(number=5, subject="Khác")), message_id="m-5b")
    result = composed(country, first, Judged(changed, decide(changed, country.snapshot)))
    assert [row.outcome for row in result.batch.submissions] == ["accepted", "rejected"]
    assert result.batch.submissions[1].code == "PKG.ID_CONFLICT"
    assert len(result.batch.packages) == 2


def test_full_window_lets_the_copy_wait_and_nobody_overtakes(country: Country) -> None:
    window = Window(1, 10**9)
    result = composed(country, judged(country, 6), judged(country, 7), window=window)
    assert [o.targets for o in result.outgoing] == [tuple(endpoint_of(p) for p in PROVINCES), ()]
    assert {row.state for row in result.batch.deliveries[len(PROVINCES) :]} == {"waiting"}
    window.refresh({endpoint_of("H01"): LaneLoad(0, 0, waiting=1)})
    assert not window.admit(endpoint_of("H01"), 1)
    assert window.admit(endpoint_of("H05"), 1)


def test_empty_window_takes_a_copy_of_any_size() -> None:
    window = Window(10, 100)
    assert window.admit("e", 1000)
    assert not window.admit("e", 1)


def test_refusal_writes_a_receipt_with_code_place_and_both_sentences(country: Country) -> None:
    arrival = country.arrival(b"<not a package/>", message_id="m-8")
    result = composed(country, Judged(arrival, Rejected(Rejection(Reason.PKG_NAMESPACE, "not"))))
    (row,) = result.batch.submissions
    assert (row.outcome, row.code) == ("rejected", "PKG.NAMESPACE")
    assert b'<Sentence lang="vi">' in row.receipt
    assert b'<Sentence lang="en">' in row.receipt
    assert result.batch.packages[0].body == b"<not a package/>"


def test_deferral_keeps_the_octets_and_says_when_it_is_tried_again(country: Country) -> None:
    arrival = country.arrival(country.signed(country.envelope(number=9)), message_id="m-9")
    result = composed(country, Judged(arrival, Deferred(Deferral(Reason.SIG_TRY_LATER))))
    (row,) = result.batch.submissions
    assert row.outcome == "deferred"
    assert row.retry_at == country.now + country.settings().retry
    assert result.batch.packages


def test_submission_decided_again_keeps_its_id_and_is_not_inserted_twice(country: Country) -> None:
    submission_id = new_id(country.now)
    result = composed(country, judged(country, 10, submission_id=submission_id))
    assert not result.batch.submissions
    assert [row.submission_id for row in result.batch.redecided] == [submission_id]
    assert result.batch.documents[0].document_key == submission_id


def test_submission_deferred_again_writes_nothing(country: Country) -> None:
    arrival = country.arrival(b"x", message_id="m-11")
    one = Judged(arrival, Deferred(Deferral(Reason.SIG_TRY_LATER)), new_id(country.now))
    result = composed(country, one)
    assert not result.outgoing
    assert not result.batch.redecided


def test_number_that_nobody_reserved_is_not_invented(country: Country) -> None:
    with pytest.raises(SequencesShort):
        Numbers().next("e-nobody", "normal")


def test_ids_sort_by_time(country: Country) -> None:
    assert new_id(country.now) < new_id(country.now.replace(year=2027))
    assert new_id(country.now).version == 7
