"""Takes README's pictures from a real run of the demonstration: `.venv/bin/python -m tests.web.pictures [FOLDER]`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from docaxis.local.chromium import find_chromium
from docaxis.web.state import Theme
from docaxis.web.written import Language
from tests.services import DOWNLOADS, told
from tests.web.browser.driven import opened
from tests.web.browser.visitor import DESK, Login, Visitor, Visitors
from tests.web.browser.world import played

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
COLOURS = 128
DISPATCH, DECISION = "1107/CĐ-BTC", "12/QĐ-TTg"
"""Numbers of documents of the demonstration: to all provinces, and the one that the auditor asks for."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is taken: of whom, and how one gets there from the first page."""

    name: str
    login: Login
    go: Callable[[Visitor], Awaitable[None]]
    language: Language = "vi"
    theme: Theme = "light"
    width: int = DESK


async def to_the_matrix(visitor: Visitor) -> None:
    """Open the document that went to all provinces, from the list of what was sent."""
    await visitor.go("/sent")
    await visitor.page.get_by_role("link", name=DISPATCH).first.click()
    await visitor.page.locator("table.matrix").wait_for()


async def to_the_entry(visitor: Visitor) -> None:
    """Ask the smart box for the decision, and open the entry of its acceptance."""
    box = visitor.page.get_by_role("searchbox").first
    await box.fill(DECISION)
    await box.press("Enter")
    await visitor.page.get_by_role("row").filter(has_text="document:accepted").get_by_role("link").first.click()
    await visitor.page.wait_for_load_state()


async def to_the_board(visitor: Visitor) -> None:
    """Stay on the operator's first page, until it has figures of more than one look."""
    await visitor.page.wait_for_timeout(12_000)
    await visitor.page.reload()


README = (
    Picture("clerk-matrix", "van-thu-bo", to_the_matrix),
    Picture("auditor-entry", "kiem-tra", to_the_entry),
    Picture("operator-board", "van-hanh", to_the_board),
)


async def take(visitors: Visitors, picture: Picture, folder: Path) -> None:
    """Go there and take the picture of the whole page."""
    visitor = await visitors.visitor(picture.login, picture.language, picture.theme, width=picture.width)
    await picture.go(visitor)
    await visitor.page.evaluate("document.fonts.ready")
    file = folder / f"{picture.name}.png"
    await visitor.page.screenshot(path=file, full_page=True)
    make_small(file)


def make_small(file: Path) -> None:
    """Write the picture anew with a palette: the pages have few colours, and a third of the octets is left."""
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


async def main(folder: Path) -> None:
    """Play the demonstration in a folder and take the pictures."""
    PICTURES.mkdir(exist_ok=True)
    chromium = find_chromium(DOWNLOADS, told)
    with played(folder) as world:
        async with opened(chromium) as browser:
            visitors = Visitors(browser, world.address)
            for picture in README:
                await take(visitors, picture, PICTURES)
            await visitors.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/pictures").absolute()))
