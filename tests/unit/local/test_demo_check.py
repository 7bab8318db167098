"""The demonstration's comparison: silent when all is as it should be, and one line for anything that is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from docaxis.domain.receipt import Notice, Receipt, ReceiptAddressee
from docaxis.local.demo.cast import endpoint_of
from docaxis.local.demo.check import copies_of, differences, sending_endpoint, summarize
from docaxis.local.demo.facts import Delivery, Facts, Submission
from docaxis.local.demo.first_act import FIRST_ACT
from docaxis.local.demo.ledger import Answer, Arrival, Ledger, Sent, Told
from docaxis.local.demo.papers import Paper
from docaxis.local.demo.scenario import Making, Outcome, Scene
from docaxis.local.demo.second_act import SECOND_ACT

SCENES = (*FIRST_ACT, *SECOND_ACT)
NOW = datetime(2026, 1, 5, tzinfo=UTC)


class World:
    """A run in which everything went as expected; a test then breaks one thing."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.submissions: list[Submission] = []
        self.deliveries: list[Delivery] = []
        for scene in SCENES:
            self.play(scene)

    @property
    def facts(self) -> Facts:
        return Facts(tuple(self.submissions), tuple(self.deliveries))

    def differences(self) -> list[str]:
        facts = self.facts
        return differences(SCENES, self.ledger, facts, summarize(SCENES, self.ledger, facts))

    def play(self, scene: Scene) -> None:
        original = self.ledger.sent.get(scene.of)
        is_repeat = scene.expected.outcome is Outcome.REPEATED
        paper = Paper(b"", f"sha256:{scene.name}", scene.name)
        message_id = f"m-{scene.name}"
        if is_repeat and original:
            paper = original.paper
            message_id = original.message_id if scene.making is Making.SAME_MESSAGE else message_id
        self.ledger.expect(message_id, paper)
        self.ledger.put_sent(Sent(scene, sending_endpoint(scene), message_id, paper, NOW))
        if is_repeat and original:
            self.ledger.put_answer(message_id, self.ledger.answers[original.message_id][0])
            if scene.making is Making.SAME_BYTES:
                self.submissions.append(Submission(message_id, "repeated", ""))
            return
        if scene.expected.outcome is Outcome.DEFERRED_THEN_ACCEPTED:
            self.answer(scene, message_id, "deferred")
        refused = scene.expected.outcome is Outcome.REJECTED
        self.answer(scene, message_id, "rejected" if refused else "accepted")
        outcome, code = ("rejected", scene.expected.code) if refused else ("accepted", "")
        self.submissions.append(Submission(message_id, outcome, code))
        if not refused:
            self.deliver(scene, paper)

    def answer(self, scene: Scene, message_id: str, outcome: str) -> None:
        closed = dict(scene.expected.succeeded)
        receipt = Receipt(
            receipt_id=scene.name,
            hub="demo",
            endpoint=sending_endpoint(scene),
            message_id=message_id,
            digest=f"sha256:{scene.name}",
            outcome=outcome,
            received_at=NOW,
            decided_at=NOW,
            event_hash="",
            code="" if outcome == "accepted" else scene.expected.code,
            detail=" ".join(scene.expected.detail),
            addressees=tuple(
                ReceiptAddressee(
                    organ_id, endpoint_of(via or organ_id), "r", addressed_as=closed.get(organ_id, ""), via=via
                )
                for organ_id, via in (scene.expected.addressees if outcome == "accepted" else ())
            ),
            notified=scene.expected.notified if outcome == "accepted" else (),
        )
        self.ledger.put_answer(message_id, Answer(receipt.endpoint, f"{scene.name} {outcome}".encode(), receipt))

    def deliver(self, scene: Scene, paper: Paper) -> None:
        lane = "urgent" if scene.priority else "normal"
        for endpoint, addressees in copies_of(scene).items():
            self.ledger.put_arrival(Arrival(endpoint, paper.digest, paper.digest, lane, addressees))
            self.deliveries += [
                Delivery(paper.digest, organ_id, endpoint, via, "dispatched", is_fetched=True)
                for organ_id, via in addressees
            ]
        for organ_id in scene.expected.notified:
            told = tuple(code for code, _ in scene.expected.addressees)
            notice = Notice("n", "demo", organ_id, paper.document_id, "", scene.sender, told, NOW, "r")
            self.ledger.put_told(Told(endpoint_of(organ_id), notice))


def change_receipt(world: World, name: str, **changes: object) -> None:
    answers = world.ledger.answers[f"m-{name}"]
    answers[-1] = replace(answers[-1], receipt=replace(answers[-1].receipt, **changes))  # type: ignore[arg-type]


def change_arrival(world: World, position: int, **changes: object) -> None:
    world.ledger.arrivals[position] = replace(world.ledger.arrivals[position], **changes)  # type: ignore[arg-type]


def test_a_run_as_expected_has_no_difference():
    world = World()
    assert world.differences() == []
    summary = summarize(SCENES, world.ledger, world.facts)
    assert (summary.sent, summary.accepted, sum(summary.rejected.values()), summary.repeated) == (24, 10, 12, 2)
    assert (summary.deferred, summary.delivered, summary.fetched, summary.receipts) == (0, 64, 64, 25)


FAULTS: dict[str, Callable[[World], object]] = {
    "accepted what must be refused": lambda w: change_receipt(w, "revoked", outcome="accepted", code=""),
    "refused for another reason": lambda w: change_receipt(w, "changed", code="SIG.MISSING"),
    "candidates not named": lambda w: change_receipt(w, "ambiguous", detail="H53.31"),
    "an addressee too few in the receipt": lambda w: change_receipt(w, "urgent", addressees=()),
    "succession not told": lambda w: change_receipt(
        w, "successor", addressees=(ReceiptAddressee("H29.168", "h29", "r", via="H29"),)
    ),
    "no receipt": lambda w: w.ledger.answers.pop("m-party"),
    "receipt of another package": lambda w: change_receipt(w, "bomb", digest="sha256:other"),
    "receipt for another endpoint": lambda w: change_receipt(w, "bomb", endpoint="h41"),
    "a repeat with other octets": lambda w: w.ledger.answers.__setitem__(
        "m-again-anew", [replace(w.ledger.answers["m-again-anew"][0], octets=b"other")]
    ),
    "no answer to the repeat": lambda w: w.ledger.answers["m-decision"].pop(),
    "never deferred": lambda w: w.ledger.answers["m-late"].pop(0),
    "a copy lost": lambda w: w.ledger.arrivals.pop(),
    "a copy doubled": lambda w: w.ledger.arrivals.append(w.ledger.arrivals[0]),
    "a copy for the wrong endpoint": lambda w: change_arrival(w, 0, endpoint="h99"),
    "a refused package delivered": lambda w: w.ledger.put_arrival(
        Arrival("g22", "sha256:revoked", "sha256:revoked", "normal", (("G22", ""),))
    ),
    "octets altered on the way": lambda w: change_arrival(w, 3, digest="sha256:other"),
    "note names another agency": lambda w: change_arrival(w, 3, addressees=(("H99", ""),)),
    "the wrong lane": lambda w: change_arrival(w, 3, lane="urgent"),
    "a receiver could not verify it": lambda w: change_arrival(w, 3, problem="signature: SIG.HASH_FAILURE"),
    "no notice": lambda w: w.ledger.told.clear(),
    "notice tells the content": lambda w: w.ledger.told.__setitem__(
        0, replace(w.ledger.told[0], notice=replace(w.ledger.told[0].notice, digest="sha256:x"))
    ),
    "set aside": lambda w: w.ledger.put_trouble("h41 set a message aside"),
    "not sent": lambda w: w.ledger.sent.pop("legacy"),
    "store forgot a submission": lambda w: w.submissions.pop(0),
    "store has one too many": lambda w: w.submissions.append(Submission("m-more", "accepted", "")),
    "store says another outcome": lambda w: w.submissions.__setitem__(0, replace(w.submissions[0], outcome="deferred")),
    "store lacks a delivery": lambda w: w.deliveries.pop(),
    "a copy still waits": lambda w: w.deliveries.__setitem__(0, replace(w.deliveries[0], state="waiting")),
    "not known as fetched": lambda w: w.deliveries.__setitem__(0, replace(w.deliveries[0], is_fetched=False)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_any_difference_is_found(fault: str):
    world = World()
    FAULTS[fault](world)
    assert world.differences()


def test_quarantined_and_unlogged_are_differences():
    world = World()
    for facts in (replace(world.facts, quarantined=1), replace(world.facts, unlogged=2)):
        assert differences(SCENES, world.ledger, facts, summarize(SCENES, world.ledger, facts))
