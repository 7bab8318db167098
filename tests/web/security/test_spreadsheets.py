"""What strangers write stays a text in every file that a spreadsheet opens."""

import csv
import io

import pytest

from docaxis.domain.spreadsheet import harmless
from docaxis.domain.status import StatusCode
from tests.integration.clerk_rows import World
from tests.web.desk import Desk

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1＋1", "＠x")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_written_as_text(text: str) -> None:
    """v5.0.0-1.2.10: formulas are escaped in CSV."""
    assert harmless(text) == f"'{text}"


def test_other_texts_stay() -> None:
    for text in ("", "V/v = 1", "12/QĐ-UBND", "'x"):
        assert harmless(text) == text


@pytest.mark.parametrize("kind", ["sent", "received", "register"])
async def test_every_csv_of_the_pages(desk: Desk, kind: str) -> None:
    subject = '=HYPERLINK("http://evil.example","x")'
    world = World()
    key = world.document("x", {"H01": (StatusCode.ARRIVED,)}, subject=subject, notation="＝1")
    await world.write(desk.database)
    await desk.sign_in("clerk", "H41" if kind == "sent" else "H01")
    if kind == "register":
        assert (await desk.post("/register/enter", [("key", str(key))])).status in {303, 404}
        answer = await desk.get("/register/csv")
    else:
        answer = await desk.post(f"/{kind}/export", {"format": "csv"})
    assert answer.status == 200, answer.text[:500]
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    cells = [cell for row in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))) for cell in row]
    assert any(subject in cell for cell in cells) or kind == "register"
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
