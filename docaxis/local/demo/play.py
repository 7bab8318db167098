"""Plays the scenario: sends act by act, waits for what must come, then compares."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from adapters.blobs import BlobError
from adapters.publisher import SendError
from docaxis.domain import wire
from docaxis.local.demo.check import Summary, differences, sending_endpoint, summarize
from docaxis.local.demo.facts import Facts, read_facts
from docaxis.local.demo.ledger import Ledger, Sent
from docaxis.local.demo.papers import Desk, Paper
from docaxis.local.demo.scenario import Making, Scene
from docaxis.local.demo.stage import Stage
from docaxis.local.service import ServiceError

PATIENCE_S = 60.0
PAUSE_S = 0.08
LATE_S = 1.0
SURPRISES_S = 0.5
"""How long the play listens for what should not come, after all has come that should."""


class Play:
    """One run of the scenario on a stage."""

    def __init__(self, stage: Stage, ledger: Ledger, acts: Sequence[Sequence[Scene]]) -> None:
        self._stage = stage
        self._ledger = ledger
        self._acts = acts
        self.desk = Desk(stage.certificates, stage.directory, stage.series)
        self._papers: dict[str, Paper] = {}
        self._late: list[asyncio.Task[None]] = []

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Return all scenes in their order."""
        return tuple(scene for act in self._acts for scene in act)

    async def run(self) -> tuple[Summary, list[str]]:
        """Play everything; returns the counts and every difference, among them what did not come in time."""
        try:
            for act in self._acts:
                for scene in act:
                    try:
                        await self._send(scene)
                    except (SendError, BlobError) as error:
                        self._check_alive()
                        self._ledger.put_trouble(f"{scene.name}: cannot be sent: {error}")
                    await asyncio.sleep(PAUSE_S)
                if not await self._settled(act):
                    break
        finally:
            for task in self._late:
                task.cancel()
            await asyncio.gather(*self._late, return_exceptions=True)
        facts = await self._facts()
        summary = summarize(self.scenes, self._ledger, facts)
        return summary, differences(self.scenes, self._ledger, facts, summary)

    async def _send(self, scene: Scene) -> None:
        original = self._papers.get(scene.of)
        paper = await asyncio.to_thread(self.desk.write, scene, original)
        self._papers[scene.name] = paper
        agency = self._stage.agencies[sending_endpoint(scene)]
        earlier = self._ledger.sent.get(scene.of)
        message_id = earlier.message_id if earlier and scene.making is Making.SAME_MESSAGE else uuid4().hex
        self._ledger.expect(message_id, paper)
        if scene.making is Making.BY_REFERENCE:
            await agency.client.blobs.put(wire.digest_of(paper.blob), paper.blob)
        await agency.send(paper.octets, message_id, scene.priority)
        self._ledger.put_sent(Sent(scene, sending_endpoint(scene), message_id, paper, datetime.now(UTC)))
        if scene.making is Making.BLOB_LATE:
            self._late.append(asyncio.create_task(self._bring(scene, paper)))

    async def _bring(self, scene: Scene, paper: Paper) -> None:
        """Bring the missing attachment a while after the hub has said that it is missing."""
        while not self._ledger.answers_to(scene):  # noqa: ASYNC110 - one look in 50 ms, for one receipt
            await asyncio.sleep(0.05)
        await asyncio.sleep(LATE_S)
        await self._stage.agencies[sending_endpoint(scene)].client.blobs.put(wire.digest_of(paper.blob), paper.blob)

    async def _settled(self, act: Sequence[Scene]) -> bool:
        """Wait until every message of an act has all that is expected; False when time is up."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not all(self._ledger.settled(scene) for scene in act):
                    self._check_alive()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return False
        return True

    async def _facts(self) -> Facts:
        """Read the store, once it has recorded all that was fetched and logged, or when time is up."""
        message_ids = {one.message_id for one in self._ledger.sent.values()}
        delivered = sum(self._ledger.received(scene) for scene in self.scenes)
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S / 4
        await asyncio.sleep(SURPRISES_S)
        while True:
            facts = await read_facts(self._stage.store_url, message_ids)
            if (facts.fetched >= delivered and not facts.unlogged) or loop.time() > until:
                return facts
            self._check_alive()
            await asyncio.sleep(0.1)

    def _check_alive(self) -> None:
        if not self._stage.hub.running:
            raise ServiceError(f"the hub ended; its log is in {self._stage.folder / 'log'}")
        for agency in self._stage.agencies.values():
            if failure := agency.failure():
                raise ServiceError(f"an agency stopped receiving: {type(failure).__name__}: {failure}") from failure
