"""The xmlsec1 program, an independent judge of XML signatures: the system's, or Debian's package without root."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from docaxis.local.debian import Tell, fetch, silent


@dataclass(frozen=True, slots=True)
class Program:
    """How to run a program: the beginning of its argument list, and its whole environment."""

    argv: tuple[str, ...]
    environment: dict[str, str]


def find_xmlsec1(downloads: Path = Path("var/debian"), tell: Tell = silent) -> Program:
    """Give xmlsec1, fetched under `downloads` where the system has none; raises `ServiceError`."""
    system = shutil.which("xmlsec1")
    if system:
        return Program((system,), dict(os.environ))
    tree = fetch(downloads, "xmlsec1", ["xmlsec1"], r"xmlsec1|libxmlsec1.*", tell)
    return Program((str(tree.root / "usr/bin/xmlsec1"),), os.environ | {"LD_LIBRARY_PATH": tree.library_path()})
