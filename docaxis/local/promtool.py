"""Prometheus's promtool, which checks alert rules and tries them on made-up series: the system's, or Debian's without root."""

import shutil
from pathlib import Path

from docaxis.local.debian import Tell, fetch, silent


def find_promtool(downloads: Path = Path("var/debian"), tell: Tell = silent) -> Path:
    """Give the program, fetched under `downloads` where the system has none (19 MB); raises `ServiceError`."""
    system = shutil.which("promtool")
    if system:
        return Path(system)
    return fetch(downloads, "prometheus", ["prometheus"], "prometheus", tell).root / "usr/bin/promtool"
