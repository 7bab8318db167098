"""Draws docs/demo.svg from a real run of the demonstration: `.venv/bin/python -m tests.demo_picture [FOLDER]`."""

import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from docaxis.local.demo import run
from docaxis.local.demo.check import Summary
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.scenario import Scene
from docaxis.local.demo.screen import LiveScreen, Screen, open_screen

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "demo.svg"
WIDTH = 100
# rich names a font on somebody's server; a picture in a repository asks nobody for anything.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def main() -> int:
    """Play the demonstration once, and keep its last picture with its closing lines."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/demo")
    picture = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    kept: list[tuple[Sequence[Scene], Ledger]] = []
    conclude = run._conclude

    def keep(console: Console, scenes: Sequence[Scene], ledger: Ledger) -> Screen:
        kept.append((scenes, ledger))
        return open_screen(console, scenes, ledger)

    def draw(console: Console, summary: Summary, differences: Sequence[str], *, as_json: bool) -> None:
        screen = LiveScreen(Console(file=io.StringIO(), width=WIDTH), *kept[0])
        picture.print("$ ./hub demo --once", highlight=False)
        screen._console = picture
        screen.close()
        conclude(picture, summary, differences, as_json=False)
        conclude(console, summary, differences, as_json=as_json)

    with patch.object(run, "open_screen", keep), patch.object(run, "_conclude", draw):
        code = run.run_demo(folder=folder, downloads=folder.absolute().parent / "debian", once=True)
    if code == 0:
        PICTURE.write_text(
            picture.export_svg(title="docaxis demo", code_format=FORMAT, unique_id="demo"), encoding="utf-8"
        )
    return code


if __name__ == "__main__":
    raise SystemExit(main())
