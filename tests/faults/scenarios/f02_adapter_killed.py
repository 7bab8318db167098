"""F2: a receiving adapter is killed at each of its steps and started again: its inbox folder has every document once."""

import asyncio
import inspect
import os
import re
import signal
from functools import partial
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from adapters import inbox, inbox_folder
from docaxis.domain import wire
from tests.faults.nursery import Born, nursery
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.simulator import endpoint_of
from tests.waiting import eventually

RECEIVER = "H01"
STEPS = sorted(
    {
        step
        for module in (inbox, inbox_folder)
        for step in re.findall(r'failpoint\("([a-z-]+)"\)', inspect.getsource(module))
    }
)
STEPS_SHORT = 5
"""So many of the steps in the short form, all of them in a longer one."""
PACKAGES = 4


async def strike(stage: Stage) -> None:
    """Kill it at every step `scale` times, in an order that is diced, with documents waiting; then let it finish."""
    agency = stage.agencies.pop(RECEIVER)
    await stage.answered()
    await stage.has_all(RECEIVER)
    await agency.leave(entirely=True)
    desk = Desk(stage)
    steps = stage.dice.sample(STEPS, STEPS_SHORT) if stage.scale == 1 else STEPS * stage.scale
    stage.dice.shuffle(steps)
    for step in steps:
        await stage.send(PACKAGES, to=(RECEIVER, "H05"))
        program = await desk.start(step)
        await eventually(f"killed at {step}", partial(_has_ended, program))
        assert program.poll() == -signal.SIGKILL, f"{step}\n{desk.log}"
        stage.book.count("adapter kills")
    program = await desk.start()
    await stage.answered()
    await eventually("all fetched", lambda: _all_fetched(stage))
    program.send_signal(signal.SIGTERM)
    await eventually("the end of the adapter", lambda: _has_ended(program))
    assert program.poll() == 0, desk.log
    for digest in desk.arrived():
        stage.book.arrive(agency.endpoint, digest)


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


SCENARIO = Scenario(title="a receiving adapter is killed at each of its steps", faults=("F2",), strike=strike)
