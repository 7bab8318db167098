import re
import subprocess
from pathlib import Path

import pytest

from docaxis.local.debian import LIBRARIES, DebianError, fetch
from docaxis.local.xmlsec import Program


def test_a_finished_tree_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "thing").mkdir()
    monkeypatch.setenv("PATH", "")

    assert fetch(tmp_path, "thing", ["thing"], "thing").root == tmp_path / "thing"


def test_without_apt_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(DebianError, match=r"apt-get.*install it yourself"):
        fetch(tmp_path, "thing", ["thing"], "thing")


@pytest.mark.parametrize(
    ("name", "is_library"), [("libpq5", True), ("libstdc++6", True), ("libc6", False), ("perl", False)]
)
def test_libraries_are_told_from_programs_and_the_c_library(name: str, is_library: bool):
    assert bool(re.fullmatch(LIBRARIES, name)) is is_library


def test_xmlsec1_runs(xmlsec1: Program):
    done = subprocess.run(
        [*xmlsec1.argv, "--version"], env=xmlsec1.environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("xmlsec1 ")
