"""The two beside docaxis under measure, plain and floor: what they are told, and the same queues as docaxis makes."""

import json
from pathlib import Path

import aiormq

from docaxis.backends.declare import declare_hub, declare_queues
from docaxis.backends.topology import Topology, inbox_queues
from docaxis.domain import wire
from docaxis.edxml.schema import schema_folder
from tests.bench.corpus import Corpus
from tests.bench.programs import Programs
from tests.bench.services import Place
from tests.simulator import PROVINCES, SENDER, endpoint_of


class Rival(Programs):
    """One process of `tests.bench.plain` or `tests.bench.floor`."""

    def __init__(self, name: str, place: Place, corpus: Corpus, tokens: dict[str, str]) -> None:
        folder = place.folder / name
        super().__init__([folder])
        self._name = name
        self._outline = folder / "outline.json"
        self._place = place
        self._tokens = tokens
        self._outline.touch(mode=0o600)
        self._outline.write_text(json.dumps(_outline(place, corpus, tokens)), encoding="utf-8")

    def words(self, number: int) -> list[str]:
        """Return the module and its outline."""
        del number
        return ["-m", f"tests.bench.{self._name}", str(self._outline)]

    async def is_ready(self, number: int) -> bool:
        """Return whether it has said so."""
        return "ready" in self._logs[number].read_text(encoding="utf-8").splitlines()

    async def start(self) -> None:
        """Make the queues that docaxis would make, then start."""
        connection = await aiormq.connect(self._place.broker_url)
        channel = await connection.channel()
        await declare_hub(channel, Topology())
        for endpoint, token in self._tokens.items():
            await declare_queues(channel, inbox_queues(endpoint, token), wire.INGRESS_EXCHANGE)
        await connection.close()
        await super().start()


def _outline(place: Place, corpus: Corpus, tokens: dict[str, str]) -> dict[str, object]:
    sender = endpoint_of(SENDER)
    pki, (key, certificate) = corpus.pki, corpus.hub
    inboxes = {}
    for organ_id in PROVINCES[: corpus.addressees]:
        endpoint = endpoint_of(organ_id)
        queue = wire.inbox_queue(endpoint, tokens[endpoint], "normal")
        inboxes[organ_id] = {"endpoint": endpoint, "queue": queue}
    return {
        "broker_url": place.broker_url,
        "store_url": place.store_url,
        "authority": str(_only(pki / "anchors")),
        "crls": str(pki / "crls"),
        "schema": str(schema_folder() / "edxml.rng"),
        "hub_key": str(key),
        "hub_certificate": str(certificate),
        "sender_certificate": str(corpus.folder / "sender.cert.pem"),
        "sender": sender,
        "ingress": wire.ingress_queue("normal"),
        "fetched": wire.FETCHED_QUEUE,
        "receipts": {sender: wire.inbox_queue(sender, tokens[sender], "receipts")},
        "inboxes": inboxes,
    }


def _only(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found
