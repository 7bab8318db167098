"""The harness's own book, kept outside the hub: what was sent, what was answered, what arrived."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

from docaxis.domain.receipt import Effect
from tests.faults.flow_book import FlowBook, GivenBack

Kind = Literal["document", "status", "recall"]


ACCEPTED = frozenset({"accepted", "repeated"})


@dataclass(slots=True)
class Sent:
    """A package as an agency sent it; outcomes are all that the hub may answer, confirmed once the broker had it.

    receivers are endpoints: whose inbox it must reach, of a status who must be told. document_id is the document's own, or of
    what it speaks; a status has a code, and the addressee organ_id whose copy it is about.
    """

    message_id: str
    digest: str
    endpoint: str
    receivers: frozenset[str]
    outcomes: frozenset[str]
    confirmed: bool = False
    kind: Kind = "document"
    document_id: str = ""
    organ_id: str = ""
    code: int = 0


@dataclass(slots=True)
class Answer:
    """A verified receipt as the sender has it; octets is the digest of its own bytes, an accepted document's id is its key."""

    outcome: str
    code: str
    octets: str
    event_hash: str
    receipt_id: str = ""
    effects: tuple[Effect, ...] = ()


@dataclass
class Book:
    """Everything that the agencies have seen, also as lines of JSON in a file, to be read when a run fails."""

    file: Path
    sent: dict[str, Sent] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    inboxes: dict[str, Counter[str]] = field(default_factory=dict)
    """By endpoint, how often each package came into its business inbox, by digest."""
    wire_repeats: int = 0
    """Copies that a receiver's journal recognised as repeats: allowed, and counted."""
    counts: Counter[str] = field(default_factory=Counter)
    """What the scenario did: kills, cuts, restarts …"""
    unanswered: set[str] = field(default_factory=set)
    """What the broker has taken and nobody has answered yet: for waiting; the balance counts by itself."""
    flows: FlowBook = field(default_factory=FlowBook)
    _lines: TextIO | None = None

    def send(self, sent: Sent) -> None:
        """Write down an attempt, before it is made."""
        self.sent[sent.message_id] = sent
        self._write(
            "sent",
            message_id=sent.message_id,
            digest=sent.digest,
            endpoint=sent.endpoint,
            receivers=sorted(sent.receivers),
            outcomes=sorted(sent.outcomes),
            **(
                {"kind": sent.kind, "of": sent.document_id, "organ": sent.organ_id, "code": sent.code}
                if sent.code
                else {}
            ),
        )

    def confirm(self, message_id: str) -> None:
        """Write down that the broker has taken a message."""
        self.sent[message_id].confirmed = True
        if not self.outcome(message_id):
            self.unanswered.add(message_id)
        self._write("confirmed", message_id=message_id)

    def answer(self, message_id: str, answer: Answer) -> None:
        """Write down a receipt."""
        self.answers.setdefault(message_id, []).append(answer)
        if self.outcome(message_id):
            self.unanswered.discard(message_id)
        self._write("answer", message_id=message_id, outcome=answer.outcome, code=answer.code, octets=answer.octets)

    def arrive(self, endpoint: str, digest: str, document_key: str = "") -> None:
        """Write down a package that has come into a business inbox."""
        self.inboxes.setdefault(endpoint, Counter())[digest] += 1
        if document_key:
            self.flows.arrived.setdefault(endpoint, set()).add(document_key)
        self._write("arrived", endpoint=endpoint, digest=digest)

    def hear(self, endpoint: str, digest: str) -> None:
        """Write down that an agency was told of a status or a recall."""
        self.flows.hear(endpoint, digest)
        self._write("heard", endpoint=endpoint, digest=digest)

    def withdraw(self, endpoint: str, document_keys: set[str]) -> None:
        """Write down that an endpoint has given copies back unread."""
        self.flows.withdraw(endpoint, document_keys)
        self._write("withdrawn", endpoint=endpoint, documents=sorted(document_keys))

    def give_back(self, told: str, document_key: str, endpoint: str) -> None:
        """Write down that the hub has reported a copy as given back."""
        self.flows.given_back.add(GivenBack(told, document_key, endpoint))
        self._write("given back", told=told, document=document_key, endpoint=endpoint)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that the scenario did."""
        self.counts[what] += number
        self._write("did", what=what, number=number)

    def most(self, what: str, number: int) -> None:
        """Note the highest that something has been."""
        if number > self.counts[what]:
            self.count(what, number - self.counts[what])

    def outcome(self, message_id: str) -> str:
        """Return the last word on a message; empty while there is none, or only a deferral came."""
        final = [one.outcome for one in self.answers.get(message_id, ()) if one.outcome != "deferred"]
        return final[-1] if final else ""

    def accepted(self, *kinds: Kind) -> dict[str, Sent]:
        """Return what was accepted of these kinds, by message id."""
        return {m: one for m, one in self.sent.items() if one.kind in kinds and self.outcome(m) in ACCEPTED}

    def effects(self, message_id: str) -> tuple[Effect, ...]:
        """Return what the hub says that an accepted package did to copies."""
        return next((one.effects for one in self.answers.get(message_id, ()) if one.outcome in ACCEPTED), ())

    def close(self) -> None:
        """Close the file."""
        if self._lines:
            self._lines.close()
            self._lines = None

    def _write(self, kind: str, /, **fields: Any) -> None:
        if self._lines is None:
            self._lines = self.file.open("a", encoding="utf-8")
        self._lines.write(json.dumps({"did": kind, **fields}) + "\n")
