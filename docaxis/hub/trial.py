"""A suspect is tried alone: what came back again and again is first read in a process of its own, which may die of it.

Native parsers can end a process outright. A message that does so is put aside after its third coming, and the hundreds that
were delivered beside it go on as if nothing had been.
"""

import asyncio
import os
import resource
import struct
import sys
from collections.abc import Sequence

from docaxis.domain.verdict import Rejection
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.hub.failpoints import failpoint
from docaxis.trust import xmldsig

SUSPECT_AFTER = 2
"""Deliveries without an acknowledgement that make a suspect."""
PATIENCE_S = 30.0
"""Time for a whole trial to come one suspect further."""
MEMORY_BYTES_MAX = 4 * 1024**3
_LENGTH = struct.Struct(">Q")
_SURVIVED = b"."


class DiedInTrial(Exception):
    """Reading the message ended a process, or took longer or more memory than any message may."""


async def find_killers(bodies: Sequence[bytes]) -> set[int]:
    """Return which of the bodies a process does not survive reading; each death costs one more process."""
    killers: set[int] = set()
    start = 0
    while start < len(bodies):
        survived = await _try(bodies[start:])
        start += survived
        if start < len(bodies):
            killers.add(start)
            start += 1
    return killers


async def _try(bodies: Sequence[bytes]) -> int:
    """Return how many of the bodies, from the first on, a fresh process has read before it died."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the trial has no pipes")
    feeding = asyncio.create_task(_feed(process.stdin, bodies))
    survived = 0
    try:
        while survived < len(bodies):
            async with asyncio.timeout(PATIENCE_S):
                if await process.stdout.read(1) != _SURVIVED:
                    break
            survived += 1
    except TimeoutError:
        pass
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        if process.returncode is None:
            process.kill()
        await process.wait()
    return survived


async def _feed(pipe: asyncio.StreamWriter, bodies: Sequence[bytes]) -> None:
    for body in bodies:
        pipe.write(_LENGTH.pack(len(body)))
        pipe.write(body)
        await pipe.drain()


def read_all() -> None:
    """Read what comes on standard input as the hub would, and tell of each that it was survived."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    while head := sys.stdin.buffer.read(_LENGTH.size):
        body = sys.stdin.buffer.read(_LENGTH.unpack(head)[0])
        failpoint("tried")
        parsed = parse(body)
        if not isinstance(parsed, Rejection):
            xmldsig.verify(parsed)
            read_envelope(parsed)
        try:
            os.write(sys.stdout.fileno(), _SURVIVED)
        except BrokenPipeError:
            # The hub that wanted to know has died.
            return


if __name__ == "__main__":
    read_all()
