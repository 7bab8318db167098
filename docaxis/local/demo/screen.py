"""What a person sees: a live table on a terminal, plain lines anywhere else."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from docaxis.local.demo.cast import player
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.scenario import Outcome, Scene

_TITLE = "Trục liên thông văn bản · docaxis demo · DỮ LIỆU THỬ"
_WIDTH_MOST = 100
_LINES_AROUND = 8
_REFRESH_PER_S = 8


class Screen(Protocol):
    """Where the demonstration talks."""

    def tell(self, text: str) -> None:
        """Say what is being done."""

    def update(self) -> None:
        """Something has changed in the ledger."""

    def close(self) -> None:
        """Leave the last picture standing."""


def open_screen(console: Console, scenes: Sequence[Scene], ledger: Ledger) -> Screen:
    """Return a live table where the console can move its cursor, else plain lines."""
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveScreen(console, scenes, ledger)
    return PlainScreen(console, scenes, ledger)


def result_of(scene: Scene, ledger: Ledger) -> tuple[str, str]:
    """Return what has come of a message, in words, and the colour of it."""
    if scene.name not in ledger.sent:
        return "", "dim"
    final = ledger.final(scene)
    answers = ledger.answers_to(scene)
    if final is None:
        return (f"… {answers[0].receipt.code}", "magenta") if answers else ("→ sent", "dim")
    if scene.expected.outcome is Outcome.REPEATED:
        return "↺ the same receipt again", "cyan"
    receipt = final.receipt
    if receipt.outcome != "accepted":
        return f"{'✘' if receipt.outcome == 'rejected' else '…'} {receipt.code}", "yellow"
    told = ", province told" if ledger.told_of(scene) else ""
    late = ", deferred first" if answers[0].receipt.outcome == "deferred" else ""
    return f"✔ {ledger.received(scene)}/{len(receipt.addressees)} delivered{late}{told}", "green"


class PlainScreen:
    """One line for each thing done, and one for each message once its fate is known."""

    def __init__(self, console: Console, scenes: Sequence[Scene], ledger: Ledger) -> None:
        self._console = console
        self._scenes = scenes
        self._ledger = ledger
        self._shown: set[str] = set()

    def tell(self, text: str) -> None:
        """Print a line."""
        with suppress(OSError):  # a closed terminal must not end the play before it is taken down in order
            self._console.print(f"demo: {text}", markup=False, highlight=False, soft_wrap=True)

    def update(self) -> None:
        """Print the messages that have just been settled."""
        for number, scene in enumerate(self._scenes, 1):
            if scene.name not in self._shown and self._ledger.settled(scene):
                self._shown.add(scene.name)
                words, _ = result_of(scene, self._ledger)
                self.tell(f"{number:2} {player(scene.sender).name}: {scene.title} {words}")

    def close(self) -> None:
        """Print nothing more."""
        self._scenes = ()


class LiveScreen:
    """The whole scenario as a table that fills; on a low terminal the newest rows."""

    def __init__(self, console: Console, scenes: Sequence[Scene], ledger: Ledger) -> None:
        self._console = console
        self._scenes = scenes
        self._ledger = ledger
        self._doing = ""
        self._live = Live(
            console=console,
            get_renderable=self._picture,
            refresh_per_second=_REFRESH_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def tell(self, text: str) -> None:
        """Show it in the line under the table."""
        self._doing = text

    def update(self) -> None:
        """Nothing: the table is drawn anew some times a second."""

    def close(self) -> None:
        """Draw the whole table once more and let it stand."""
        if self._live.is_started:
            self._live.stop()
            rows = len(self._scenes)
            self._console.print(Group(self._table(0, rows), self._counts()))

    def _picture(self) -> RenderableType:
        rows = max(4, self._console.height - _LINES_AROUND)
        sent = max((n for n, scene in enumerate(self._scenes, 1) if scene.name in self._ledger.sent), default=0)
        last = min(len(self._scenes), max(sent + 1, rows))
        return Group(self._table(max(0, last - rows), last), self._counts(), Text(self._doing, style="dim"))

    def _table(self, first: int, last: int) -> Table:
        width = min(_WIDTH_MOST, self._console.width)
        table = Table(title=_TITLE, title_style="bold", width=width, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        table.add_column("", width=2, justify="right", style="dim")
        table.add_column("From", ratio=22, no_wrap=True)
        table.add_column("What", ratio=33, no_wrap=True)
        table.add_column("What came of it", ratio=34, no_wrap=True)
        for number, scene in enumerate(self._scenes[first:last], first + 1):
            words, colour = result_of(scene, self._ledger)
            style = "" if scene.name in self._ledger.sent else "dim"
            cells = (Text(player(scene.sender).name, style=style), Text(scene.title, style=style))
            table.add_row(str(number), *cells, Text(words, style=colour))
        return table

    def _counts(self) -> Text:
        ledger = self._ledger
        received = sum(ledger.received(scene) for scene in self._scenes)
        receipts = sum(map(len, ledger.answers.values()))
        words = [f"{len(ledger.sent)} of {len(self._scenes)} sent", f"{receipts} receipts", f"{received} deliveries"]
        if ledger.others:
            words.append(f"{len(ledger.others)} from elsewhere")
        return Text(" " + " · ".join(words), style="bold")
