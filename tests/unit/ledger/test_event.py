"""Events: the canonical form is RFC 8785, judged by the package of that name; the hashes are RFC 6962's."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from docaxis.ledger.event import INTEGER_MAX, Event, canonical, canonical_json, commitment, leaf_hash

AT = datetime(2026, 11, 21, 8, 0, 0, 120, tzinfo=UTC)
awkward = st.sampled_from('\x00\x1f\b\f\n\r\t"\\/\x7f\u2028\ue000\uffff\U00010000\U0001f600\xe9')
characters = st.characters(exclude_categories=["Cs"]) | awkward
texts = st.text(characters, max_size=8)
scalars = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=5), max_leaves=20
)


@given(values)
def test_equal_to_rfc8785(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


def test_keys_are_in_utf16_order() -> None:
    assert canonical_json({"\ue000": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ue000":1}'.encode()


class Word(StrEnum):
    REFUSED = "PKG.EMPTY"


def test_an_event() -> None:
    event = Event("0a", "document:accepted", AT, {"to": ("H41", "G22"), "code": Word.REFUSED, "n": 2})
    assert canonical(event) == (
        b'{"at":"2026-11-21T08:00:00.000120Z","body":{"code":"PKG.EMPTY","n":2,"to":["H41","G22"]},'
        b'"event_id":"0a","kind":"document:accepted"}'
    )


def test_one_moment_has_one_form() -> None:
    local = AT.astimezone(timezone(timedelta(hours=7)))
    assert canonical(Event("1", "a:b", AT, {})) == canonical(Event("1", "a:b", local, {}))
    with pytest.raises(ValueError, match="aware"):
        canonical(Event("1", "a:b", AT.replace(tzinfo=None), {}))


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, -(2**53), {1: 2}, b"x", {1, 2}, AT, "\ud800", {"\ud800": 1}]
)
def test_outside_the_subset(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical_json({"deep": [value]})


def test_hashes() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    salt = bytes(range(16))
    assert commitment(salt, "số 1") == "sha256:" + hashlib.sha256(salt + "số 1".encode()).hexdigest()
    with pytest.raises(ValueError, match="16"):
        commitment(b"short", "x")
