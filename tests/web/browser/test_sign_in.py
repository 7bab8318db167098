"""Signing in, with a real browser."""

import pytest

from docaxis.web.state import Theme
from tests.web.browser.visitor import Visitors

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.broker, pytest.mark.slow]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_theme(visitors: Visitors, theme: Theme) -> None:
    visitor = await visitors.visitor("", "en", theme)
    await visitor.page.screenshot(path=f"/tmp/browser/pictures/sign-in-{theme}.png", full_page=True)
    assert await visitor.heading() == "Sign in"
    assert not visitor.complaints
