"""A hub at work on a real broker, and a desk with web endpoints for some of its agencies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.endpoint_leases import EndpointLeases
from docaxis.backends.queries import Queries
from docaxis.desk.archive import Archive
from docaxis.desk.desk import WebDesk
from docaxis.desk.endpoint import CERTIFICATE_FILE, KEY_FILE, SETTINGS_FILE, Shelf
from docaxis.hub.runner import end_all
from docaxis.wiring import utc_now
from tests.axis import Axis, lay_ground, serving
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

ON_THE_WEB = (SENDER, "H01")
LEASE_S = 1.5


@pytest.fixture(scope="session")
def country() -> Country:
    """Three agencies, two of which have no system of their own."""
    return Country(now=utc_now(), connected=(*ON_THE_WEB, "H05"))


@pytest.fixture
async def axis(country: Country, vhost: str, tmp_path: Path) -> AsyncIterator[Axis]:
    """A hub at work on SQLite, and a look at its queues."""
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground) as axis:
        for organ_id in ON_THE_WEB:
            write_folder(axis, organ_id)
        yield axis


def write_folder(axis: Axis, organ_id: str) -> Path:
    """Write the folder of a web endpoint as `docaxis endpoint web add` does, for the broker's administrator."""
    assert axis.config is not None
    endpoint = endpoint_of(organ_id)
    folder = axis.ground.folder / "web" / endpoint
    folder.mkdir(parents=True, exist_ok=True)
    issued = axis.country.issued(organ_id)
    (folder / KEY_FILE).write_bytes(issued.key_pem())
    (folder / CERTIFICATE_FILE).write_bytes(issued.certificate_pem())
    (folder / "hub.cert.pem").write_bytes(axis.country.hub.certificate_pem())
    (folder / "blob.token").write_text(axis.ground.bearers[endpoint])
    parts = urlsplit(axis.ground.broker_url)
    (folder / "broker.password").write_text(unquote(parts.password or ""))
    (folder / SETTINGS_FILE).write_text(
        f'[endpoint]\nid = "{endpoint}"\nqueue_token = "{axis.ground.tokens[endpoint]}"\n'
        f'[broker]\nurl = "amqp://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"\n'
        'password_file = "broker.password"\n'
        f'[hub]\nurl = "http://127.0.0.1:{axis.config.http.port}"\n'
        'certificate_file = "hub.cert.pem"\ntoken_file = "blob.token"\n'
        f'[signing]\norgan_id = "{organ_id}"\nkey_file = "{KEY_FILE}"\ncertificate_file = "{CERTIFICATE_FILE}"\n'
        '[state]\ndir = "state"\n'
    )
    return folder


@asynccontextmanager
async def desk_of(axis: Axis, holder: str = "web-1") -> AsyncIterator[WebDesk]:
    """Run a desk as one process of the pages does."""
    ground = axis.ground
    async with AsyncExitStack() as stack:
        database = Database(ground.database_url)
        stack.push_async_callback(database.close)
        queries = await stack.enter_async_context(Queries(ground.database_url))
        desk = WebDesk(
            Shelf(ground.folder / "web"),
            Archive(queries, database, FolderBlobs(ground.folder / "blobs")),
            EndpointLeases(database, holder, LEASE_S),
            name_of=lambda organ_id: f"Cơ quan {organ_id}",
            now=utc_now,
            package_bytes=32 * 1024 * 1024,
        )
        task = asyncio.create_task(desk.run())
        try:
            await eventually("the desk", lambda: _serves(desk))
            yield desk
        finally:
            await end_all([task])


async def _serves(desk: WebDesk) -> bool:
    return all(desk.serves(organ_id) for organ_id in ON_THE_WEB)


@pytest.fixture
async def desk(axis: Axis) -> AsyncIterator[WebDesk]:
    """A desk for G22 and H01."""
    async with desk_of(axis) as desk:
        yield desk
