"""Chromium without a window, for tests and pictures of the pages: the system's, or Debian's package without root."""

import os
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

from docaxis.local.debian import Tell, Tree, fetch, silent
from docaxis.local.service import ServiceError
from docaxis.local.xmlsec import Program

# A process of its own for each test run: no sandbox (it wants root or user namespaces), no graphics card, no shared
# memory (64 MB in a container), and not a word to anybody but the server under test.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SHELL = "chromium-headless-shell"
_WITH_WINDOWS = ("chromium", "google-chrome")
"""They do as well, at four times the work for each page: without a window they still draw all that is around it."""
# libatomic1 is for the program that drives it: Playwright brings a Node.js that is linked to it.
_PACKAGES = (_SHELL, "fonts-dejavu-core", "libatomic1")
_WANTED = r"chromium-headless-shell|chromium-common|fonts-dejavu-core"
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def find_chromium(downloads: Path = Path("var/debian"), tell: Tell = silent) -> Program:
    """Give Chromium with its flags, fetched under `downloads` where the system has none (70 MB); raises `ServiceError`.

    The system's headless shell comes first, then one that is fetched, then a whole browser of the system.
    """
    if shell := shutil.which(_SHELL):
        return Program((shell, *FLAGS), dict(os.environ))
    try:
        return fetch_chromium(downloads, tell)
    except ServiceError:
        whole = next(filter(None, map(shutil.which, _WITH_WINDOWS)), None)
        if whole is None:
            raise
        return Program((whole, *FLAGS), dict(os.environ))


def fetch_chromium(downloads: Path, tell: Tell = silent) -> Program:
    """Fetch Chromium even where the system has it."""
    tree = fetch(downloads, "chromium", _PACKAGES, _WANTED, tell)
    # A library of PulseAudio has the folder of another one written in.
    folders = [tree.library_path(), *map(str, tree.root.glob("usr/lib/*-linux-gnu*/pulseaudio"))]
    environment = {"LD_LIBRARY_PATH": ":".join(folders), "FONTCONFIG_FILE": str(_fonts_of(tree))}
    # Debian's script in usr/bin has its folder written in; the program itself looks for its parts beside it.
    program = tree.root / "usr/lib/chromium" / _SHELL
    return Program((str(program), *FLAGS), os.environ | environment)


def _fonts_of(tree: Tree) -> Path:
    """Write where the tree's own fonts are: DejaVu has every Vietnamese letter, and a bare Debian has no font at all."""
    file = tree.root / "fonts.conf"
    text = _FONTS.format(fonts=escape(str(tree.root / "usr/share/fonts")), cache=escape(str(tree.root / "var/fonts")))
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        partial = file.with_name(f"fonts.{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        partial.rename(file)  # several test processes may come at once
    return file
