"""A clerk's whole way over the real parts: from the form to the hub, to the other desk, into its register."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from aiohttp import CookieJar, FormData
from aiohttp.test_utils import TestClient, TestServer

from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.database import Database
from docaxis.backends.queries import Queries
from docaxis.backends.registry import Registry
from docaxis.desk.endpoint import CERTIFICATE_FILE, KEY_FILE
from docaxis.domain.calendar import day_of
from docaxis.web.desk import DESK
from docaxis.web.site import Site
from docaxis.wiring import utc_now
from docaxis.wiring.configured import world_of
from docaxis.wiring.pages import pages_app
from docaxis.wiring.parts import Parts
from tests.axis import Axis
from tests.desk.letters import PDF
from tests.waiting import eventually
from tests.web.desk import ORIGIN, Clock, Desk

pytestmark = pytest.mark.broker


@pytest.fixture
async def pages(axis: Axis) -> AsyncIterator[Desk]:
    """All pages over the hub's own database, with the web endpoints of G22 and H01."""
    ground, clock = axis.ground, Clock(utc_now())
    config = ground.config(web={"endpoints_dir": ground.folder / "web"})
    async with AsyncExitStack() as stack:
        database = Database(ground.database_url)
        stack.push_async_callback(database.close)
        world = world_of(config, Registry(database.engine))
        await world.load()
        site = Site("docaxis", ORIGIN, clock, lambda: world.snapshot.directory, lambda: world.snapshot.policy)
        queries = await stack.enter_async_context(Queries(ground.database_url))
        clerk = await stack.enter_async_context(ClerkQueries(ground.database_url))
        parts = Parts(config, ground.database_url, b"k" * 32, site, database, queries, clerk, world, clock, stack)
        app = await pages_app(parts)
        client = await stack.enter_async_context(TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)))

        async def served() -> bool:
            return all(app[DESK].serves(organ_id) for organ_id in ("G22", "H01"))

        await eventually("the web endpoints", served)
        yield Desk(client, app, database, ground.database_url, clock)


def written(desk: Desk, **changed: str) -> FormData:
    """Return the form of a whole document to H01, with one file and the button pressed."""
    fields = {
        "csrf": desk.form_token, "kind": "new", "number": "12", "notation": "CV-VP", "subject": "V/v đầu mối web",
        "promulgated_on": day_of(desk.clock.at).strftime("%d/%m/%Y"), "type_name": "Công văn", "priority": "0",
        "to": "H01", "send": "1",
    } | changed  # fmt: skip
    form = FormData(quote_fields=False)
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("files", PDF, filename="Công văn.pdf", content_type="application/pdf")
    return form


async def test_from_the_form_to_the_other_agencys_register(axis: Axis, pages: Desk) -> None:
    await pages.sign_in("clerk", "G22")
    draft = f"/compose/{uuid4()}"
    done = await pages.post(f"{draft}/step", written(pages))
    assert done.status == 303, done.text

    async def decided() -> str:
        answer = await pages.get(f"{draft}/sent")
        return answer.location if answer.location.startswith("/documents/") else ""

    document = await eventually("the hub's decision", decided)
    assert "12/CV-VP" in (await pages.get(document)).text
    # The number is taken now, on the page and at the hub.
    again = await pages.post(f"/compose/{uuid4()}/step", written(pages))
    assert again.status == 422
    assert "đã dùng trong năm" in again.text

    await eventually("status 01", lambda: axis.ground.count("submissions WHERE sender = 'H01'"))
    await pages.sign_in("clerk", "H01")
    page = await pages.get("/register")
    assert "V/v đầu mối web" in page.text
    key = document.rpartition("/")[2].replace("-", "")
    assert (await pages.post("/register/enter", [("key", key)])).location == "/register?done=1"
    page = await pages.get(f"/compose?reply={document.rpartition('/')[2]}")
    assert "Soạn văn bản trả lời" in page.text


async def test_what_the_hub_refuses_comes_back_to_the_form(axis: Axis, pages: Desk) -> None:
    # Another agency's key and certificate are put into the folder: only the hub can see that this is wrong.
    stranger, folder = axis.country.issued("H05"), axis.ground.folder / "web" / "e-g22"
    (folder / KEY_FILE).write_bytes(stranger.key_pem())
    (folder / CERTIFICATE_FILE).write_bytes(stranger.certificate_pem())
    await pages.sign_in("clerk", "G22")

    async def refused() -> str:
        # Until the desk has seen the new files, a document may still be taken.
        draft = f"/compose/{uuid4()}"
        answer = await pages.post(f"{draft}/step", written(pages, number=str(uuid4().int % 10**6)))
        return (await pages.get(draft)).text if answer.location == draft else ""

    page = await eventually("a refusal", refused)
    assert "Chưa được chấp nhận" in page
    assert "SIG." in page
