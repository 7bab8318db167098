"""From a one-time link to a password and a passkey, in a real browser with an authenticator of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from docaxis.backends.database import Database
from docaxis.backends.people.accounts import SqlAccounts
from docaxis.backends.people.passwords import Passwords
from docaxis.backends.people.reading import PeopleReading
from docaxis.domain.people import Person, Role
from docaxis.hub.ids import new_id
from docaxis.local.xmlsec import Program
from docaxis.web.people.link import make_link
from docaxis.wiring import utc_now
from docaxis.wiring.web import read_key, web_process
from tests.schema import newest
from tests.web.browser.driven import opened
from tests.web.conftest import config_in

pytestmark = pytest.mark.slow
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
PASSWORD = "con ngựa đúng pin ghim"


@pytest.fixture
async def first_link(tmp_path: Path) -> AsyncIterator[str]:
    """The pages of a web process, with an administrator who has a one-time link."""
    names = {"STORE__URL": "sqlite+aiosqlite:///docaxis.db", "WEB__PORT": "0", "WEB__METRICS_PORT": "0"}
    config = config_in(tmp_path, {f"DOCAXIS__{name}": value for name, value in names.items()})
    url = config.store.url.get_secret_value()
    await newest(url)
    person = Person(new_id(utc_now()), "quan-tri", "Lê Văn Quản", Role.ADMINISTRATOR)
    database = Database(url)
    async with PeopleReading(url) as reading:
        assert await SqlAccounts(database, reading, Passwords()).add(person, utc_now(), "test")
    await database.close()
    async with web_process(config, asyncio.Event()) as address:
        text, _ = make_link(read_key(config.hub.state_dir), person.person_id, utc_now())
        yield f"{address}/sign-in/link/{text}"


async def test_link_password_passkey(chromium: Program, first_link: str) -> None:
    async with opened(chromium) as browser:
        context = await browser.new_context(locale="vi-VN")
        page = await context.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        tools = await context.new_cdp_session(page)
        await tools.send("WebAuthn.enable")
        await tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

        await page.goto(first_link)
        await page.get_by_role("button", name="Vào tài khoản này").click()
        await page.get_by_label("Mật khẩu mới").fill(PASSWORD)
        await page.get_by_role("button", name="Đổi mật khẩu").click()
        await expect(page.get_by_text("Đã đổi mật khẩu.")).to_be_visible()
        await page.get_by_label("Tên của khóa mới").fill("máy bàn")
        await page.get_by_role("button", name="Tạo khóa truy cập").click()
        await expect(page.get_by_role("rowheader", name="máy bàn")).to_be_visible()
        await sign_out(page)

        await page.get_by_role("button", name="Dùng khóa truy cập").click()
        await expect(page.get_by_text("Lê Văn Quản").first).to_be_visible()
        await sign_out(page)

        await page.get_by_label("Tên đăng nhập").fill("quan-tri")
        await page.locator("#password").fill("sai mật khẩu này")
        await page.get_by_role("button", name="Đăng nhập", exact=True).click()
        await expect(page.get_by_text("Tên đăng nhập hoặc mật khẩu không đúng.")).to_be_visible()
        await page.locator("#password").fill(PASSWORD)
        await page.get_by_role("button", name="Đăng nhập", exact=True).click()
        await expect(page.get_by_text("Lê Văn Quản").first).to_be_visible()
        await context.close()
    assert [one for one in wrong if "422" not in one] == []


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Đăng xuất").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
