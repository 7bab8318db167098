"""Each person's day, from sign-in to its result, by hand and eye alone: nothing is asked but the pages."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, expect

from docaxis.web.words import text
from docaxis.web.written import LANGUAGES, Language
from tests.web.browser.visitor import PATIENCE_MS, Visitor, Visitors

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.timeout(900),  # the first one waits for the world
]
in_both = pytest.mark.parametrize("language", LANGUAGES)
at_length_in_both = pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.long)])
"""One day is seen in both languages each time, the others in English only in the long form."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


@in_both
async def test_a_commune_takes_a_letter_and_enters_it(visitors: Visitors, language: Language) -> None:
    number = {"vi": "1106/BTC-NSNN", "en": "1109/BTC-QLCS"}[language]
    visitor = await visitors.visitor("van-thu-xa", language)
    page = visitor.page
    await open_from(visitor, "/received", number)
    await page.locator('a[href$="/accept"]').first.click()
    await press(page.locator("main form button").last)
    taken = text(language, "03 Đã tiếp nhận")
    await until(visitor, lambda: expect(page.locator("main")).to_contain_text(taken))
    await visitor.go("/register")
    await page.locator("main tr, main li").filter(has_text=number).get_by_role("checkbox").check()
    await press(page.get_by_role("button", name=text(language, "Vào sổ các văn bản đã chọn")))
    await expect(page.locator("#entries")).to_contain_text(number)
    ministry = await visitors.visitor("van-thu-bo", language)
    await open_from(ministry, "/sent", number)
    await until(ministry, lambda: expect(ministry.page.locator("main")).to_contain_text(taken))
    assert not visitor.complaints + ministry.complaints


@at_length_in_both
async def test_a_commune_refuses_a_letter_with_its_reason(visitors: Visitors, language: Language) -> None:
    number = {"vi": "1111/BTC-QLCS", "en": "1110/BTC-QLCS"}[language]
    visitor = await visitors.visitor("van-thu-xa", language)
    await open_from(visitor, "/received", number)
    await visitor.page.locator('a[href$="/refuse"]').first.click()
    await visitor.page.locator("#reason").fill("Không thuộc địa bàn của xã")
    await press(visitor.page.locator("main form button").last)
    ministry = await visitors.visitor("van-thu-bo", language)
    await until(ministry, lambda: expect(ministry.page.locator("main")).to_contain_text("Không thuộc địa bàn của xã"))
    assert not visitor.complaints + ministry.complaints


@at_length_in_both
async def test_a_commune_writes_and_sends_a_document(visitors: Visitors, language: Language) -> None:
    number = {"vi": "31", "en": "32"}[language]
    visitor = await visitors.visitor("van-thu-xa", language)
    page = visitor.page
    await visitor.go("/compose")
    await page.locator("#number").fill(number)
    await page.locator("#notation").fill("BC-UBND")
    await page.locator("#subject").fill("Báo cáo kết quả kiểm kê tài sản công")
    await page.locator('input[type="file"]').set_input_files(
        {"name": "Báo cáo.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    await press(page.locator('button[name="upload"]'))
    await expect(page.locator("#part-files")).to_contain_text("Báo cáo.pdf")
    await page.locator("#find").fill("bo tai chinh")
    await press(page.locator('button[name="find-now"]'))
    await page.locator('input[name="add"][value="G12"]').check()
    await press(page.locator('button[name="add-now"]'))
    await press(page.locator('button[name="send"]'))
    accepted = re.compile(f"{re.escape(text(language, 'Trục đã chấp nhận'))}|{number}/BC-UBND")
    await until(visitor, lambda: expect(page.locator("h1")).to_have_text(accepted))
    await open_from(visitor, "/sent", f"{number}/BC-UBND")
    await expect(page.locator("main")).to_contain_text("Bộ Tài chính")
    assert not visitor.complaints


@at_length_in_both
async def test_a_ministry_sees_who_is_late_and_why_one_refused(visitors: Visitors, language: Language) -> None:
    visitor = await visitors.visitor("van-thu-bo", language)
    page = visitor.page
    await expect(page.locator("h1")).to_contain_text(re.compile(r"\d"))
    await open_from(visitor, "/sent", "1107/CĐ-BTC")
    matrix = page.locator("table.matrix")
    await expect(matrix).to_contain_text(text(language, "quá hạn %(span)s").partition("%")[0].strip())
    await matrix.get_by_role("link", name="Cao Bằng").first.click()
    await expect(page.locator("main")).to_contain_text("Gói tin thiếu Phụ lục 2 mà văn bản nhắc tới")
    assert not visitor.complaints


@at_length_in_both
async def test_an_auditor_finds_an_entry_and_checks_the_log(visitors: Visitors, language: Language) -> None:
    visitor = await visitors.visitor("kiem-tra", language)
    page = visitor.page
    box = page.locator('main input[name="q"]')
    await box.fill("12/QĐ-TTg")
    await box.press("Enter")
    await page.get_by_role("row").filter(has_text="document:accepted").get_by_role("link").first.click()
    await expect(page.locator("main")).to_contain_text("docaxis package verify")
    assert not await page.locator('main a[href*="/package"], main a[href*="/files/"]').count()
    await visitor.go("/verify")
    await press(page.locator("main form button").last)
    whole = text(language, "trọn vẹn") if language == "vi" else "whole"
    await until(visitor, lambda: expect(page.locator("main")).to_contain_text(re.compile(whole, re.IGNORECASE)))
    assert not visitor.complaints


@at_length_in_both
async def test_an_operator_looks_at_the_board_and_an_endpoint(visitors: Visitors, language: Language) -> None:
    visitor = await visitors.visitor("van-hanh", language)
    page = visitor.page
    await expect(page).to_have_url(re.compile("/board$"))
    await page.locator('nav a[href="/endpoints"]').first.click()
    await page.get_by_role("link", name=re.compile("H41|h41|Nghệ An")).first.click()
    await expect(page.locator("main")).to_contain_text("h41")
    await page.locator('nav a[href="/quarantine"]').first.click()
    await expect(page.locator("h1")).to_be_visible()
    assert "Kết quả thực hiện nhiệm vụ" not in await page.content()
    assert not visitor.complaints


@at_length_in_both
async def test_an_administrator_adds_a_clerk(visitors: Visitors, language: Language) -> None:
    visitor = await visitors.visitor("quan-tri", language)
    page = visitor.page
    await expect(page).to_have_url(re.compile("/people$"))
    await page.locator('a[href="/people/add"]').first.click()
    await page.locator("#login").fill(f"van-thu-{language}")
    await page.locator("#name").fill("Hoàng Thị Mai")
    await page.locator("#organ_id").fill("H41.001")
    await press(page.locator("main form button").last)
    await visitor.go("/people")
    await expect(page.locator("main")).to_contain_text(f"van-thu-{language}")
    assert not visitor.complaints


async def open_from(visitor: Visitor, path: str, number: str) -> None:
    """Open a document from a list, by its number."""
    await visitor.go(path)
    await visitor.page.locator("main").get_by_role("link", name=number).first.click()
    await visitor.page.wait_for_load_state()


async def press(button: Locator) -> None:
    """Press a button and wait for the page that it leads to."""
    async with button.page.expect_navigation():
        await button.click()


async def until(visitor: Visitor, holds: Callable[[], Awaitable[None]]) -> None:
    """Load the page again until something holds: rows do not move by themselves."""
    page: Page = visitor.page
    for _ in range(PATIENCE_MS // 1_000):
        try:
            expect.set_options(timeout=1_000)
            await holds()
        except AssertionError:
            await page.reload()
        else:
            break
        finally:
            expect.set_options(timeout=PATIENCE_MS)
    else:
        await holds()
