"""Chromium as the tests of the pages use it: driven through Playwright, with a font that has every Vietnamese letter."""

from pathlib import Path

import pytest

from docaxis.local.chromium import find_chromium
from docaxis.local.xmlsec import Program
from tests.web.browser.driven import opened

LETTERS = "ĂÂĐÊÔƠƯăâđêôơưẢẠẮẰẲẴẶẤẦẨẪẬẺẼẸẾỀỂỄỆỈĨỊỎỌỐỒỔỖỘỚỜỞỠỢỦŨỤỨỪỬỮỰỶỸỴ"
# A letter that no font has is drawn as the same box as every other such letter.
PICTURES = """letters => {
  const pen = document.createElement("canvas").getContext("2d")
  const drawn = letter => {
    pen.canvas.width = pen.canvas.height = 64
    pen.font = "40px sans-serif"
    pen.fillText(letter, 8, 48)
    return pen.canvas.toDataURL()
  }
  return new Set([...letters].map(drawn)).size
}"""


async def test_it_draws_every_vietnamese_letter(chromium: Program) -> None:
    async with opened(chromium) as browser:
        page = await browser.new_page()
        assert await page.evaluate(PICTURES, LETTERS) == len(LETTERS)


@pytest.mark.parametrize("name", ["chromium-headless-shell", "chromium"])
def test_the_systems_own_is_taken_where_nothing_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    own = tmp_path / name
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium(tmp_path / "nothing-is-fetched").argv[0] == str(own)


def test_what_is_fetched_comes_before_a_whole_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    fetched = Program(("fetched",), {})
    monkeypatch.setattr("docaxis.local.chromium.fetch_chromium", lambda *_: fetched)
    assert find_chromium(tmp_path) is fetched
