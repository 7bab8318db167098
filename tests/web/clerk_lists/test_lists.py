"""The lists of sent and received documents, their filters, and what a clerk of another agency sees of them: nothing."""

import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from docaxis.web.clerk.ports import LISTS
from tests.integration.clerk_rows import World
from tests.web.clerk_lists.conftest import numbers
from tests.web.desk import Desk

FILTERED = [
    ("/sent", ["14/TB-VP", "13/TB-VP", "12/QĐ-UBND", "8712/CĐ-BNNMT"]),
    ("/sent?state=overdue", ["8712/CĐ-BNNMT"]),
    ("/sent?state=refused", ["12/QĐ-UBND"]),
    ("/sent?state=recalled", ["14/TB-VP"]),
    ("/sent?state=unfinished", ["14/TB-VP", "12/QĐ-UBND", "8712/CĐ-BNNMT"]),
    ("/sent?state=attention", ["8712/CĐ-BNNMT", "14/TB-VP", "12/QĐ-UBND"]),
    ("/sent?q=12+qd+ubnd", ["12/QĐ-UBND"]),
    ("/sent?q=%C4%90%E1%BA%A4T", ["12/QĐ-UBND"]),
    ("/sent?q=mua+lu&state=overdue", ["8712/CĐ-BNNMT"]),
    ("/sent?q=mua+lu&state=refused", []),
    ("/sent?with=H26", ["14/TB-VP", "8712/CĐ-BNNMT"]),
    ("/sent?since=2026-11-20&until=20/11/2026&size=25", ["14/TB-VP", "13/TB-VP", "12/QĐ-UBND", "8712/CĐ-BNNMT"]),
    ("/sent?since=2026-11-21", []),
    ("/sent?until=2026-11-19", []),
    ("/sent?urgency=1", []),
    ("/received", ["78/BC-UBND", "77/BC-UBND"]),
    ("/received?state=waiting", ["77/BC-UBND"]),
    ("/received?state=unfinished", ["78/BC-UBND", "77/BC-UBND"]),
    ("/received?state=refused", []),
    ("/received?q=mua+lu", ["77/BC-UBND"]),
    ("/received?with=H26&since=2026-11-20&until=2026-11-20", ["78/BC-UBND", "77/BC-UBND"]),
    ("/received?with=H41", []),
]


async def test_filters(desk: Desk, story: World) -> None:
    for address, expected in FILTERED:
        page = await desk.get(address)
        assert page.status == 200, page.text
        assert numbers(page.text) == expected, address
        assert "Bí mật" not in page.text
        if not expected:
            assert "Không có văn bản nào khớp bộ lọc" in page.text


async def test_a_list_sums_up_the_addressees_and_marks_what_was_searched(desk: Desk, story: World) -> None:
    page = (await desk.get("/sent?q=ung+pho+mua")).text
    assert "<mark>ứng phó mưa</mark> lũ lớn" in page
    assert ">1/2</td>" in page
    assert "1 quá hạn" in page
    # What others wrote stays text.
    assert "&lt;b&gt;quy hoạch&lt;/b&gt;" in (await desk.get("/sent")).text


async def test_what_cannot_be_read_is_said_at_its_field(desk: Desk, story: World) -> None:
    page = await desk.get("/sent?since=31/02/2026&with=khong-co-ai&q=%22&size=7&urgency=9&state=x&after=zz~1")
    assert page.status == 422
    assert "Ghi ngày như 20/11/2026." in page.text
    assert "Không có cơ quan nào tên như vậy." in page.text
    assert 'id="since-error"' in page.text
    several = await desk.get("/sent?with=ubnd+tinh")
    assert several.status == 422
    assert "Nhiều cơ quan có tên này: chọn một." in several.text
    assert "with=H" in several.text
    assert (await desk.get("/sent?since=2026-11-21&until=2026-11-20")).status == 422
    for hostile in ("/sent?q=%00", "/sent?q=%25_%27", "/received?after=20261120T000000.000000~zz~~", "/sent?with=%00"):
        assert (await desk.get(hostile)).status in {200, 400, 422}, hostile


async def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    world = World()
    for number in range(60):
        key = world.document(f"VB-{number}", {"H41": (), "H26": ()}, sender="G22", number=str(number))
        for organ in ("H41", "H26"):
            world.miss(key, organ, sender="G22")
    await world.write(desk.database)
    await desk.sign_in("clerk", "G22")
    for state in ("all", "unfinished", "overdue", "attention"):
        found, address = [], f"/sent?size=25&state={state}"
        for _ in range(4):
            text = (await desk.get(address)).text
            found += numbers(text)
            following = re.search(r'<a href="([^"]*)" rel="next">', text)
            if following is None:
                break
            address = following[1].replace("&amp;", "&")
        assert sorted(found, key=lambda one: int(one.split("/")[0])) == [f"{n}/QĐ-UBND" for n in range(60)], state


async def test_columns_are_chosen_in_the_address(desk: Desk, story: World) -> None:
    page = (await desk.get("/sent?columns=number&columns=type,reply")).text
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page)
    assert heads == ["Số, ký hiệu", "Loại", "Hạn trả lời"]
    assert 'name="columns" value="type" checked' in page
    # The other forms and links keep the choice.
    assert 'type="hidden" name="columns" value="number"' in page


async def test_dispatch_by_role(desk: Desk) -> None:
    assert (await desk.get("/")).location.startswith("/sign-in")
    await desk.sign_in("auditor")
    assert (await desk.get("/")).status == 303
    for address in ("/sent", "/received", "/search", "/views", "/changes"):
        assert (await desk.get(address)).status == 404, address


async def test_the_day_begins_with_what_is_to_do(desk: Desk, story: World) -> None:
    desk.clock.at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    await desk.sign_in("clerk", "G22")
    page = (await desk.get("/")).text
    assert "<h1>3 việc cần làm hôm nay</h1>" in page
    assert "<title>3 việc cần làm hôm nay" in page
    assert numbers(page)[:3] == ["8712/CĐ-BNNMT", "12/QĐ-UBND", "77/BC-UBND"]
    assert "nội dung 02" in page
    assert "quá hạn 1 giờ" in page
    assert "Hạn sắp tới" in page
    assert "Nơi còn thiếu" in page
    assert "1/1" in page
    assert "Hôm nay đã gửi" in page
    assert "2/5" in page
    english = (await desk.get("/?lang=en")).text
    assert "<h1>3 things to do today</h1>" in english
    assert (await desk.sign_in("clerk", "H41")).organ_id == "H41"
    assert "Không có việc nào cần làm" not in (await desk.get("/?lang=vi")).text


async def test_the_first_page_counts_once_for_itself_and_the_tabs(
    desk: Desk, story: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.clock.at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    await desk.sign_in("clerk", "G22")
    asked: list[str] = []
    lists = desk.app[LISTS]

    def note(name: str, ask: Any, *values: Any, **more: Any) -> Any:
        asked.append(name)
        return ask(*values, **more)

    for name in ("overdue", "refused_still", "waiting_here", "asked_back"):
        monkeypatch.setattr(lists, name, partial(note, name, getattr(lists, name)))
    page = (await desk.get("/")).text
    assert "<h1>3 việc cần làm hôm nay</h1>" in page
    assert sorted(asked) == ["asked_back", "overdue", "refused_still", "waiting_here"]
    tabs = re.findall(r'class="tab-count"[^>]*>(?:<[^>]+>)*([0-9.]+)', page)
    assert tabs == ["3", "1", "3", "1"]
    # The next page takes them from there.
    assert re.findall(r'class="tab-count"[^>]*>(?:<[^>]+>)*([0-9.]+)', (await desk.get("/sent")).text) == tabs
    assert len(asked) == 4


async def test_nothing_to_do(desk: Desk) -> None:
    await desk.sign_in("clerk", "H05")
    assert "<h1>Không có việc nào cần làm</h1>" in (await desk.get("/")).text
    assert "Đơn vị chưa gửi văn bản nào" in (await desk.get("/sent")).text
    assert "Chưa có văn bản nào gửi tới" in (await desk.get("/received")).text
