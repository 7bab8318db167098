"""What runs side by side: docaxis with some processes, the plain hub, the floor; each with what it promises."""

from dataclasses import dataclass

from tests.bench.corpus import Corpus
from tests.bench.hubs import Hubs
from tests.bench.plan import Plan
from tests.bench.programs import Programs
from tests.bench.rivals import Rival
from tests.bench.services import Place

DOCAXIS, PLAIN, FLOOR = "docaxis", "plain", "floor"
NAMES = (DOCAXIS, PLAIN, FLOOR)


@dataclass(frozen=True, slots=True)
class Variant:
    """One of them; only docaxis comes with several processes."""

    name: str
    processes: int = 1

    @property
    def label(self) -> str:
        """Return its name in the results: `docaxis_2` has two hub processes."""
        return f"{self.name}_{self.processes}" if self.name == DOCAXIS else self.name

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables with one row a document."""
        return ("documents",) if self.name == PLAIN else ("submissions", "packages", "documents")

    @property
    def has_notes(self) -> bool:
        """Return whether copies carry a signed delivery note."""
        return self.name == DOCAXIS

    def documents(self, plan: Plan) -> int:
        """Return how many documents it works off in one round: the plain hub is slow."""
        return plan.plain_documents if self.name == PLAIN else plan.documents

    def programs(self, place: Place, corpus: Corpus, tokens: dict[str, str], plan: Plan) -> Programs:
        """Return its processes, not yet started."""
        if self.name == DOCAXIS:
            return Hubs(place, corpus, self.processes, plan.profile)
        return Rival(self.name, place, corpus, tokens)


def variants(plan: Plan) -> list[Variant]:
    """Return what a plan compares."""
    found = [Variant(DOCAXIS, processes) for processes in plan.processes if DOCAXIS in plan.only]
    return found + [Variant(name) for name in (PLAIN, FLOOR) if name in plan.only]
