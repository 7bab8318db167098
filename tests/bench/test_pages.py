"""The bench asks for every page there is, and adds up what it measures as it should; figures are not for tests."""

import os
import time
from itertools import chain
from uuid import UUID

import pytest

from docaxis.domain.people import Role
from tests.bench import page_addresses as pages
from tests.bench.live import _Reader
from tests.bench.page_keys import ClerkKeys, Keys
from tests.bench.page_meter import Meter
from tests.bench.page_rows import agencies

ONE = UUID(int=1)
ROW = {
    "document_key": ONE, "document_id": "VB-1", "digest": "sha256:1", "signer": "sha256:2", "code_number": "8712",
    "event_id": ONE, "leaf_index": 1, "leaf_hash": "00",
}  # fmt: skip
KEYS = Keys(ONE, ["mot"], ["hai"], ["8712/CĐ"], [ROW], [ROW], [ONE], ONE, [ONE])
ACTS = {name: [ONE] for name in ("accept", "refuse", "assign", "progress", "finish", "agree", "decline")}
CLERK = ClerkKeys([ONE], [ONE], [ONE], ACTS, [(ONE, "A0001")], [(ONE, ONE)], ONE, ONE, 2026)


def test_every_page_that_is_only_looked_at_is_asked_for_or_left_out_with_a_reason() -> None:
    asked = chain(
        pages.of_anybody(KEYS), *map(pages.of_role, Role), pages.of_clerk(KEYS, CLERK, "A0001", whole=True),
        pages.of_the_circular(KEYS), pages.of_auditor(KEYS, ["A0001"]), pages.of_operator(KEYS), pages.of_both(KEYS),
        pages.of_administrator(KEYS),
    )  # fmt: skip
    found = {one.page for one in asked}
    assert found | pages.LEFT_OUT.keys() == pages.PATHS.keys()
    assert not found & pages.LEFT_OUT.keys()


def test_an_address_has_its_parts_and_its_query() -> None:
    assert pages.address("register-entry", year=2026, number=7) == "/register/2026/7"
    assert pages.address("search", [("q", "ve viec")]) == "/search?q=ve+viec"
    with pytest.raises(KeyError):
        pages.address("document")


def test_the_agencies_lead_to_agencies_of_the_same_directory() -> None:
    made = {one.organ_id: one for one in agencies()}
    assert {one.parent for one in made.values()} <= made.keys() | {""}
    assert {one.level for one in made.values()} == {"central", "provincial", "communal"}


def test_the_meter_counts_what_this_process_does() -> None:
    meter = Meter(os.getpid())
    before, begun = meter.cpu_ms, time.process_time()
    while time.process_time() - begun < 0.05:
        pass
    assert meter.cpu_ms - before > 40


def test_a_change_that_comes_in_two_pieces_is_counted_once() -> None:
    reader = _Reader(b"")
    for piece in (b"event: ready\r\n", b"event: cha", b"nge\r\ndata: {}\r\n", b"event: change\r\n"):
        reader.data_received(piece)
    assert (reader.is_ready, reader.messages) == (True, 2)
