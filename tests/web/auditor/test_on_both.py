"""The questions of an auditor on both databases: the same entries in the same order, whatever the mandate."""

from collections.abc import AsyncIterator

import pytest

from docaxis.backends.auditor import cases, walk
from docaxis.backends.auditor.audit import Audit
from docaxis.backends.database import Database
from docaxis.backends.tables import events
from docaxis.domain.people import Mandate
from docaxis.hub.views.audit import Found, LogWanted
from docaxis.trust.certificate import fingerprint_of
from tests.schema import newest
from tests.simulator import Country
from tests.web.auditor.conftest import Log, over, write_log

ALL_DAYS = LogWanted(over().first_day, over().last_day)
WHOLE = 50
"""Rows a page, of which there are fewer."""


@pytest.fixture
async def written(database_url: str, country: Country) -> AsyncIterator[tuple[Log, Audit]]:
    await newest(database_url)
    database = Database(database_url)
    log = await write_log(database, country)
    async with Audit(database_url, database, None, lambda: country.snapshot) as audit:
        yield log, audit
    await database.close()


async def listed(audit: Audit, mandate: Mandate, wanted: LogWanted, limit: int) -> list[str]:
    """Return the kinds of all entries, page after page."""
    found: list[str] = []
    after = ""
    while True:
        page = await audit.entries(mandate, wanted, after, limit)
        assert len(page.rows) <= limit
        places = [row.event.leaf_index or 0 for row in page.rows]
        assert places == sorted(set(places), reverse=True)
        found += [row.event.kind for row in page.rows]
        after = page.following
        if not after:
            return found


@pytest.mark.parametrize("limit", [1, 2, WHOLE])
async def test_lists(written: tuple[Log, Audit], limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "WALKED", 3)
    monkeypatch.setattr(cases, "CASES_AT_ONCE", 2)
    _, audit = written
    assert await listed(audit, over(), ALL_DAYS, limit) == [
        "submission:rejected", "copies:fetched", "status:accepted", "status:accepted", "document:accepted",
        "document:accepted", "document:accepted",
    ]  # fmt: skip
    of_the_sender = ["submission:rejected", *["status:accepted"] * 2, *["document:accepted"] * 2]
    for mandate, wanted in (
        (over("G22"), of_the_sender),
        (over("G22", "H01", "H05"), of_the_sender),
        (over("H05"), of_the_sender[1:]),
    ):
        found = await listed(audit, mandate, ALL_DAYS, limit)
        # Document by document from page to page: only a page that holds them all is the log's own order.
        assert (found if limit == WHOLE else sorted(found, reverse=True)) == wanted
    assert await listed(audit, over("H12"), ALL_DAYS, limit) == ["document:accepted"]
    refused = LogWanted(ALL_DAYS.first, ALL_DAYS.last, "", ("status:accepted",), '"code":"02"')
    assert await listed(audit, over("G22"), refused, limit) == ["status:accepted"]
    assert await listed(audit, over(), refused, limit) == ["status:accepted"]
    assert await listed(audit, over("G22"), LogWanted(ALL_DAYS.first, ALL_DAYS.last, "H12"), limit) == []


async def test_many_agencies_are_walked_and_see_the_same(
    written: tuple[Log, Audit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docaxis.backends.auditor.scope.AGENCIES_APART_MAX", 0)
    _, audit = written
    assert sorted(await listed(audit, over("G22"), ALL_DAYS, 50)) == sorted(
        ["submission:rejected", "document:accepted", "status:accepted", "document:accepted", "status:accepted"]
    )
    assert await listed(audit, over("H12"), ALL_DAYS, 50) == ["document:accepted"]


async def test_texts(written: tuple[Log, Audit]) -> None:
    log, audit = written
    accepted = await log.event("document:accepted")
    (row,) = [row for row in await log.hub.rows(events) if row.event_id == accepted]
    certificate = log.country.issued("G22").certificate
    digest = (await log.digest("1")).removeprefix("sha256:")
    texts = {
        Found.NUMBER: "1/QĐ-TTg", Found.DOCUMENT_ID: "G22,2026/11/20,1/QĐ-TTg", Found.MESSAGE_ID: "m-1",
        Found.DIGEST: digest, Found.LEAF_HASH: row.leaf_hash.hex(), Found.EVENT_ID: accepted.hex,
        Found.SERIAL: f"{certificate.serial_number:x}", Found.LEAF_INDEX: "0",
        Found.FINGERPRINT: fingerprint_of(certificate).removeprefix("sha256:"),
    }  # fmt: skip
    for found, text in texts.items():
        rows = await audit.find(over("G22"), found, text)
        assert accepted in {one.event.event_id for one in rows} or found is Found.LEAF_INDEX, found
        assert not await audit.find(over("H99"), found, text), found
        assert await audit.find(over(), found, text)
    assert set(texts) == set(Found)


async def test_checks_and_past_acts(written: tuple[Log, Audit]) -> None:
    log, audit = written
    first, end = await audit.range_of(over().first_day, over().last_day)
    assert (first, end) == (0, 7)
    part = await audit.check(first, end)
    assert (part.entries, part.receipts, part.faults) == (7, 6, ())
    assert [fault.what for fault in (await audit.check(5, 9)).faults] == ["missing", "missing"]
    assert await audit.range_of(ALL_DAYS.last, ALL_DAYS.last) == (7, 7)
    for login in ("one", 'o"ne_%', "two"):
        await audit.record("export:evidence", log.hub.now, {"login": login})
    assert len(await audit.past("export:evidence")) == 3
    assert [one.body["login"] for one in await audit.past("export:evidence", 'o"ne_%')] == ['o"ne_%']
    assert await audit.past("log:verified") == []
    with pytest.raises(ValueError, match="document:accepted"):
        await audit.past("document:accepted")
