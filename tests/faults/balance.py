"""Balances the book: set arithmetic on what was sent, answered and received, and a look at the hub's own store.

I1 nothing accepted is lost, nothing that the broker took stays unanswered. I2 nothing stands twice in a business inbox, and
a message is answered with the same octets each time. I3 nothing that was refused, taken back or never sent arrives. I4 one
event an act, every event one leaf, the log before the fault is the beginning of the log after it. I5 the backlog is gone.
I6 nothing has grown that should not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.faults.balance_flows import flow_breaches, taken_back
from tests.faults.book import Book, Sent

EXAMPLES = 5


@dataclass(slots=True)
class Balance:
    """The outcome: counts to show, and every breach as `I1 lost: …`."""

    counts: dict[str, int] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every invariant held."""
        return not self.breaches

    def breach(self, invariant: str, what: str, of: Iterable[object]) -> None:
        """Note the members of a set that should be empty, some of them by name, and count them."""
        members = list(of)
        self.counts[what] = self.counts.get(what, 0) + len(members)
        if members:
            named = ", ".join(str(one) for one in members[:EXAMPLES])
            self.breaches.append(
                f"{invariant} {what}: {len(members)} ({named}{', …' if len(members) > EXAMPLES else ''})"
            )

    def differs(self, invariant: str, what: str, found: object, due: object) -> None:
        """Note two figures that should be equal."""
        if found != due:
            self.breaches.append(f"{invariant} {what}: {found}, not {due}")


def balance(book: Book) -> Balance:
    """Judge I1 to I3 by the book alone."""
    result = Balance()
    accepted = book.accepted("document")
    withdrawn = taken_back(book)
    due = {(receiver, one.digest) for one in accepted.values() for receiver in one.receivers}
    arrived = {(endpoint, digest) for endpoint, inbox in book.inboxes.items() for digest in inbox}
    result.counts |= {
        "sent": len(book.sent),
        "accepted": len(book.accepted("document", "status", "recall")),
        "rejected": sum(book.outcome(m) == "rejected" for m in book.sent),
        "copies": len(arrived),
        "wire repeats": book.wire_repeats,
    }
    result.breach("I1", "lost", sorted(due - arrived - withdrawn))
    result.breach("I1", "unanswered", (m for m, one in book.sent.items() if one.confirmed and not book.outcome(m)))
    result.breach("I1", "answered otherwise", _otherwise(book, book.sent.values()))
    twice = [(e, digest) for e, inbox in book.inboxes.items() for digest, times in inbox.items() if times > 1]
    result.breach("I2", "doubled", sorted(twice))
    result.breach("I2", "two answers", _two_answers(book))
    result.breach("I3", "phantom", sorted(arrived - due))
    result.breach("I3", "withdrawn, but in an inbox", sorted(withdrawn & arrived))
    result.breach("I3", "answers to nothing", sorted(book.answers.keys() - book.sent.keys()))
    for invariant, what, members in flow_breaches(book):
        result.breach(invariant, what, sorted(members))
    for kind in ("status", "recall"):
        if of_kind := book.accepted(kind):
            result.counts[f"{kind} packages"] = len(of_kind)
    return result


def _otherwise(book: Book, sent: Iterable[Sent]) -> Sequence[str]:
    found = ((one, book.outcome(one.message_id)) for one in sent)
    return [f"{one.message_id} {outcome}" for one, outcome in found if outcome and outcome not in one.outcomes]


def _two_answers(book: Book) -> Sequence[str]:
    # A deferral is followed by the verdict; the verdict itself is one, whatever number of times it is told.
    return [
        message_id
        for message_id, answers in book.answers.items()
        if len({one.octets for one in answers if one.outcome != "deferred"}) > 1
    ]
