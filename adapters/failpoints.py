"""Named places where a test may kill an adapter; nothing happens unless the environment names one."""

import os
import signal

_VARIABLE = "DOCAXIS_FAILPOINT"
_wanted, _, _count = os.environ.get(_VARIABLE, "").partition(":")
_left = int(_count or 1)


def failpoint(name: str) -> None:
    """End this process by SIGKILL when DOCAXIS_FAILPOINT is `name` or `name:N` (the N-th passage)."""
    global _left  # noqa: PLW0603 - one process, one wanted death
    if name == _wanted:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
