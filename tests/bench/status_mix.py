"""The run with statuses: each document's addressees report 01, 03 and 06, so that a document makes 25 packages, not one."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import func, select

from docaxis.backends.flow_tables import statuses as status_rows
from docaxis.backends.tables import deliveries, events
from docaxis.domain.status import mask_of
from tests.bench.books import Books
from tests.bench.drain import Promised, control_of, receipts_of
from tests.bench.speed import Run, receivers
from tests.bench.statuses import CODES, Statuses, mixed
from tests.bench.traffic import Traffic
from tests.simulator import SENDER, endpoint_of

_DONE = mask_of(CODES)


@dataclass(frozen=True, slots=True)
class StatusRun(Run):
    """A run by the clock with as many documents' statuses as documents; what statuses promise is counted beside the rest."""

    @property
    def packages(self) -> int:
        """Return how many packages go in while the clock runs."""
        return self.documents + self._statuses

    @property
    def _statuses(self) -> int:
        return self.documents * Statuses(self.corpus).each

    async def fill(self, traffic: Traffic) -> int:
        """Fill the ingress with documents and the statuses of earlier ones."""
        return await traffic.publish(mixed(self.corpus, self.documents))

    async def is_committed(self, books: Books) -> bool:
        """Return whether the last status is in."""
        ((there,),) = await books.rows(select(func.count()).select_from(status_rows))
        return there >= self._statuses

    async def counted(self, books: Books) -> dict[str, tuple[int, int]]:
        """Return the rows of documents and statuses, and how far the copies of the reported documents are."""
        found = await Run.counted(self, books)
        for name in ("submissions", "packages"):
            number, documents = found[name]
            found[name] = number, documents + self._statuses
        for name, query, wanted in (
            ("statuses", select(func.count()).select_from(status_rows), self._statuses),
            ("statuses applied", select(func.count()).where(status_rows.c.applied), self._statuses),
            ("events of statuses", select(func.count()).where(events.c.kind == "status:accepted"), self._statuses),
            ("copies finished", _copies(_DONE), self.documents * self.plan.addressees),
            ("copies without a word", _copies(0), (self.total - self.documents) * self.plan.addressees),
        ):
            ((number,),) = await books.rows(query)
            found[name] = number, wanted
        return found

    def promised(self, of: dict[str, str]) -> list[Promised]:
        """Return that every status stands in the sender's control queue, and that whoever sent it has a receipt."""
        sender, corpus, made = endpoint_of(SENDER), self.corpus, Statuses(self.corpus).packages(0, self.documents)
        digests = [sha256(octets).digest() for _, octets in made]
        theirs: dict[str, list[str]] = {one: [] for one in receivers(self.plan)}
        for said, _ in made:
            theirs[endpoint_of(said.organ_id)].append(said.message_id)
        return [
            *Run.promised(self, of),
            control_of("passed on", sender, of[sender], digests, corpus),
            *(receipts_of(f"{one} receipts", one, of[one], ids, corpus, self.variant) for one, ids in theirs.items()),
        ]


def _copies(mask: int) -> object:
    return select(func.count()).select_from(deliveries).where(deliveries.c.statuses == mask)
