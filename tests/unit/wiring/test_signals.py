"""A process that serves comes to its end by either signal, and what goes wrong in it is not kept from its caller."""

import asyncio
import signal
import subprocess
import sys

import pytest

from docaxis.wiring.signals import run_until_told

PROGRAM = """
import asyncio

from docaxis.wiring.signals import run_until_told


async def work(stop: asyncio.Event) -> None:
    print(type(asyncio.get_running_loop()).__module__, flush=True)
    await stop.wait()
    print("taken apart", flush=True)


run_until_told(work)
print("over", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_either_signal_lets_the_work_come_to_its_end(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "uvloop\n"
        process.send_signal(number)
        assert process.stdout.read().split("\n") == ["taken apart", "over", ""]
        assert process.wait() == 0


def test_what_the_work_raises_is_raised() -> None:
    async def work(_: asyncio.Event) -> None:
        await asyncio.sleep(0)
        raise ValueError("no port")

    with pytest.raises(ValueError, match="no port"):
        run_until_told(work)


def test_tasks_that_are_left_are_ended() -> None:
    left: list[asyncio.Task[None]] = []

    async def work(_: asyncio.Event) -> None:
        left.append(asyncio.create_task(asyncio.sleep(3600)))
        await asyncio.sleep(0)

    run_until_told(work)
    assert left[0].cancelled()
