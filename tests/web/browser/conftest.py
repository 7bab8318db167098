"""One world a run, one browser a process, in one loop: Playwright's connection belongs to the loop that opened it."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from docaxis.local.rabbitmq import find_rabbitmq
from docaxis.local.xmlsec import Program
from tests.services import DOWNLOADS, needed
from tests.web.browser.driven import opened
from tests.web.browser.visitor import Visitors
from tests.web.browser.world import World, shared


@pytest.fixture(scope="session")
def world(chromium: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demonstration with its pages; tests add to it and never take away."""
    assert chromium  # nothing is played where nobody can look
    needed("RabbitMQ", lambda: find_rabbitmq(DOWNLOADS))
    of_this_process = tmp_path_factory.getbasetemp()
    # pytest-xdist puts the folders of its processes side by side.
    of_this_run = of_this_process.parent if "PYTEST_XDIST_WORKER" in os.environ else of_this_process
    folder = of_this_run / "world"
    folder.mkdir(exist_ok=True)
    with shared(folder) as world:
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
