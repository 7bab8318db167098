"""What composing costs, by step, in CPU time: `python -m tests.bench.compose_speed`."""

import asyncio
import gc
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from docaxis.backends.memory import MemoryStore
from docaxis.domain.folding import fold
from docaxis.hub import answers
from docaxis.hub.acts import act
from docaxis.hub.answers import Copy
from docaxis.hub.apply_flows import NO_EFFECTS
from docaxis.hub.compose import compose
from docaxis.hub.decide import Accepted, decide
from docaxis.hub.ids import new_id
from docaxis.hub.judged import Judged
from docaxis.hub.ports import Known
from docaxis.hub.sequences import Sequences
from docaxis.hub.window import Window
from docaxis.trust.receipts import write_note, write_receipt
from tests.simulator import Country

DOCUMENTS = 20
"""Of one batch: short ones, so that some of them run undisturbed on a machine that does other work too."""
ROUNDS = 300


def main() -> None:
    """Print microseconds a document with 8 addressees: the whole, and its dearest steps measured alone."""
    country = Country(now=datetime.now(UTC))
    judged = [_judged(country, number) for number in range(DOCUMENTS)]
    settings, sequences = country.settings(), Sequences(MemoryStore())
    window, known = Window(10**7, 1 << 40), [Known()] * DOCUMENTS
    wanted = [(e, one.arrival.lane) for one in judged for e in one.decision.route.copies]  # type: ignore[union-attr]
    gc.freeze()

    def composed() -> None:
        compose(judged, known, settings, sequences, window, country.now)

    def reserve() -> None:
        asyncio.run(sequences.reserve(wanted))

    sys.stdout.write(f"compose    {_best(composed, reserve) / DOCUMENTS:6.1f} µs a document\n")
    for name, step in _steps(country, judged[0]).items():
        sys.stdout.write(f"  {name:8} {_best(step):6.1f}\n")


def _judged(country: Country, number: int) -> Judged:
    arrival = country.arrival(country.signed(country.envelope(number)), message_id=f"m-{number}")
    decision = decide(arrival, country.snapshot)
    if not isinstance(decision, Accepted):
        raise SystemExit(str(decision))
    return Judged(arrival, decision)


def _steps(country: Country, one: Judged) -> dict[str, Callable[[], object]]:
    arrival, accepted, now, seal = one.arrival, one.decision, country.now, country.seal
    if not isinstance(accepted, Accepted):
        raise SystemExit(str(accepted))
    copies = {endpoint: Copy(endpoint, 1, "dispatched") for endpoint in accepted.route.copies}
    told, key = answers.addressees_of(accepted.route, copies), new_id(now)
    event = act("document:accepted", now, {})
    base = answers.receipt("hub", key, arrival, event)
    text = f"<a>{'x' * 2000}</a>"
    return {
        "event": lambda: act("document:accepted", now, answers.accepted_event(accepted, arrival, copies, NO_EFFECTS)),
        "note": lambda: write_note(answers.delivery_note("hub", key, arrival, accepted, copies, told, now), seal),
        "receipt": lambda: write_receipt(answers.accepted_receipt(base, accepted, told), seal),
        "seal": lambda: seal.sign(text),
        "rows": lambda: answers.delivery_rows(arrival, accepted, key, copies),
        "fold": lambda: fold(accepted.envelope.header.subject),
        "id": lambda: new_id(now),
    }


def _best(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Return the shortest of many runs in microseconds."""
    times = []
    for _ in range(ROUNDS):
        before()
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times) * 1e6


if __name__ == "__main__":
    main()
