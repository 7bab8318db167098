"""One world and one browser a session, in one loop: Playwright's connection belongs to the loop that opened it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from docaxis.local.rabbitmq import find_rabbitmq
from docaxis.local.xmlsec import Program
from tests.services import DOWNLOADS, needed
from tests.web.browser.driven import opened
from tests.web.browser.visitor import Visitors
from tests.web.browser.world import World, played


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(chromium: Program, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The demonstration with its pages; tests add to it and never take away."""
    assert chromium  # nothing is played where nobody can look
    needed("RabbitMQ", lambda: find_rabbitmq(DOWNLOADS))
    async with played(tmp_path_factory.mktemp("browser") / "demo", DOWNLOADS) as world:
        yield world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Program) -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with opened(chromium) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(world: World, browser: Browser) -> AsyncIterator[Visitors]:
    """Gives pages to people who have signed in; closed with the test."""
    visitors = Visitors(browser, world.address)
    yield visitors
    await visitors.close()
