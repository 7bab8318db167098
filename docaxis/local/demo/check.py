"""Compares what was expected, what the agencies saw and what the store recorded; a difference is a line of text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from docaxis.local.demo.cast import endpoint_of, player
from docaxis.local.demo.facts import Facts
from docaxis.local.demo.ledger import Answer, Ledger
from docaxis.local.demo.scenario import Making, Outcome, Scene


@dataclass(slots=True)
class Summary:
    """The counts of one run; delivered: addressees whose system got the package; fetched: those the hub knows of.

    flows: the stories of the third act, and whether each ended as it must; pages: roles whose first page was shown.
    """

    sent: int = 0
    accepted: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    deferred: int = 0
    delivered: int = 0
    fetched: int = 0
    receipts: int = 0
    flows: dict[str, bool] = field(default_factory=dict)
    pages: int = 0
    seconds: float = 0.0
    as_expected: bool = False


def summarize(scenes: Sequence[Scene], ledger: Ledger, facts: Facts) -> Summary:
    """Count what happened; a message deferred first and accepted later counts as accepted."""
    summary = Summary(sent=len(ledger.sent), fetched=facts.fetched)
    rejected: Counter[str] = Counter()
    for scene in scenes:
        final = ledger.final(scene)
        if final is None:
            summary.deferred += any(one.receipt.outcome == "deferred" for one in ledger.answers_to(scene))
        elif scene.expected.outcome is Outcome.REPEATED and final.octets in _earlier(scene, scenes, ledger):
            summary.repeated += 1
        elif final.receipt.outcome == "accepted":
            summary.accepted += 1
        elif final.receipt.outcome == "deferred":
            summary.deferred += 1
        else:
            rejected[final.receipt.code] += 1
        summary.delivered += ledger.received(scene)
    summary.rejected = dict(sorted(rejected.items()))
    summary.receipts = sum(len(answers) for answers in ledger.answers.values())
    return summary


def differences(scenes: Sequence[Scene], ledger: Ledger, facts: Facts, summary: Summary) -> list[str]:
    """Return every difference between expectation, ledger and store, and what is not conserved; empty when all is well."""
    found = [f"{scene.name}: {text}" for scene in scenes for text in _of_scene(scene, scenes, ledger)]
    found += ledger.trouble
    found += _of_store(scenes, ledger, facts)
    found += _of_conservation(scenes, ledger, facts, summary)
    return found


def _of_scene(scene: Scene, scenes: Sequence[Scene], ledger: Ledger) -> Iterator[str]:
    expected = scene.expected
    sent = ledger.sent.get(scene.name)
    if sent is None:
        yield "not sent"
        return
    final = ledger.final(scene)
    if final is None:
        yield f"no receipt; expected {expected.outcome} {expected.code}".rstrip()
        return
    receipt = final.receipt
    if (final.endpoint, receipt.endpoint) != (sent.endpoint, sent.endpoint):
        yield f"receipt for {receipt.endpoint} at {final.endpoint}, expected {sent.endpoint}"
    if receipt.digest != sent.paper.digest:
        yield f"receipt names {receipt.digest}, sent was {sent.paper.digest}"
    if expected.outcome is Outcome.REPEATED:
        if final.octets not in _earlier(scene, scenes, ledger):
            yield f"expected the receipt of {scene.of} again, byte for byte; got {receipt.outcome} {receipt.code}"
        return
    wanted = "rejected" if expected.outcome is Outcome.REJECTED else "accepted"
    code = expected.code if expected.outcome is Outcome.REJECTED else ""
    if (receipt.outcome, receipt.code) != (wanted, code):
        got = f"{receipt.outcome} {receipt.code} {receipt.detail} {receipt.place}"
        yield f"expected {wanted} {code}, got {got}".rstrip()
    yield from (f"detail lacks {word}: {receipt.detail}" for word in expected.detail if word not in receipt.detail)
    if expected.outcome is Outcome.DEFERRED_THEN_ACCEPTED:
        first = ledger.answers_to(scene)[0].receipt
        if (first.outcome, first.code) != ("deferred", expected.code):
            yield f"expected deferred {expected.code} first, got {first.outcome} {first.code}"
    yield from _of_addressees(scene, final)
    yield from _of_arrivals(scene, ledger)
    yield from _of_notices(scene, ledger)


def _of_addressees(scene: Scene, final: Answer) -> Iterator[str]:
    expected = scene.expected
    named = tuple(sorted((one.organ_id, one.via) for one in final.receipt.addressees))
    if named != tuple(sorted(expected.addressees)):
        yield f"receipt names addressees {_short(named)}, expected {_short(sorted(expected.addressees))}"
    for organ_id, closed in expected.succeeded:
        told = [one for one in final.receipt.addressees if one.organ_id == organ_id]
        if not any(one.addressed_as == closed or closed in one.note for one in told):
            yield f"receipt does not tell that {organ_id} succeeds {closed}"
    if tuple(sorted(final.receipt.notified)) != tuple(sorted(expected.notified)):
        yield f"receipt names notified {final.receipt.notified}, expected {expected.notified}"


def _of_arrivals(scene: Scene, ledger: Ledger) -> Iterator[str]:
    """Each endpoint gets exactly one copy, with the octets that were sent and the note that names its own agencies."""
    wanted = copies_of(scene)
    arrivals = ledger.arrivals_of(scene)
    got = Counter(one.endpoint for one in arrivals)
    yield from (f"{endpoint} got nothing" for endpoint in wanted if endpoint not in got)
    yield from (f"{endpoint} got a copy that is not meant for it" for endpoint in got if endpoint not in wanted)
    yield from (f"{endpoint} got {count} copies" for endpoint, count in got.items() if count > 1)
    lane = "urgent" if scene.priority else "normal"
    for one in arrivals:
        if one.problem:
            yield f"{one.endpoint}: {one.problem}"
        if one.digest != one.note_digest:
            yield f"{one.endpoint} got other octets than were sent: {one.digest}"
        if one.lane != lane:
            yield f"{one.endpoint} got it by lane {one.lane}, expected {lane}"
        if sorted(one.addressees) != sorted(wanted.get(one.endpoint, ())):
            yield f"{one.endpoint}: note names {one.addressees}, expected {wanted.get(one.endpoint, ())}"


def _of_notices(scene: Scene, ledger: Ledger) -> Iterator[str]:
    told = ledger.told_of(scene)
    got = sorted(one.notice.organ_id for one in told)
    if got != sorted(scene.expected.notified):
        yield f"notices came to {got}, expected {scene.expected.notified}"
    for one in told:
        parties = (one.notice.sender, one.notice.addressees, one.notice.digest)
        if parties != (scene.sender, tuple(organ_id for organ_id, _ in scene.expected.addressees), ""):
            yield f"notice to {one.notice.organ_id} tells {parties}"


def _of_store(scenes: Sequence[Scene], ledger: Ledger, facts: Facts) -> Iterator[str]:
    recorded = {(one.message_id, one.outcome, one.code) for one in facts.submissions}
    wanted = {row for scene in scenes if (row := _row(scene, ledger))}
    yield from (f"store lacks submission {one}" for one in sorted(wanted - recorded))
    yield from (f"store has unexpected submission {one}" for one in sorted(recorded - wanted))
    stored = sorted((one.digest, one.organ_id, one.endpoint, one.via) for one in facts.deliveries)
    seen = sorted(
        (one.note_digest, organ_id, one.endpoint, via) for one in ledger.arrivals for organ_id, via in one.addressees
    )
    if stored != seen:
        missing, more = Counter(stored) - Counter(seen), Counter(seen) - Counter(stored)
        yield f"store and receivers differ: only in store {_short(list(missing))}, only received {_short(list(more))}"
    kept_back = [one for one in facts.deliveries if one.state != "dispatched"]
    yield from (f"{one.endpoint}: copy for {one.organ_id} is {one.state}" for one in kept_back)
    if facts.quarantined:
        yield f"{facts.quarantined} messages were quarantined: the hub failed on them"
    if facts.unlogged:
        yield f"{facts.unlogged} events have no place in the log"


def _row(scene: Scene, ledger: Ledger) -> tuple[str, str, str] | None:
    """Return the row that a message must have left; one sent twice under one id leaves none the second time."""
    sent, outcome = ledger.sent.get(scene.name), scene.expected.outcome
    if sent is None or scene.making is Making.SAME_MESSAGE:
        return None
    if outcome is Outcome.REJECTED:
        return sent.message_id, "rejected", scene.expected.code
    return sent.message_id, "repeated" if outcome is Outcome.REPEATED else "accepted", ""


def _of_conservation(scenes: Sequence[Scene], ledger: Ledger, facts: Facts, summary: Summary) -> Iterator[str]:
    ended = summary.accepted + sum(summary.rejected.values()) + summary.repeated + summary.deferred
    if not len(scenes) == summary.sent == ended:
        yield f"{len(scenes)} in the scenario, {summary.sent} sent, {ended} ended"
    resolved = sum(
        len(final.receipt.addressees)
        for scene in scenes
        if scene.expected.outcome is not Outcome.REPEATED and (final := ledger.final(scene))
    )
    counts = {
        "expected": sum(len(scene.expected.addressees) for scene in scenes),
        "resolved in receipts": resolved,
        "in the store": len(facts.deliveries),
        "delivered": summary.delivered,
        "fetched": summary.fetched,
    }
    if len(set(counts.values())) > 1:
        yield "deliveries differ: " + ", ".join(f"{count} {name}" for name, count in counts.items())


def copies_of(scene: Scene) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what each endpoint must get: its agencies that are addressed, with who carries them."""
    copies: dict[str, tuple[tuple[str, str], ...]] = {}
    for organ_id, via in scene.expected.addressees:
        endpoint = endpoint_of(via or organ_id)
        copies[endpoint] = (*copies.get(endpoint, ()), (organ_id, via))
    return copies


def sending_endpoint(scene: Scene) -> str:
    """Return the endpoint by which a scene is sent: the sender's, or the one that pretends to be his."""
    return player(scene.endpoint or scene.sender).endpoint


def _earlier(scene: Scene, scenes: Sequence[Scene], ledger: Ledger) -> set[bytes]:
    original = next(one for one in scenes if one.name == scene.of)
    final = ledger.final(original)
    return {final.octets} if final else set()


def _short(items: Sequence[object], most: int = 6) -> str:
    return ", ".join(map(str, items[:most])) + (f" and {len(items) - most} more" if len(items) > most else "")
