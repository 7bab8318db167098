"""What the figures depend on: processor, cores, versions."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_VERSIONS = (
    "aiormq", "aio-pika", "asyncpg", "cryptography", "lxml", "signxml", "SQLAlchemy", "uvloop",
)  # fmt: skip
CORES = len(os.sched_getaffinity(0))


def machine() -> dict[str, str | int]:
    """Return processor, cores and the versions of what does the work."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return {
        "cpu": cpu,
        "cores": CORES,
        "python": platform.python_version(),
        **{name: version(name) for name in _VERSIONS},
    }
