"""Writing and sending in a browser, with scripts and without: the same document goes out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from docaxis.local.xmlsec import Program
from tests.integration.clerk_rows import World
from tests.web.browser.driven import opened
from tests.web.compose.conftest import SIGNED_PDF, FakeDesk
from tests.web.desk import ORIGIN, Desk

HOST = urlsplit(ORIGIN).hostname


@asynccontextmanager
async def seated(desk: Desk, chromium: Program, *, scripts: bool) -> AsyncIterator[Page]:
    """Sit down before a browser as the clerk who has signed in."""
    port = desk.client.port
    mapped = Program((*chromium.argv, f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}"), chromium.environment)
    async with opened(mapped) as browser:
        context = await browser.new_context(java_script_enabled=scripts, locale="vi-VN")
        await context.add_cookies([{"name": "docaxis", "value": desk.cookie("docaxis"), "url": ORIGIN}])
        yield await context.new_page()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_a_clerk_writes_and_sends(
    desk: Desk, fake: FakeDesk, chromium: Program, tmp_path: Path, scripts: bool
) -> None:
    (tmp_path / "Công văn 12.pdf").write_bytes(SIGNED_PDF)
    await desk.sign_in("clerk", "G22")
    async with seated(desk, chromium, scripts=scripts) as page:
        await page.goto(f"{ORIGIN}/compose")
        # Sent too early: the page says what is missing, and nothing that was typed is lost.
        await page.fill("#number", "12")
        await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.get_by_text("Chưa ghi trích yếu").first).to_be_visible()
        await expect(page.locator("#number")).to_have_value("12")
        await page.fill("#notation", "CV-VP")
        await page.fill("#subject", "V/v kiểm tra đê điều")
        await page.fill("#find", "an giang")
        if scripts:
            await expect(page.get_by_label("Ủy ban nhân dân tỉnh An Giang")).to_be_visible()
            await page.press("#find", "ArrowDown")
            await expect(page.locator("#found input:focus")).to_have_count(1)
        else:
            await page.get_by_role("button", name="Tìm", exact=True).last.click()
        await page.get_by_label("Ủy ban nhân dân tỉnh An Giang").check()
        await page.set_input_files("#files", tmp_path / "Công văn 12.pdf")
        await page.get_by_role("button", name="Tải tệp lên").click()
        await expect(page.get_by_text("Tệp có chữ ký số, trục chưa kiểm", exact=True)).to_be_visible()
        await expect(page.locator("#subject")).to_have_value("V/v kiểm tra đê điều")
        if scripts:
            found = (await Axe().run(page)).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        await page.get_by_role("button", name="Gửi tới 1 nơi nhận").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("trục chưa trả lời")
    (letter,) = fake.letters
    assert (letter.number, letter.notation, letter.subject) == ("12", "CV-VP", "V/v kiểm tra đê điều")
    assert letter.to == ("H01",)
    assert [(one.name, one.size_bytes) for one in letter.files] == [("Công văn 12.pdf", len(SIGNED_PDF))]


async def test_a_clerk_registers_and_prints(desk: Desk, chromium: Program) -> None:
    world = World()
    for number in (7, 8):
        world.document(f"d-{number}", {"G22": ()}, sender="H41", number=str(number), notation="BC-SO")
    await world.write(desk.database)
    await desk.sign_in("clerk", "G22")
    async with seated(desk, chromium, scripts=False) as page:
        await page.goto(f"{ORIGIN}/register")
        await page.get_by_label("Chọn 7/BC-SO").check()
        await page.get_by_role("button", name="Vào sổ các văn bản đã chọn").click()
        await expect(page.get_by_text("Đã vào sổ, số đến 1.")).to_be_visible()
        await page.get_by_role("link", name="In sổ").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Sổ văn bản đến năm 2026")
        sheets = (await page.pdf(prefer_css_page_size=True)).count(b"/Type /Page\n")
        assert sheets == 1
