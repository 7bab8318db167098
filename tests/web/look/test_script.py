"""What the script adds to pages, in a browser: keys, copying, passwords, dropped files, the bar of live changes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Browser, Locator, Page, Route, expect

from docaxis.local.xmlsec import Program
from docaxis.web import routing
from docaxis.web.routing import EVERYBODY
from docaxis.web.static import static_address
from docaxis.wiring.pages import AREAS, Area
from tests.web.browser.driven import opened
from tests.web.desk import Desk

STREAM: web.AppKey[asyncio.Queue[str]] = web.AppKey("stream", asyncio.Queue)
ASKED: web.AppKey[list[str]] = web.AppKey("asked", list)


async def show_live(request: web.Request) -> web.Response:
    """A table with the bar, as the macro writes it."""
    bar = request.query.get("stream", "/live/stream")
    body = f"""<!doctype html><html lang="vi"><script src="{static_address("app.js")}" defer></script>
    <link rel="stylesheet" href="{static_address("app.css")}"><body>
    <p class="live" data-live="{bar}" data-one="1 thay đổi từ {{time}}" data-many="{{count}} thay đổi từ {{time}}"
    data-paused="tạm dừng" data-lost="mất nối"><span class="live-text" role="status"></span> <a href="">Tải lại</a>
    <button class="live-pause" data-other="Báo tiếp" hidden>Tạm dừng báo</button></p><h1>Bảng</h1>"""
    return web.Response(text=body, content_type="text/html")


async def send_stream(request: web.Request) -> web.StreamResponse:
    request.app[ASKED].append(request.headers.get("Last-Event-ID", ""))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while True:
        said = await request.app[STREAM].get()
        if not said:
            return response
        await response.write(said.encode())


@pytest.fixture
def desk_areas():
    pages = (
        routing.Page("/live", show_live, EVERYBODY, "live"),
        routing.Page("/live/stream", send_stream, EVERYBODY, "live-stream"),
    )

    async def put(app: web.Application, _: object) -> None:
        app[STREAM], app[ASKED] = asyncio.Queue(), []

    return [*AREAS, Area(pages, put)]


@pytest.fixture
async def page(desk: Desk, chromium: Program) -> AsyncIterator[Page]:
    """A page of a clerk who has signed in."""
    await desk.sign_in("clerk")
    async with opened(chromium) as browser:
        yield await paged(desk, browser)


async def paged(desk: Desk, browser: Browser) -> Page:
    address = str(desk.client.make_url("/"))
    context = await browser.new_context(
        locale="vi-VN", base_url=address, permissions=["clipboard-read", "clipboard-write"]
    )
    await context.add_cookies([{"name": "docaxis", "value": desk.cookie("docaxis"), "url": address}])
    return await context.new_page()


async def test_keys_move_and_go(desk: Desk, page: Page):
    await page.goto("/components")
    await page.keyboard.press("j")
    rows = page.locator("main tbody tr:has(a), main .attention > li:has(a)")
    await expect(rows.nth(0).locator("a").first).to_be_focused()
    await page.keyboard.press("j")
    await expect(rows.nth(1).locator("a").first).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("k")
    await expect(rows.nth(0).locator("a").first).to_be_focused()
    await page.keyboard.press("?")
    await expect(page).to_have_url(str(desk.client.make_url("/shortcuts")))
    await page.goto("/components")
    await page.keyboard.press("g")
    await page.keyboard.press("h")
    await page.wait_for_url(str(desk.client.make_url("/")))


async def test_keys_do_nothing_in_a_field_and_when_switched_off(desk: Desk, page: Page):
    await page.goto("/components")
    await page.locator("#answers").press_sequentially("j?/gh")
    assert await page.locator("#answers").input_value() == "j?/gh"
    assert page.url.endswith("/components")
    await page.route("**/components", _without_keys)
    await page.goto("/components")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.tagName") == "BODY"


async def test_copy_password_and_dropped_files(page: Page):
    await page.goto("/components")
    await page.locator("[data-copy]").first.click()
    await expect(page.locator("[data-copy]").first).to_contain_text("Đã chép")
    assert await page.evaluate("navigator.clipboard.readText()") == "9f2c"
    await page.locator("#password").fill("mật khẩu dài")
    shows = page.locator("[data-shows=password]")
    await shows.click()
    assert await page.locator("#password").get_attribute("type") == "text"
    await expect(shows).to_have_text("Ẩn")
    await shows.click()
    assert await page.locator("#password").get_attribute("type") == "password"
    await page.evaluate(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(["a"], "Phụ lục I.pdf"));
          files.items.add(new File(["b"], "Phụ lục II.pdf"));
          document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", {dataTransfer: files, cancelable: true}));
        }"""
    )
    assert await page.locator(".drop-names li").all_inner_texts() == ["Phụ lục I.pdf", "Phụ lục II.pdf"]
    assert await page.evaluate("document.querySelector('#files').files.length") == 2


async def test_changes_are_said_once_a_minute_and_can_be_paused(desk: Desk, page: Page):
    await page.clock.install()
    await page.goto("/live")
    text = page.locator(".live-text")
    desk.app[STREAM].put_nowait('id: 7\nevent: change\ndata: {"changes": 1}\n\n')
    await _until(page, text, "1 thay đổi từ")
    for number in (8, 9):
        desk.app[STREAM].put_nowait(f'id: {number}\nevent: change\ndata: {{"changes": 1}}\n\n')
    await page.clock.run_for(30_000)
    assert (await text.inner_text()).startswith("1 thay đổi từ")
    await page.clock.run_for(31_000)
    assert (await text.inner_text()).startswith("3 thay đổi từ")
    await page.locator(".live-pause").click()
    await expect(page.locator(".live-pause")).to_have_text("Báo tiếp")
    assert (await text.inner_text()).startswith("3 thay đổi từ")
    desk.app[STREAM].put_nowait("")


async def test_the_bar_takes_no_room_until_it_tells_something_and_moves_no_row(desk: Desk, page: Page):
    await page.clock.install()
    await page.goto("/live")
    await expect(page.locator(".live a")).to_be_hidden()
    table = await page.locator("h1").bounding_box()
    assert table is not None
    assert table["y"] < 40
    desk.app[STREAM].put_nowait('id: 7\nevent: change\ndata: {"changes": 1}\n\n')
    await _until(page, page.locator(".live-text"), "1 thay đổi từ")
    await expect(page.locator(".live a")).to_be_visible()
    assert await page.locator("h1").bounding_box() == table
    desk.app[STREAM].put_nowait("")


async def test_a_bar_without_a_stream_asks_for_nothing(desk: Desk, page: Page):
    await page.goto("/live?stream=")
    await expect(page.locator(".live-pause")).to_be_hidden()
    assert desk.app[ASKED] == []


async def _until(page: Page, text: Locator, words: str) -> None:
    for _ in range(100):
        await page.clock.run_for(10)
        if (await text.inner_text()).startswith(words):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await text.inner_text())


async def _without_keys(route: Route) -> None:
    answer = await route.fetch()
    await route.fulfill(response=answer, body=(await answer.text()).replace('data-keys="on"', 'data-keys="off"'))
