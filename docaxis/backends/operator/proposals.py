"""Proposals: one person proposes a change of anchors, bindings or retention, another one approves it, then it is made."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.directory_tables import settings
from docaxis.backends.operator import anchors
from docaxis.backends.people.hands import share_a_hand
from docaxis.backends.people_tables import people, proposals
from docaxis.backends.registry import Registry
from docaxis.hub.acts import act
from docaxis.hub.ids import new_id
from docaxis.hub.ports import StoreRefused
from docaxis.hub.views.proposals import CertificateFacts, NotDecided, Outcome, Proposal, ProposalKind
from docaxis.ledger.event import Json

RETENTION = "retention_days"
_proposer, _decider = people.alias("proposer"), people.alias("decider")
_ROWS = (
    select(
        proposals.c.proposal_id, proposals.c.kind, proposals.c.content, proposals.c.reason, proposals.c.proposed_by,
        func.coalesce(_proposer.c.name, ""), proposals.c.proposed_at, proposals.c.outcome, proposals.c.decided_by,
        func.coalesce(_decider.c.name, ""), proposals.c.decided_at, proposals.c.decided_reason,
    )
    .outerjoin(_proposer, _proposer.c.person_id == proposals.c.proposed_by)
    .outerjoin(_decider, _decider.c.person_id == proposals.c.decided_by)
)  # fmt: skip


class Proposals:
    """Every method raises StoreUnavailable when the database cannot be used now."""

    def __init__(self, database: Database, anchors_dir: Path, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._anchors_dir = anchors_dir
        self._clock = clock

    async def waiting(self) -> Sequence[Proposal]:
        """Return what waits for a second person, oldest first."""
        return await self._read(_ROWS.where(proposals.c.outcome == "").order_by(proposals.c.proposed_at))

    async def decided(self, limit: int) -> Sequence[Proposal]:
        """Return the last ones that were decided, newest first."""
        query = _ROWS.where(proposals.c.outcome != "").order_by(
            proposals.c.proposed_at.desc(), proposals.c.proposal_id.desc()
        )
        return await self._read(query.limit(limit))

    async def one(self, proposal_id: UUID) -> Proposal | None:
        """Return one, None where there is none of this id."""
        found = await self._read(_ROWS.where(proposals.c.proposal_id == proposal_id))
        return found[0] if found else None

    async def anchors(self) -> Sequence[CertificateFacts]:
        """Return the anchors that are trusted now."""
        found = await asyncio.to_thread(anchors.anchors_in, self._anchors_dir)
        return [anchors.facts_of(one, self._clock()) for one in found]

    def read_anchor(self, octets: bytes) -> tuple[CertificateFacts, str]:
        """Return the certificate of an uploaded file as people read it, and as PEM; ValueError where it is not one."""
        certificate = anchors.one_certificate(octets)
        return anchors.facts_of(certificate, self._clock()), certificate.public_bytes(Encoding.PEM).decode("ascii")

    async def retention_days(self) -> int | None:
        """Return for how many days the octets of packages are to be kept; None: nobody has decided it."""

        async def work(connection: AsyncConnection) -> int | None:
            found = await connection.execute(select(settings.c.value).where(settings.c.key == RETENTION))
            value = found.scalar_one_or_none()
            return int(value) if value else None

        return await self._database.run(work)

    async def propose(
        self, kind: ProposalKind, content: Mapping[str, object], reason: str, person_id: UUID, login: str
    ) -> UUID:
        """Put a proposal where others see it; returns its id."""
        now = self._clock()
        proposal_id = new_id(now)
        row = act("proposal:made", now, {"login": login, "reason": reason, **_facts(proposal_id, kind, content)})
        # In the order of the table's columns.
        values = (proposal_id, kind, json.dumps(content, sort_keys=True), reason, person_id, now, None, None, "", "")

        async def work(connection: AsyncConnection) -> None:
            await self._database.begin(connection)
            await self._database.bulk.insert(connection, proposals, [values])
            await self._database.record(connection, [row])

        await self._database.run(work)
        return proposal_id

    async def approve(self, proposal_id: UUID, person_id: UUID, login: str, reason: str) -> None:
        """Approve and make the change, in one transaction; raises NotDecided, OSError where the folder cannot be written."""
        proposal = await self._waiting(proposal_id)
        if proposal.proposed_by == person_id:
            raise NotDecided("own")
        decided = self._decision(proposal, "approved", person_id, login, reason)

        async def decide(connection: AsyncConnection) -> None:
            proposer = await connection.scalar(select(people.c.login).where(people.c.person_id == proposal.proposed_by))
            if await share_a_hand(connection, proposer or "", login):
                raise NotDecided("one-hand")
            await decided(connection)

        with ExitStack() as files:
            await asyncio.to_thread(self._prepare, files, proposal)
            await self._make(proposal, decide)

    async def decline(self, proposal_id: UUID, person_id: UUID, login: str, reason: str) -> None:
        """Decline, or withdraw where it is one's own; raises NotDecided."""
        proposal = await self._waiting(proposal_id)
        outcome: Outcome = "withdrawn" if proposal.proposed_by == person_id else "declined"
        await self._database.run(self._decision(proposal, outcome, person_id, login, reason))

    def _prepare(self, files: ExitStack, proposal: Proposal) -> None:
        """Stage the change of the folder, which happens once the transaction is over."""
        if proposal.kind == "anchor:add":
            certificate = anchors.one_certificate(str(proposal.content["pem"]).encode("ascii"))
            files.enter_context(anchors.added(self._anchors_dir, certificate))
        elif proposal.kind == "anchor:remove":
            files.enter_context(anchors.removed(self._anchors_dir, str(proposal.content["fingerprint"])))

    async def _make(self, proposal: Proposal, decide: Callable[[AsyncConnection], Any]) -> None:
        content = proposal.content
        registry = Registry(self._database.engine, decide)
        if proposal.kind == "binding:set":
            organ_ids = content["organ_ids"]
            if not isinstance(organ_ids, list):
                raise StoreRefused(f"proposal {proposal.proposal_id} cannot be read")
            await registry.bind_signer(str(content["fingerprint"]), map(str, organ_ids))
        elif proposal.kind == "binding:remove":
            await registry.unbind_signer(str(content["fingerprint"]))
        elif proposal.kind == "retention:set":
            await self._database.run(_both(decide, str(content["days"])))
        else:
            await self._database.run(decide)

    def _decision(
        self, proposal: Proposal, outcome: Outcome, person_id: UUID, login: str, reason: str
    ) -> Callable[[AsyncConnection], Any]:
        now = self._clock()
        facts = _facts(proposal.proposal_id, proposal.kind, proposal.content)
        row = act(f"proposal:{outcome}", now, {"login": login, "reason": reason, **facts})
        statement = (
            update(proposals)
            .where(proposals.c.proposal_id == proposal.proposal_id, proposals.c.outcome == "")
            .values(outcome=outcome, decided_by=person_id, decided_at=now, decided_reason=reason)
        )

        async def decide(connection: AsyncConnection) -> None:
            if (await connection.execute(statement)).rowcount != 1:
                raise NotDecided("over")
            await self._database.record(connection, [row])

        return decide

    async def _waiting(self, proposal_id: UUID) -> Proposal:
        proposal = await self.one(proposal_id)
        if proposal is None or proposal.outcome:
            raise NotDecided("over")
        return proposal

    async def _read(self, query: Select[Any]) -> list[Proposal]:
        async def work(connection: AsyncConnection) -> list[Proposal]:
            return [_view(row) for row in (await connection.execute(query)).all()]

        return await self._database.run(work)


def _view(row: Sequence[Any]) -> Proposal:
    proposal_id, kind, content, reason, by, by_name, at, outcome, decider, decider_name, decided_at, why = row
    return Proposal(
        proposal_id, kind, json.loads(content), reason, by, by_name, at, outcome, decider, decider_name, decided_at, why
    )


def _facts(proposal_id: UUID, kind: str, content: Mapping[str, object]) -> dict[str, Json]:
    """Return what an event says of a proposal: all of it but the certificate itself, which its fingerprint names."""
    told = {key: value for key, value in content.items() if key != "pem"}
    return {"proposal": proposal_id.hex, "change": kind, "content": json.loads(json.dumps(told))}


def _both(decide: Callable[[AsyncConnection], Any], days: str) -> Callable[[AsyncConnection], Any]:
    async def work(connection: AsyncConnection) -> None:
        await decide(connection)
        make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        kept = make(settings).values(key=RETENTION, value=days)
        await connection.execute(kept.on_conflict_do_update(index_elements=[settings.c.key], set_={"value": days}))

    return work
