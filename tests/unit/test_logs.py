"""What the process's log leaves out: libraries that tell of themselves."""

import subprocess
import sys

SAYS = """
import logging
from docaxis.logs import set_up_logs
set_up_logs("info", json_lines=True)
logging.getLogger("fontTools.subset").info("cmap subsetted")
logging.getLogger("fpdf.output").info("a sheet")
logging.getLogger("docaxis.web").info("told")
"""


def test_making_a_pdf_says_nothing_of_its_fonts() -> None:
    # A process of its own: loggers, once set up, stay so.
    told = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True).stderr
    assert "told" in told
    assert "subsetted" not in told
    assert "a sheet" not in told
