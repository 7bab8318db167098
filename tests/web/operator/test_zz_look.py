from tests.web.desk import Desk
from tests.web.operator.rows import set_aside
from tests.web.browser.driven import opened
from axe_playwright_python.async_playwright import Axe

async def test_look(desk: Desk, chromium):
    ids = [await set_aside(desk.database, "RuntimeError: " + "Tiến trình kiểm chữ ký dừng 3 lần trên gói này, rồi còn dài thêm nữa", "m-1")]
    await desk.sign_in("operator", login="b", name="Lê Minh Đức")
    async with opened(chromium) as browser:
        base = str(desk.client.make_url("/")).rstrip("/")
        for name, width, theme in (("wide", 1440, "light"), ("phone", 320, "dark")):
            context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale="vi-VN")
            await context.add_cookies([{"name": "docaxis", "value": desk.cookie("docaxis"), "url": base}])
            page = await context.new_page()
            for key, path in {"board": "/board", "queues": "/queues", "endpoint": "/endpoints/ea-sup", "endpoints": "/endpoints", "message": f"/quarantine/{ids[0].hex}", "quarantine": "/quarantine", "connections": "/connections", "agency": "/directory/H41"}.items():
                await page.goto(base + path)
                await page.screenshot(path=f"/tmp/operator/{name}-{key}.png", full_page=True)
                print(name, key, await page.evaluate("document.documentElement.scrollWidth"))
                found = await Axe().run(page)
                for v in found.response["violations"]:
                    print("AXE", key, v["id"], [n["html"][:140] for n in v["nodes"]][:3])
