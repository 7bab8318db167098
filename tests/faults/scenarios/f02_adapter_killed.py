"""F2: a receiving adapter is killed at each of its steps and started again: its inbox folder has every document once.

Or never, where its sender took the document back while the adapter was away.
"""

import asyncio
import inspect
import os
import re
import signal
import sqlite3
from contextlib import closing
from functools import partial
from types import ModuleType
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from adapters import control, flow_folder, inbox, inbox_folder
from adapters.client import JOURNAL_FILE
from docaxis.domain import wire
from tests.faults.balance_flows import to_tell
from tests.faults.nursery import Born, nursery
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.simulator import endpoint_of
from tests.waiting import eventually

RECEIVER = "H01"


def _steps(*modules: ModuleType) -> list[str]:
    found = {step for one in modules for step in re.findall(r'failpoint\("([a-z-]+)"\)', inspect.getsource(one))}
    return sorted(found - NOT_HERE)


NOT_HERE = frozenset({"status-half-written", "report-half-written"})
"""What the adapter does as a sender; here it only receives."""
STEPS = _steps(inbox, inbox_folder)
STEPS_BACK = _steps(control, flow_folder)
"""Those that a recall passes."""
STEPS_SHORT, STEPS_BACK_SHORT = 5, 2
"""So many of the steps in the short form, all of them in a longer one."""
PACKAGES, TAKEN_BACK = 4, 2


async def strike(stage: Stage) -> None:
    """Kill it at every step `scale` times, in an order that is diced, with documents waiting; then let it finish."""
    agency = stage.agencies.pop(RECEIVER)
    await stage.answered()
    await stage.has_all(RECEIVER)
    await agency.leave(entirely=True)
    desk = Desk(stage)
    assert stage.talk
    # Nobody takes anything back by himself here, and at the desk sits no clerk.
    stage.talk.share = 0.0
    stage.book.flows.silent.add(agency.endpoint)
    short = stage.scale == 1
    steps = stage.dice.sample(STEPS, STEPS_SHORT) if short else STEPS * stage.scale
    back = stage.dice.sample(STEPS_BACK, STEPS_BACK_SHORT) if short else STEPS_BACK * stage.scale
    plan = [(step, False) for step in steps] + [(step, True) for step in back]
    stage.dice.shuffle(plan)
    for step, takes_back in plan:
        await stage.send(PACKAGES, to=(RECEIVER, "H05"))
        if takes_back:
            await _take_back(stage)
        program = await desk.start(step)
        await eventually(f"killed at {step}", partial(_has_ended, program))
        assert program.poll() == -signal.SIGKILL, f"{step}\n{desk.log}"
        stage.book.count("adapter kills")
    program = await desk.start()
    await stage.answered()
    await eventually("all fetched", lambda: _all_fetched(stage))
    await eventually("all recalls heard", lambda: _all_heard(stage, desk))
    program.send_signal(signal.SIGTERM)
    await eventually("the end of the adapter", lambda: _has_ended(program))
    assert program.poll() == 0, desk.log
    for digest in desk.arrived():
        stage.book.arrive(agency.endpoint, digest)
    for digest in desk.heard(stage):
        stage.book.hear(agency.endpoint, digest)
    stage.book.withdraw(agency.endpoint, desk.withdrawn())


async def _take_back(stage: Stage) -> None:
    """Take some documents back, one by 13 to the desk and the others by order, and wait until the hub has said so."""
    assert stage.talk
    for number in range(TAKEN_BACK):
        who, message_id, receivers, letter = stage.letter(to=("H05", RECEIVER))
        agency, document_id = stage.agencies[who], letter.header.document_id
        package = stage.country.signed(letter)
        await agency.send(package, message_id, receivers, frozenset({"accepted"}), document_id=document_id)
        stage.talk.take_back(agency, message_id, letter, by_order=number > 0)
        stage.book.count("documents taken back")

    async def said() -> bool:
        return not stage.talk or not stage.talk.pending

    await eventually("all said", said)
    await stage.answered()


async def _all_heard(stage: Stage, desk: "Desk") -> bool:
    endpoint = endpoint_of(RECEIVER)
    # Some were handed to the agency itself, before it left its place to the program.
    before = stage.book.flows.heard.get(endpoint, {}).keys()
    return {digest for told, digest in to_tell(stage.book) if told == endpoint} <= before | set(desk.heard(stage))


async def _has_ended(program: Born) -> bool:
    return program.poll() is not None


async def _all_fetched(stage: Stage) -> bool:
    return await stage.ground.count("lanes WHERE fetched < dispatched OR waiting > 0") == 0


class Desk:
    """An agency's computer: a folder, settings, and the folder program as a real process."""

    def __init__(self, stage: Stage) -> None:
        ground = stage.ground
        self._folder = stage.places.folder / "desk"
        self._folder.mkdir()
        self._log_file = self._folder / "adapter.log"
        endpoint = endpoint_of(RECEIVER)
        broker = urlsplit(ground.broker_url)
        (self._folder / "password").write_text(broker.password or "", encoding="utf-8")
        broker = broker._replace(netloc=broker.netloc.replace(f":{broker.password}@", "@"))
        certificate = stage.country.hub.certificate.public_bytes(Encoding.PEM)
        (self._folder / "hub.pem").write_bytes(certificate)
        (self._folder / "token").write_text(ground.bearers[endpoint], encoding="utf-8")
        (self._folder / "endpoint.toml").write_text(
            f"""
[endpoint]
id = "{endpoint}"
queue_token = "{ground.tokens[endpoint]}"
[broker]
url = "{broker.geturl()}"
password_file = "password"
[hub]
url = "http://127.0.0.1"
token_file = "token"
certificate_file = "hub.pem"
[state]
dir = "state"
""",
            encoding="utf-8",
        )

    async def start(self, failpoint: str = "") -> Born:
        """Start the program; it kills itself at the failpoint."""
        settings = str(self._folder / "endpoint.toml")
        argv = ["adapters.folder", "--settings", settings, str(self._folder / "documents")]
        environment = {**os.environ, "DOCAXIS_FAILPOINT": failpoint}
        return await asyncio.to_thread(nursery().run, "adapters.folder", argv, environment, self._log_file)

    @property
    def log(self) -> str:
        """Return what the program said when it ran last."""
        return self._log_file.read_text(encoding="utf-8")

    def arrived(self) -> list[str]:
        """Return the digest of every document in the inbox folder."""
        packages = (self._folder / "documents" / "inbox").glob("*/package.edxml")
        return [wire.digest_of(package.read_bytes()) for package in packages]

    def withdrawn(self) -> set[str]:
        """Return the keys of the documents that the program has given back."""
        return {key for (key,) in self._ask("SELECT document_key FROM withdrawn")}

    def heard(self, stage: Stage) -> list[str]:
        """Return the digests of the recalls that the program has taken, each once."""
        receipts = {word.removeprefix("package ") for (word,) in self._ask("SELECT message FROM heard")}
        book = stage.book
        return [one.digest for m, one in book.accepted("recall").items() if book.answers[m][-1].receipt_id in receipts]

    def _ask(self, query: str) -> list[tuple[str]]:
        with closing(sqlite3.connect(self._folder / "state" / JOURNAL_FILE, timeout=10)) as journal:
            return journal.execute(query).fetchall()


SCENARIO = Scenario(
    title="a receiving adapter is killed at each of its steps, those of a withdrawal among them",
    faults=("F2",),
    strike=strike,
    flows=True,
)
