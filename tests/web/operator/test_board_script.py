"""The board in a real browser: its figures move by themselves, stand still when paused, and nothing breaks the policy."""

from dataclasses import replace

from playwright.async_api import expect

from docaxis.local.xmlsec import Program
from tests.web.browser.driven import opened
from tests.web.desk import Desk
from tests.web.operator.rows import FakeOperation


async def test_the_board_follows_the_exchange_until_it_is_paused(
    desk: Desk, operation: FakeOperation, chromium: Program
) -> None:
    await desk.sign_in("operator")
    base = str(desk.client.make_url("/")).rstrip("/")
    async with opened(chromium) as browser:
        context = await browser.new_context(locale="vi-VN")
        await context.add_cookies([{"name": "docaxis", "value": desk.cookie("docaxis"), "url": base}])
        page = await context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        await page.clock.install()
        await page.goto(f"{base}/board")
        strip = page.locator(".figures").first
        await expect(strip).to_contain_text("84,2")

        operation.now = replace(operation.now, accepted_rate=91.5)
        await page.clock.run_for(5_000)
        await expect(strip).to_contain_text("91,5")

        await page.get_by_role("button", name="Tạm dừng").click()
        operation.now = replace(operation.now, accepted_rate=12.3)
        await page.clock.run_for(20_000)
        await expect(strip).to_contain_text("91,5")
        await page.get_by_role("button", name="Đo tiếp").click()
        await page.clock.run_for(5_000)
        await expect(strip).to_contain_text("12,3")

        # Whoever has put the focus on a link of a row keeps it.
        await page.get_by_role("link", name="Hộp thư Xã Ea Súp").focus()
        operation.now = replace(operation.now, accepted_rate=77.7)
        await page.clock.run_for(10_000)
        await expect(strip).to_contain_text("12,3")
        assert said == []
