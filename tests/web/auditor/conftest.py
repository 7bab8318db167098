"""A log that a hub has written: two documents, a refusal of the hub, a refusal of an addressee, a copy taken and a missed day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from docaxis.backends.database import Database
from docaxis.backends.store import SqlStore
from docaxis.backends.tables import documents, events, log_entries, submissions
from docaxis.config import Config
from docaxis.domain.people import Mandate
from docaxis.hub.acts import act
from docaxis.hub.ports import FetchRange
from docaxis.hub.sequencer import LEASE_NAME
from docaxis.hub.withdrawals import fetched_event
from tests.integration.flow_hub import FlowHub
from tests.simulator import Country, endpoint_of
from tests.web.conftest import config_in
from tests.web.desk import Desk

MANDATE = Mandate("QĐ 88/QĐ-TTCP", date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 31), frozenset({"G22"}))
"""Over the sender of everything here, this month."""


@pytest.fixture(scope="session")
def country() -> Country:
    return Country()


@pytest.fixture
def desk_config(tmp_path: Path, country: Country) -> Config:
    folder = country.folder
    return config_in(
        tmp_path,
        {
            "DOCAXIS__WEB__TEST_DATA": "true",
            "DOCAXIS__TRUST__ANCHORS_DIR": str(folder / "anchors"),
            "DOCAXIS__TRUST__INTERMEDIATES_DIR": str(folder / "intermediates"),
            "DOCAXIS__TRUST__CRLS_DIR": str(folder / "crls"),
        },
    )


@dataclass
class Log:
    """A hub that writes into the desk's database; see the head of this file for what is in it."""

    hub: FlowHub
    country: Country

    async def number(self) -> None:
        """Give all entries their places."""
        store = self.hub.store
        fence = await store.take_lease(LEASE_NAME, "test", self.hub.now, 60)
        assert fence is not None
        while await store.append_log(fence, 100):
            pass

    async def event(self, kind: str, number: int = 0) -> UUID:
        """Return an event by its kind, the first one unless told otherwise."""
        rows = await self.hub.rows(events, events.c.at, events.c.event_id)
        return UUID(str([row.event_id for row in rows if row.kind == kind][number]))

    async def index_of(self, event_id: UUID) -> int:
        """Return an event's place."""
        (row,) = [row for row in await self.hub.rows(log_entries) if row.event_id == event_id]
        return int(row.leaf_index)

    async def key(self, number: str) -> UUID:
        """Return a document's key by its number."""
        (row,) = [row for row in await self.hub.rows(documents) if row.code_number == number]
        return UUID(str(row.document_key))

    async def digest(self, number: str) -> str:
        """Return the digest of a document's package."""
        (row,) = [row for row in await self.hub.rows(documents) if row.code_number == number]
        return str(row.digest)


async def write_log(database: Database, country: Country) -> Log:
    """Let a hub write."""
    hub = FlowHub(country, database, SqlStore(database))
    one, two = (f"G22,2026/11/20,{number}/QĐ-TTg" for number in (1, 2))
    later = timedelta(minutes=1)
    await hub.send(1, ("H01", "H05"))
    hub.now += later
    await hub.send(2, ("H05",))
    hub.now += later
    await hub.take(hub.package(country.envelope(3, ("H12",), sender="G12")))
    hub.now += later
    await hub.take(hub.status("01", "H01", "G22", one))
    hub.now += later
    await hub.take(hub.status("02", "H05", "G22", two))
    hub.now += later
    taken = [FetchRange(endpoint_of("H01"), "normal", 1, 1)]
    await hub.store.fetched(taken, hub.now, lambda fresh: act("copies:fetched", hub.now, fetched_event(fresh)))
    hub.now += later
    body = country.signed(country.envelope(4, ("H01",)))
    await hub.take(hub.judged(body.replace("Về việc".encode(), "Về chuyện".encode(), 1), "G22"))
    log = Log(hub, country)
    await log.number()
    return log


@pytest.fixture
async def log(desk: Desk, country: Country) -> Log:
    written = await write_log(desk.database, country)
    refused = [row for row in await written.hub.rows(submissions) if row.outcome == "rejected"]
    assert len(refused) == 1
    return written


def over(*agencies: str, first: date = MANDATE.first_day, last: date = MANDATE.last_day) -> Mandate:
    """Return a mandate of these agencies (none: of all)."""
    return replace(MANDATE, agencies=frozenset(agencies), first_day=first, last_day=last)
