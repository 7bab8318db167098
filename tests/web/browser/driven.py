"""Chromium driven through Playwright: as the tests of the pages and the maker of pictures open it."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from playwright.async_api import Browser, async_playwright

from docaxis.local.xmlsec import Program

_LIBRARIES = "LD_LIBRARY_PATH"


@asynccontextmanager
async def opened(chromium: Program) -> AsyncIterator[Browser]:
    """Open a browser; it is closed with all its pages at the end of the block."""
    program, *flags = chromium.argv
    with _libraries_of(chromium):
        playwright = await async_playwright().start()
    try:
        browser = await playwright.chromium.launch(executable_path=program, args=flags, env={**chromium.environment})
        yield browser
        await browser.close()
    finally:
        await playwright.stop()


@contextmanager
def _libraries_of(chromium: Program) -> Iterator[None]:
    """Let what is started meanwhile find the libraries that were fetched: Playwright's Node.js takes ours alone."""
    before = os.environ.get(_LIBRARIES)
    if libraries := chromium.environment.get(_LIBRARIES):
        os.environ[_LIBRARIES] = libraries
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_LIBRARIES, None)
        else:
            os.environ[_LIBRARIES] = before
