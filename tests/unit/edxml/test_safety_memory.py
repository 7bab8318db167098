"""A sender of strange names fills libxml2's dictionary of names; those who come after him are still served."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
from docaxis.edxml import reader, safety
from tests.vectors import packages
for turn in range(14):
    names = b"".join(b"<n%d_%d%s/>" % (turn, at, b"x" * 5000) for at in range(2000))
    assert isinstance(safety.parse(b"<r>" + names + b"</r>"), safety.ParsedXml), turn
body = packages.unsigned().replace(b"edXML:", b"fresh:").replace(b"xmlns:edXML", b"xmlns:fresh")
parsed = safety.parse(body)
assert reader.read_envelope(parsed) == packages.DOCUMENT, parsed
pages = int(open("/proc/self/statm").read().split()[1])
assert pages * 4096 < 400 << 20, pages
"""


def test_strange_names_cannot_stop_the_parser_for_others():
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
