"""An earlier version of the hub out of the history, to run beside the one at hand."""

import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.hub_child import Process, Start, start_python

ROOT = Path(__file__).resolve().parents[2]
SHORT_ID = 7
PARTS = ("docaxis", "schemas")


def unpack(commit: str, folder: Path) -> Path:
    """Unpack a commit, which must not be missing, into a folder of its own below `folder`, once."""
    tree = folder / f"version-{commit[:SHORT_ID]}"
    if not tree.exists():
        tree.mkdir(parents=True)
        archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit, *PARTS], capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive.stdout, check=True)
    return tree


def missing_history(commit: str) -> str:
    """Return why a version cannot be had here, empty when it can or none is wanted."""
    if not commit:
        return ""
    try:
        subprocess.run(
            ["git", "-C", str(ROOT), "cat-file", "-e", f"{commit}^{{commit}}"], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return f"no history here with {commit}, the version before"
    return ""


def schema_of(tree: Path) -> str:
    """Return the newest revision of the schema that the version knows."""
    code = "from docaxis.backends import migrate; print(migrate.head())"
    found = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=True)
    return found.stdout.strip()


def starting(tree: Path) -> Start:
    """Return what starts a hub of this version."""
    return partial(_start_in, tree)


def _start_in(tree: Path, config_file: Path, environment: Mapping[str, str], log_file: Path) -> Process:
    # The folder that a program is started in comes first when Python looks for its modules.
    return start_python(config_file, environment, log_file, within=("env", "-C", str(tree)))
