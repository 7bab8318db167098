"""A look around after the play: where everything is, and a letter that the visitor may send himself."""

import asyncio
import shlex
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from docaxis.local.demo.cast import VISITOR
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.papers import Desk
from docaxis.local.demo.people import PEOPLE, Someone
from docaxis.local.demo.scenario import Scene, accepted, direct
from docaxis.local.demo.stage import Stage
from docaxis.local.service import ServiceError

_WATCH_S = 0.25
_LETTER = Scene(
    name="visitor",
    title="a letter of your own",
    sender=VISITOR.organ_id,
    to=("G22", "H41"),
    number="5/UBND-VP",
    subject="Thư của người xem",
    expected=accepted(*direct("G22", "H41")),
)
_AROUND = """
It keeps running, so that you can look around; Ctrl-C ends it. In a browser:
  {web}   the pages; one press signs you in as one of
{people}
From another terminal:
  ./hub receipts {document} --config {folder}/config.toml
  ./hub endpoint list --config {folder}/config.toml
  ./hub route explain --from H41.001 --to G12 --config {folder}/config.toml
  ./hub package show {folder}/letter.edxml
  ./hub send {folder}/letter.edxml --settings {folder}/endpoints/{visitor}/endpoint.toml
  ls {folder}/agencies/g12/inbox     what the Ministry of Finance has received
  less {folder}/log/hub.jsonl        the hub's log; the pages' log is web.jsonl beside it
  {health}/readyz   {health}/metrics"""


async def look_around(console: Console, stage: Stage, ledger: Ledger) -> None:
    """Say where everything is, and return at a signal; raises ServiceError when the hub has ended by itself."""
    letter = await asyncio.to_thread(Desk(stage.certificates, stage.directory, stage.series).write, _LETTER)
    (stage.folder / "letter.edxml").write_bytes(letter.octets)
    text = _AROUND.format(
        folder=_typed(stage.folder),
        health=stage.health_url,
        web=stage.web_url,
        people="\n".join(f"    {one.title}, {_at(stage, one)}" for one in PEOPLE),
        visitor=VISITOR.endpoint,
        document=shlex.quote(ledger.sent["decision"].paper.document_id) if "decision" in ledger.sent else "DOCUMENT_ID",
    )
    _say(console, text)
    told = len(ledger.others)
    try:
        while stage.hub.running and stage.web.running:
            await asyncio.sleep(_WATCH_S)
            for other in ledger.others[told:]:
                _say(console, f"demo: {other}")
            told = len(ledger.others)
    except asyncio.CancelledError:
        return  # the way to end a look around
    ended = "web process" if stage.hub.running else "hub"
    raise ServiceError(f"the {ended} ended; its log is in {stage.folder / 'log'}")


def _at(stage: Stage, one: Someone) -> str:
    agency = stage.directory.find(one.organ_id)
    return agency.name if agency else "docaxis"


def _say(console: Console, text: str) -> None:
    with suppress(OSError):  # the terminal may be closed
        console.print(text, markup=False, highlight=False, soft_wrap=True)


def _typed(path: Path) -> str:
    """Return a path as one would type it here, quoted where a shell needs it."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
