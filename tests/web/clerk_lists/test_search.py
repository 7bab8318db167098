"""One box for everything: numbers without marks, words, agencies, and operators."""

from docaxis.domain.folding import fold
from docaxis.web.clerk.search import read_question
from docaxis.web.site import SITE
from tests.integration.clerk_rows import World
from tests.web.clerk_lists.conftest import numbers
from tests.web.desk import Desk

FOUND = {
    "12 qd ubnd": ["12/QĐ-UBND"],
    "12/QĐ-UBND": ["12/QĐ-UBND"],
    "mua lu": ["8712/CĐ-BNNMT", "77/BC-UBND"],
    "mưa lũ from:H26": ["77/BC-UBND"],
    "mua lu to:H41": ["8712/CĐ-BNNMT"],
    "from:G22 to:H26": ["14/TB-VP", "8712/CĐ-BNNMT"],
    "status:refused": ["12/QĐ-UBND"],
    'status:"quá hạn"': ["8712/CĐ-BNNMT"],
    "mua lu after:20/11/2026 before:2026-11-20": ["8712/CĐ-BNNMT", "77/BC-UBND"],
    "mua lu after:21/11/2026": [],
    "mua lu to:khongcoai": [],
    "status:abc": [],
    "bao*": ["77/BC-UBND"],
}


async def test_what_is_found(desk: Desk, story: World) -> None:
    for typed, expected in FOUND.items():
        page = await desk.get("/search", params={"q": typed})
        assert page.status == 200, typed
        assert numbers(page.text) == expected, typed
        assert "Bí mật" not in page.text
    many = (await desk.get("/search", params={"q": "mua lu"})).text
    assert "<h1>Thấy 2 văn bản</h1>" in many
    assert "Báo cáo <mark>mưa lũ</mark>" in many
    assert "<h1>Không tìm thấy văn bản nào</h1>" in (await desk.get("/search", params={"q": "khongco"})).text
    assert "<h1>Tìm văn bản</h1>" in (await desk.get("/search")).text


async def test_agencies_are_found_by_their_names_too(desk: Desk, story: World) -> None:
    name = fold(desk.app[SITE].name_of("H41"))
    page = (await desk.get("/search", params={"q": name})).text
    assert 'href="/sent?with=H41"' in page
    assert 'href="/received?with=H41"' in page


def test_operators_are_taken_out_of_the_words() -> None:
    question = read_question('  mưa lũ FROM:"bộ tài chính" to:H41 after: status:overdue to:H26 http://x ')
    assert question.words == "mưa lũ http://x"
    assert question.operators == {"from": "bộ tài chính", "to": "H26", "status": "overdue"}
    assert read_question("x" * 10_000).words == "x" * 300
