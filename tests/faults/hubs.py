"""The hub processes of a run: started, killed at a moment or at a failpoint, started again."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from tests.axis import Ground
from tests.faults.book import Book
from tests.hub_child import HubChild


@dataclass(slots=True)
class Hubs:
    """Real child processes on one ground; `sections` go over the harness's configuration for all of them."""

    ground: Ground
    book: Book
    sections: dict[str, dict[str, object]] = field(default_factory=dict)
    running: dict[int, HubChild] = field(default_factory=dict)
    _numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    async def start(
        self, failpoint: str = "", *, ready: bool = True, sections: Mapping[str, Mapping[str, object]] | None = None
    ) -> int:
        """Start one more and return its number; `ready`: once it can work."""
        merged: dict[str, dict[str, object]] = {name: dict(values) for name, values in self.sections.items()}
        for name, values in (sections or {}).items():
            merged.setdefault(name, {}).update(values)
        child = self.ground.hub(failpoint, **merged)
        child.__enter__()
        number = self._numbers()
        self.running[number] = child
        if ready:
            await child.ready()
        return number

    async def kill(self, number: int) -> None:
        """Kill one by SIGKILL."""
        child = self.running.pop(number)
        if child.process.poll() is None:
            child.process.kill()
            self.book.count("hub kills")
        await child.ended()
        self._no_traceback(child)

    async def killed_by_itself(self, number: int, patience_s: float = 30.0) -> None:
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

    async def metric(self, name: str) -> float:
        """Return the sum of a metric over labels and processes; processes that do not answer count as 0."""
        total = 0.0
        for child in self.running.values():
            _, text = await child.get("/metrics")
            for line in text.splitlines():
                if line.startswith((f"{name} ", f"{name}{{")):
                    total += float(line.rsplit(" ", 1)[1])
        return total

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
