"""What the process's log leaves out: libraries that tell of themselves."""

import logging
from collections.abc import Iterator

import pytest

from docaxis.logs import set_up_logs


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    found = logging.getLogger()
    handlers, level = found.handlers, found.level
    yield found
    found.handlers = handlers
    found.setLevel(level)


def test_making_a_pdf_says_nothing_of_its_fonts(root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", json_lines=True)
    logging.getLogger("fontTools.subset").info("cmap subsetted")
    logging.getLogger("fpdf.output").info("a sheet")
    logging.getLogger("docaxis.web").info("told")
    told = capsys.readouterr().err
    assert "told" in told
    assert "subsetted" not in told
    assert "a sheet" not in told
    assert root.handlers
