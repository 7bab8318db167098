"""Saved views: kept, opened, renamed, deleted, by nobody but whom they belong to."""

import re

from tests.integration.clerk_rows import World
from tests.web.desk import Desk


async def saved(desk: Desk) -> list[str]:
    """Return the ids of the views that the page shows."""
    return re.findall(r'action="/views/([^/]*)/remove"', (await desk.get("/views")).text)


async def test_a_filter_is_kept_under_a_name(desk: Desk, story: World) -> None:
    address = "/sent?state=overdue&q=mua+lu"
    form = await desk.get("/views", params={"keep": address})
    assert 'value="/sent?state=overdue&amp;q=mua+lu"' in form.text
    done = await desk.post("/views/save", {"name": " Công điện mưa lũ ", "address": address})
    assert (done.status, done.location) == (303, address)
    assert 'aria-current="true">Công điện mưa lũ</a>' in (await desk.get(address)).text
    home = (await desk.get("/")).text
    assert re.search(r'Công điện mưa lũ</a> <span class="second">1 văn bản', home)
    # The same name again takes its place.
    await desk.post("/views/save", {"name": "Công điện mưa lũ", "address": "/received?q=mua+lu"})
    [view] = await saved(desk)
    assert "1 văn bản" in (await desk.get("/")).text
    assert (await desk.post(f"/views/{view}/rename", {"name": "Lũ"})).status == 303
    assert ">Lũ</a>" in (await desk.get("/views")).text
    assert (await desk.post(f"/views/{view}/remove")).status == 303
    assert await saved(desk) == []


async def test_what_cannot_be_kept(desk: Desk, story: World) -> None:
    for address in (
        "https://evil.test/sent",
        "//evil.test/sent",
        "/account",
        "javascript:alert(1)",
        "/sent?q=" + "x" * 2_000,
    ):
        assert (await desk.post("/views/save", {"name": "x", "address": address})).status == 400, address
        assert 'name="address"' not in (await desk.get("/views", params={"keep": address})).text
    for name in ("", "  ", "x" * 81, "a\nb"):
        page = await desk.post("/views/save", {"name": name, "address": "/sent"})
        assert page.status == 422
        assert 'id="name-error"' in page.text
    await desk.post("/views/save", {"name": "một", "address": "/sent"})
    await desk.post("/views/save", {"name": "hai", "address": "/sent"})
    one, other = await saved(desk)
    clash = await desk.post(f"/views/{one}/rename", {"name": "một"})
    assert clash.status == 422
    assert "Đã có khung nhìn tên này." in clash.text
    assert (await desk.post("/views/nonsense/remove")).status == 404
    # Nobody else's.
    await desk.sign_in("clerk", "H41")
    assert await saved(desk) == []
    assert (await desk.post(f"/views/{other}/remove")).status == 404
    assert (await desk.post(f"/views/{other}/rename", {"name": "của tôi"})).status == 404
    await desk.sign_in("clerk", "G22")
    assert len(await saved(desk)) == 2


async def test_a_person_keeps_so_many_at_most(desk: Desk) -> None:
    await desk.sign_in("clerk")
    for number in range(50):
        assert (await desk.post("/views/save", {"name": f"v{number}", "address": "/sent"})).status == 303
    page = await desk.post("/views/save", {"name": "one more", "address": "/sent"})
    assert page.status == 422
    assert "Đã có quá nhiều khung nhìn" in page.text
