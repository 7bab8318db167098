"""What a person sees: a live table on a terminal, plain lines anywhere else."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from docaxis.local.demo.cast import player
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.scenario import Outcome, Scene

_TITLE = "Trục liên thông văn bản · docaxis demo · DỮ LIỆU THỬ"
_WIDTH_MOST = 116
_LINES_AROUND = 9
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
        return (f"deferred {answers[0].receipt.code}", "magenta") if answers else ("sent", "dim")
    if scene.expected.outcome is Outcome.REPEATED:
        return "the same receipt again", "cyan"
    receipt = final.receipt
    if receipt.outcome != "accepted":
        return f"{'refused' if receipt.outcome == 'rejected' else receipt.outcome} {receipt.code}", "yellow"
    notices = len(ledger.told_of(scene))
    told = ", 1 notice" if notices == 1 else f", {notices} notices" if notices else ""
    late = " at last" if len(answers) > 1 else ""
    return f"accepted{late}, {ledger.received(scene)}/{len(receipt.addressees)} delivered{told}", "green"


def addressees_of(scene: Scene, scenes: Sequence[Scene]) -> str:
    """Return to whom a message goes, shortly."""
    if scene.expected.outcome is Outcome.REPEATED:
        return addressees_of(next(one for one in scenes if one.name == scene.of), scenes)
    if any(code.startswith("LIST.") for code in scene.to):
        return f"{len(scene.expected.addressees)} agencies"
    return ", ".join(scene.to)


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
                self.tell(f"{number:2} {player(scene.sender).name}: {scene.title} → {words}")

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
        self._doing = ""
        self._live.update(self._whole(), refresh=True)
        self._live.stop()

    def _picture(self) -> RenderableType:
        rows = max(4, self._console.height - _LINES_AROUND)
        sent = max((n for n, scene in enumerate(self._scenes, 1) if scene.name in self._ledger.sent), default=0)
        last = min(len(self._scenes), max(sent + 1, rows))
        return Group(self._table(max(0, last - rows), last), self._counts(), Text(self._doing, style="dim"))

    def _whole(self) -> RenderableType:
        return Group(self._table(0, len(self._scenes)), self._counts())

    def _table(self, first: int, last: int) -> Table:
        table = Table(title=_TITLE, title_style="bold", width=min(_WIDTH_MOST, self._console.width), pad_edge=False)
        table.add_column("", width=2, justify="right", style="dim")
        table.add_column("From", ratio=22, no_wrap=True)
        table.add_column("What", ratio=32, no_wrap=True)
        table.add_column("To", ratio=11, no_wrap=True)
        table.add_column("What came of it", ratio=33, no_wrap=True)
        for number, scene in enumerate(self._scenes[first:last], first + 1):
            words, colour = result_of(scene, self._ledger)
            style = "" if scene.name in self._ledger.sent else "dim"
            cells = (player(scene.sender).name, scene.title, addressees_of(scene, self._scenes))
            table.add_row(str(number), *(Text(cell, style=style) for cell in cells), Text(words, style=colour))
        return table

    def _counts(self) -> Text:
        ledger = self._ledger
        received = sum(ledger.received(scene) for scene in self._scenes)
        receipts = sum(map(len, ledger.answers.values()))
        words = [f"{len(ledger.sent)} of {len(self._scenes)} sent", f"{receipts} receipts", f"{received} deliveries"]
        if ledger.others:
            words.append(f"{ledger.others} from elsewhere")
        return Text(" " + " · ".join(words), style="bold")
