import pytest

from docaxis.domain.verdict import Rejection
from docaxis.edxml import reader, safety
from docaxis.trust import xmldsig
from tests.vectors.hostile import Vector, all_vectors


@pytest.mark.parametrize("vector", all_vectors(), ids=lambda vector: vector.name)
def test_a_hostile_package_is_refused_by_its_own_reason(vector: Vector):
    outcome: object = safety.parse(vector.body)
    if isinstance(outcome, safety.ParsedXml):
        parsed = outcome
        outcome = xmldsig.verify(parsed)
        if not isinstance(outcome, Rejection):
            outcome = reader.read_envelope(parsed)
    assert isinstance(outcome, Rejection), "accepted"
    assert outcome.code in vector.codes, outcome


@pytest.mark.parametrize("vector", all_vectors(), ids=lambda vector: vector.name)
def test_the_reader_alone_answers_anything_with_a_value_or_a_refusal(vector: Vector):
    parsed = safety.parse(vector.body)
    if isinstance(parsed, safety.ParsedXml):
        reader.read_envelope(parsed)
        xmldsig.verify_signature_only(parsed, None)
