"""The hub processes of a run: started, killed at a moment or at a failpoint, started again."""

import asyncio
import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from tests.axis import Ground
from tests.faults.book import Book
from tests.faults.nursery import nursery
from tests.hub_child import HubChild, Start
from tests.waiting import PATIENCE_S, eventually

ALIVE, NOT_READY = 200, 503


@dataclass(slots=True)
class Hubs:
    """Real child processes on one ground; `sections` go over the harness's configuration for all of them."""

    ground: Ground
    book: Book
    sections: dict[str, dict[str, object]] = field(default_factory=dict)
    by: Start | None = None
    """What starts them, where the nursery cannot."""
    running: dict[int, HubChild] = field(default_factory=dict)
    _numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    async def start(
        self,
        failpoint: str = "",
        *,
        ready: bool = True,
        sections: Mapping[str, Mapping[str, object]] | None = None,
        environment: Mapping[str, str] | None = None,
        by: Start | None = None,
    ) -> int:
        """Start one more and return its number; `ready`: once it can work; `by`: not from the nursery."""
        merged: dict[str, dict[str, object]] = {name: dict(values) for name, values in self.sections.items()}
        for name, values in (sections or {}).items():
            merged.setdefault(name, {}).update(values)
        child = HubChild(self.ground.config_file(**merged), failpoint, by or self.by or nursery().start, environment)
        await asyncio.to_thread(child.__enter__)
        number = self._numbers()
        self.running[number] = child
        if ready:
            await child.ready()
        return number

    async def kill(self, number: int) -> None:
        """Kill one by SIGKILL; it must not have ended by itself."""
        child = self.running.pop(number)
        child.process.kill()
        code = await child.ended()
        assert code == -signal.SIGKILL, f"had ended with {code}\n{child.log[-4000:]}"
        self.book.count("hub kills")
        self._no_traceback(child)

    async def killed_by_itself(self, number: int, patience_s: float = PATIENCE_S) -> None:
        """Wait until one has killed itself at its failpoint."""
        child = self.running.pop(number)
        try:
            code = await child.ended(patience_s)
        except BaseException:
            self.running[number] = child
            raise
        assert code == -signal.SIGKILL, f"ended with {code}\n{child.log[-4000:]}"
        self.book.count("hub kills")
        self._no_traceback(child)

    async def terminate(self, number: int) -> None:
        """Ask one to stop by SIGTERM; it must end well."""
        child = self.running.pop(number)
        code = await child.terminate()
        assert code == 0, f"ended with {code}\n{child.log[-4000:]}"
        self._no_traceback(child)

    def hold(self, number: int) -> None:
        """Stop one where it stands (SIGSTOP), as a machine that pauses."""
        self.running[number].process.send_signal(signal.SIGSTOP)

    def let_go(self, number: int) -> None:
        """Let it go on."""
        self.running[number].process.send_signal(signal.SIGCONT)

    async def is_unready(self, number: int, part: str, patience_s: float = PATIENCE_S) -> str:
        """Wait until one says that this part keeps it from its work, while it stays alive; returns its words."""
        child = self.running[number]

        async def says() -> str:
            status, text = await child.get("/readyz")
            return str(json.loads(text)["problems"].get(part, "")) if status == NOT_READY else ""

        words: str = await eventually(f"{part} is not ready", says, patience_s)
        status, _ = await child.get("/livez")
        assert status == ALIVE, f"/livez says {status} while {part} is away"
        return words

    async def metric(self, name: str) -> float:
        """Return the sum of a metric over labels and processes; processes that do not answer count as 0."""
        return sum([await self.metric_of(number, name) for number in self.running])

    async def metric_of(self, number: int, name: str) -> float:
        """Return the sum of a metric of one process over labels, 0 where it does not answer."""
        _, text = await self.running[number].get("/metrics")
        lines = (line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{")))
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    async def end(self) -> None:
        """End what still runs, by force."""
        for child in self.running.values():
            if child.process.poll() is None:
                child.process.kill()
            await asyncio.to_thread(child.process.wait)
        self.running.clear()

    @staticmethod
    def _no_traceback(child: HubChild) -> None:
        # A fault outside the hub is a warning in one line; a traceback is a fault of ours that somebody must look at.
        assert "Traceback" not in child.log, child.log[-6000:]
