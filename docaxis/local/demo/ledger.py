"""The demonstration's own bookkeeping: what was sent, answered and received, as the agencies saw it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from adapters.passed_on import ReceivedRecall, ReceivedStatus
from docaxis.domain.receipt import Notice, Receipt
from docaxis.domain.report import Report
from docaxis.local.demo.papers import Paper
from docaxis.local.demo.scenario import Making, Outcome, Scene


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the broker has confirmed."""

    scene: Scene
    endpoint: str
    message_id: str
    paper: Paper
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt whose seal was verified, with its octets as they came."""

    endpoint: str
    octets: bytes
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Arrival:
    """A package at a receiver: the digest of the octets that came, and what the signed delivery note says of them."""

    endpoint: str
    digest: str
    note_digest: str
    lane: str
    addressees: tuple[tuple[str, str], ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice to a level passed over."""

    endpoint: str
    notice: Notice


@dataclass(slots=True)
class Ledger:
    """Filled by the agencies as things happen; `changed` is called after each entry."""

    changed: Callable[[], None] = lambda: None
    sent: dict[str, Sent] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    arrivals: list[Arrival] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    statuses: list[tuple[str, ReceivedStatus]] = field(default_factory=list)
    recalls: list[tuple[str, ReceivedRecall]] = field(default_factory=list)
    reports: list[tuple[str, Report]] = field(default_factory=list)
    """What came by control queues after the first two acts, with the endpoint that got it."""
    trouble: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Packages, receipts and notices that belong to no message of this run: of an interrupted one, or of a visitor."""
    _digests: set[str] = field(default_factory=set)
    _documents: set[str] = field(default_factory=set)
    _messages: set[str] = field(default_factory=set)

    def expect(self, message_id: str, paper: Paper) -> None:
        """Note a message before it is sent, since its receipt may overtake the broker's confirmation."""
        self._messages.add(message_id)
        self._digests.add(paper.digest)
        self._documents.add(paper.document_id)

    def put_sent(self, sent: Sent) -> None:
        """Note a message that is on its way."""
        self.sent[sent.scene.name] = sent
        self.changed()

    def put_answer(self, message_id: str, answer: Answer) -> None:
        """Note a receipt."""
        if message_id in self._messages:
            self.answers[message_id].append(answer)
        else:
            self.others.append(f"{answer.endpoint} received a receipt from elsewhere")
        self.changed()

    def put_arrival(self, arrival: Arrival) -> None:
        """Note a package at a receiver; one of this run is known by what came or by what the note says."""
        if self._digests & {arrival.digest, arrival.note_digest}:
            self.arrivals.append(arrival)
        else:
            self.others.append(f"{arrival.endpoint} received a package from elsewhere")
        self.changed()

    def put_told(self, told: Told) -> None:
        """Note a notice."""
        if told.notice.document_id in self._documents:
            self.told.append(told)
        else:
            self.others.append(f"{told.endpoint} received a notice from elsewhere")
        self.changed()

    def put_trouble(self, text: str) -> None:
        """Note what an agency could not trust or take."""
        self.trouble.append(text)
        self.changed()

    def answers_to(self, scene: Scene) -> list[Answer]:
        """Return the answers to one message, oldest first; of a message sent twice each gets its own."""
        sent = self.sent.get(scene.name)
        if sent is None:
            return []
        answers = self.answers.get(sent.message_id, [])
        return answers[1:] if scene.making is Making.SAME_MESSAGE else answers

    def final(self, scene: Scene) -> Answer | None:
        """Return the decision about a message, None while it is not there yet."""
        wanted = 2 if scene.expected.outcome is Outcome.DEFERRED_THEN_ACCEPTED else 1
        answers = self.answers_to(scene)
        if not answers or (len(answers) < wanted and answers[0].receipt.outcome == "deferred"):
            return None
        return answers[min(wanted, len(answers)) - 1]

    def arrivals_of(self, scene: Scene) -> list[Arrival]:
        """Return the packages that receivers got of this message; a repeat has none of its own."""
        sent = self.sent.get(scene.name)
        if sent is None or scene.expected.outcome is Outcome.REPEATED:
            return []
        return [one for one in self.arrivals if one.note_digest == sent.paper.digest]

    def arrivals_with(self, digest: str) -> list[Arrival]:
        """Return the arrivals of a package at any endpoint."""
        return [one for one in self.arrivals if one.note_digest == digest]

    def received(self, scene: Scene) -> int:
        """Return how many addressees have got this document."""
        return sum(len(one.addressees) for one in self.arrivals_of(scene))

    def settled(self, scene: Scene) -> bool:
        """Whether everything that is expected of a message has come; more may still come and is then a difference."""
        return (
            self.final(scene) is not None
            and self.received(scene) >= len(scene.expected.addressees)
            and len([one for one in self.told if self._is_of(one, scene)]) >= len(scene.expected.notified)
        )

    def told_of(self, scene: Scene) -> list[Told]:
        """Return the notices about this message."""
        return [one for one in self.told if self._is_of(one, scene)]

    def _is_of(self, told: Told, scene: Scene) -> bool:
        sent = self.sent.get(scene.name)
        return sent is not None and told.notice.document_id == sent.paper.document_id
