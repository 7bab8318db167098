"""A letter to the whole country: its page is made in little time, and says what it leaves out."""

from time import process_time

import pytest
from lxml import html

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency
from docaxis.domain.status import StatusCode
from docaxis.web.clerk.matrix import ROWS_MAX
from docaxis.web.site import SITE
from tests.web.clerk_document.story import KEY, SENDER, Story
from tests.web.desk import Desk

ADDRESS = f"/documents/{KEY.hex}"
CPU_S = 0.3
STATES: tuple[tuple[StatusCode, ...], ...] = ((), (StatusCode.ARRIVED,), (StatusCode.ARRIVED, StatusCode.REFUSED))


@pytest.fixture
def filled(desk: Desk, story: Story) -> Story:
    """A letter to 34 provinces and 3,321 communes, all of which want attention, so that nothing can be folded."""
    site = desk.app[SITE]
    known = site.directory()
    communes = [
        Agency(f"H99.{n}", f"Ủy ban nhân dân xã Thử Nghiệm {n}", "communal", parent="H21") for n in range(3_321)
    ]
    country = Directory.build([*known.agencies.values(), *communes], known.levels, {}, known.branches)
    object.__setattr__(site, "directory", lambda: country)
    for number, agency in enumerate([*known.heads("provincial"), *communes]):
        story.to(agency.organ_id, *STATES[number % 3])
    return story


@pytest.mark.parametrize("query", ["", "?state=late", "?open=communal&open=provincial", "?q=xa"])
async def test_a_letter_to_everybody_is_shown_in_little_time(desk: Desk, filled: Story, query: str) -> None:
    await desk.sign_in("clerk", SENDER)
    await desk.get(ADDRESS + query)
    spent = []
    for _ in range(3):
        before = process_time()
        page = await desk.get(ADDRESS + query)
        spent.append(process_time() - before)
    assert page.status == 200
    assert min(spent) < CPU_S, spent


async def test_a_page_says_how_many_it_leaves_out(desk: Desk, filled: Story) -> None:
    await desk.sign_in("clerk", SENDER)
    everybody = len(filled.copies)
    shown = html.fromstring((await desk.get(ADDRESS)).text)
    (table,) = shown.xpath("//table[@class='matrix']")
    assert len(table.xpath(".//th[@scope='row']")) == ROWS_MAX
    assert f"Còn {everybody - ROWS_MAX:,} nơi nhận nữa".replace(",", ".") in table.text_content()
    (narrow,) = shown.xpath("//section[@id='attention']")
    needing = sum(number % 3 != 1 for number in range(everybody))
    seen = len(narrow.xpath(".//li"))
    assert f"{needing:,} nơi".replace(",", ".") in narrow.text_content()
    assert f"Còn {needing - seen:,} nơi nhận nữa".replace(",", ".") in narrow.text_content()
