"""Signing in and out, with a real browser."""

import re

import pytest
from playwright.async_api import expect

from docaxis.web.state import Theme
from docaxis.web.words import text
from docaxis.web.written import Language
from tests.web.browser.visitor import Visitors

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.timeout(900),  # the first one waits for the world
]


@pytest.mark.parametrize(("language", "theme"), [("vi", "light"), ("en", "dark")])
async def test_somebody_comes_and_goes(visitors: Visitors, language: Language, theme: Theme) -> None:
    visitor = await visitors.visitor("van-thu-xa", language, theme)
    page = visitor.page
    assert await page.evaluate("document.documentElement.dataset.theme") == theme
    assert await page.evaluate("document.documentElement.lang") == language
    await page.get_by_role("button", name=text(language, "Đăng xuất")).first.click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await visitor.go("/sent")
    await expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    assert not visitor.complaints


async def test_a_language_is_one_click_away_and_stays(visitors: Visitors) -> None:
    visitor = await visitors.visitor("", "vi")
    await visitor.page.get_by_role("link", name="English").click()
    await expect(visitor.page.locator("h1")).to_have_text(text("en", "Đăng nhập"))
    await visitor.go("/help")
    assert await visitor.page.evaluate("document.documentElement.lang") == "en"


async def test_without_scripts_one_signs_in_too(visitors: Visitors) -> None:
    visitor = await visitors.visitor("van-thu-bo", scripts=False)
    await expect(visitor.page.locator("h1")).to_contain_text(re.compile(r"\d+ việc"))
