"""The figures against the recount, where the hub's own code has written rows and events."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.flows import earlier_document, recalling, status_of
from docaxis.backends.database import Database
from docaxis.backends.engine import open_reader
from docaxis.backends.statistics.figures import Figures
from docaxis.backends.store import SqlStore
from docaxis.domain.calendar import day_of
from docaxis.domain.envelope import Business, Organization
from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import EVERYBODY, By
from docaxis.domain.period import Period, Unit
from docaxis.domain.status import StatusCode
from docaxis.edxml.status_writer import write_status
from docaxis.edxml.writer import write_envelope
from docaxis.hub.compose import compose
from docaxis.hub.decide import decide
from docaxis.hub.judged import Judged
from docaxis.hub.window import Window
from docaxis.trust.signing import sign_package
from tests.integration.test_statistics import check_copies, check_documents, check_refusals, key_of, recount_of
from tests.simulator import PROVINCES, Country, endpoint_of
from tests.unit.hub.test_compose import Numbers

TO = PROVINCES[:3]


class Desk:
    """Brings packages to the store as intake does, each a while after the one before; two copies fit into an inbox."""

    def __init__(self, store: SqlStore) -> None:
        self.country, self.store = Country(), store
        self.now = self.country.now
        self.numbers, self.window = Numbers(), Window(2, 10**9)
        self.brought = 0

    async def bring(self, body: bytes, endpoint: str = "") -> str:
        self.now += timedelta(minutes=7)
        self.brought += 1
        arrival = self.country.arrival(body, endpoint, f"m-{self.brought}")
        arrival = replace(arrival, received_at=self.now - timedelta(seconds=1))
        one = Judged(arrival, decide(arrival, self.country.snapshot))
        batch = await self.store.commit(
            [one.key],
            lambda known: compose([one], known, self.country.settings(), self.numbers, self.window, self.now).batch,
        )
        return batch.submissions[0].code or batch.submissions[0].outcome

    async def report(self, number: int, code: StatusCode, organ_id: str) -> str:
        original = self.country.envelope(number, TO)
        earlier = earlier_document(original.header.document_id, original=original)
        status = status_of(earlier, code, Organization(organ_id), self.now, reason="Không thuộc thẩm quyền")
        issued = self.country.issued(organ_id)
        signed = sign_package(write_status(status), issued.key, issued.chain)
        assert isinstance(signed, bytes)
        return await self.bring(signed, endpoint_of(organ_id))


@pytest.fixture
async def reader(database: Database, database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_reader(database_url, 1)
    yield engine
    await engine.dispose()


async def test_what_the_hub_writes_is_counted_alike(store: SqlStore, database: Database, reader: AsyncEngine) -> None:
    desk = Desk(store)
    country = desk.country
    papered = replace(country.envelope(2, TO), business=Business(paper="1"))
    first = country.signed(country.envelope(1, TO))
    for body in (first, country.signed(papered), country.signed(country.envelope(3, TO))):
        assert await desk.bring(body) == "accepted"
    assert await desk.bring(first) == "repeated"
    assert await desk.bring(write_envelope(country.envelope(4, TO))) == "SIG.MISSING"
    for number, code, organ_id in (
        (1, StatusCode.ARRIVED, TO[0]),
        (1, StatusCode.ACCEPTED, TO[0]),
        (2, StatusCode.ACCEPTED, TO[1]),
        (2, StatusCode.ARRIVED, TO[1]),
        (1, StatusCode.FINISHED, TO[0]),
        (2, StatusCode.REFUSED, TO[2]),
    ):
        assert await desk.report(number, code, organ_id) == "accepted"
    assert await desk.report(1, StatusCode.ARRIVED, PROVINCES[5]) == "FLW.NOT_ADDRESSEE"
    recall = recalling(country.envelope(3, TO), "Sai ngày họp")
    assert await desk.bring(country.signed(recall)) == "accepted"

    today = day_of(country.now)
    period = Period.containing(today, Unit.MONTH)
    figures = Figures(reader, country.directory, (), today)
    recount = await recount_of(reader, country.directory)
    for by in By:
        measures = await figures.measure(INDICATORS, [period], by)
        found = {(one.indicator, one.key, one.part): one for one in measures}
        key = key_of(country.directory, by, EVERYBODY)
        if by is not By.LEVEL:  # this store has no agencies, so that it knows no levels
            check_documents(found, recount, period, key)
            check_copies(found, recount, period, key)
    total = {(one.indicator, one.part): one for one in await figures.measure(INDICATORS, [period])}
    check_refusals({(name, "", part): one for (name, part), one in total.items()}, recount, period)
    assert total["sent", ""].numerator == 3
    assert (total["electronic", ""].numerator, total["electronic", ""].denominator) == (2, 3)
    assert (total["received", ""].numerator, total["received", ""].open_items) == (6, {"gone": 3})
    assert total["answered-on-time", ""].numerator == 3
    assert total["time-arrived-to-taken", ""].median_us == 7 * 60 * 10**6
    assert total["refused", "FLW.NOT_ADDRESSEE"].numerator == 1
