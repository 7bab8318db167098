"""A hub and a web process on a real broker and database, as one test runs them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from docaxis.api.reference import PAGES
from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.database import Database
from docaxis.backends.queries import Queries
from docaxis.backends.registry import Registry
from docaxis.wiring import utc_now
from docaxis.wiring.api import put_api
from docaxis.wiring.configured import world_of
from docaxis.wiring.pages import Area, pages_app
from docaxis.wiring.parts import Parts
from docaxis.wiring.web import site_of
from tests.api.caller import Caller
from tests.axis import Axis
from tests.simulator import endpoint_of

ORIGIN = "http://api.test"


class Served:
    """The API of a ground: `caller(organ_id)` asks as the endpoint of an agency."""

    def __init__(self, axis: Axis, client: TestClient[web.Request, web.Application], database: Database) -> None:
        self.axis = axis
        self.client = client
        self.database = database

    async def caller(self, organ_id: str) -> Caller:
        """Register a key for an agency's endpoint."""
        made = Caller(self.client, endpoint_of(organ_id), ORIGIN, utc_now)
        await made.register(self.database)
        return made


@asynccontextmanager
async def api_of(axis: Axis) -> AsyncIterator[Served]:
    """Serve the API beside the hub of an axis."""
    config = axis.ground.config(web={"public_url": ORIGIN})
    url = axis.ground.database_url
    async with AsyncExitStack() as stack:
        database = Database(url)
        stack.push_async_callback(database.close)
        world = world_of(config, Registry(database.engine))
        await world.load()
        site = site_of(config, ORIGIN, utc_now, world)  # type: ignore[arg-type] # the time alone is asked for
        queries = await stack.enter_async_context(Queries(url))
        clerk = await stack.enter_async_context(ClerkQueries(url))
        parts = Parts(config, url, b"k" * 32, site, database, queries, clerk, world, utc_now, stack)
        app = await pages_app(parts, (Area(PAGES, put_api),))
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        yield Served(axis, client, database)
