"""Who is connected: agencies and endpoints in docaxis' registry, and a made directory of many more agencies."""

import secrets

from docaxis.backends.database import Database
from docaxis.backends.migrate import upgrade
from docaxis.backends.registry import Registry
from docaxis.domain.directory_csv import read_agencies
from docaxis.wiring import utc_now
from tests.bench.routing_speed import directory_text
from tests.simulator import PROVINCES, SENDER, Country, endpoint_of

CONNECTED = (SENDER, *PROVINCES)


def tokens() -> dict[str, str]:
    """Return endpoint → the random part of its queues' names, for those that have no registry."""
    return {endpoint_of(organ_id): secrets.token_hex(16) for organ_id in CONNECTED}


async def register(url: str, agencies: int = 0) -> dict[str, str]:
    """Make docaxis' tables and enter agencies and endpoints, with about so many more; returns endpoint → queue token."""
    await upgrade(url)
    database = Database(url)
    registry = Registry(database.engine)
    known = Country(now=utc_now()).directory.agencies
    await registry.import_agencies(known.values())
    if agencies:
        made = [one for one in read_agencies(directory_text()) if one.organ_id not in known][:agencies]
        await registry.import_agencies(made)
    for organ_id in CONNECTED:
        await registry.add_endpoint(endpoint_of(organ_id), organ_id, utc_now())
        await registry.connect(endpoint_of(organ_id), [organ_id])
    found = {one.endpoint_id: one.queue_token for one in await registry.endpoints()}
    await database.close()
    return found
