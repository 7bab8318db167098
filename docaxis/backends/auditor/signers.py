"""Serial numbers of senders' certificates: the store knows a certificate by its fingerprint, and the package holds it."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.package_certificate import certificate_in
from docaxis.backends.tables import documents, packages

LEARNT_AT_ONCE = 100
"""Certificates that one search looks into; there are some thousands in a country, and each is looked into once."""

LOOKED_THROUGH = 20
"""Newest documents of a signer whose packages are tried: of one who signs large ones only, none lies in the database."""

SEARCHED_EVERY_S = 10.0
"""How often a search by a number that is not known makes the process look for new certificates."""


class Signers:
    """Remembers fingerprint → serial number in hexadecimal digits, empty where no package of the store tells it."""

    def __init__(self) -> None:
        self._serials: dict[str, str] = {}
        self._searched_s = -SEARCHED_EVERY_S

    async def of_serial(self, connection: AsyncConnection, serial: str) -> Sequence[str]:
        """Return the fingerprints of certificates with this serial number; several authorities may have given it."""
        if serial not in self._serials.values() and time.monotonic() - self._searched_s > SEARCHED_EVERY_S:
            self._searched_s = time.monotonic()
            await self.learn(connection, LEARNT_AT_ONCE)
        return [fingerprint for fingerprint, known in self._serials.items() if known == serial]

    async def learn(self, connection: AsyncConnection, most: int) -> int:
        """Look into so many certificates that are not known yet; returns how many there were to look into."""
        unknown = [one for one in await _fingerprints(connection) if one not in self._serials][:most]
        for fingerprint in unknown:
            body: bytes | None = (await connection.execute(_package_of(fingerprint))).scalar_one_or_none()
            found = certificate_in(body, fingerprint) if body else None
            self._serials[fingerprint] = f"{found.serial_number:x}" if found else ""
        return len(unknown)


async def _fingerprints(connection: AsyncConnection) -> Sequence[str]:
    """Return every signer once, from one to the next in the index: a DISTINCT would read all documents."""
    first = select(func.min(documents.c.signer).label("signer")).where(documents.c.signer > "").cte("s", recursive=True)
    following = select(func.min(documents.c.signer)).where(documents.c.signer > first.c.signer).scalar_subquery()
    steps = first.union_all(select(following).where(first.c.signer.is_not(None)))
    found = await connection.execute(select(steps.c.signer).where(steps.c.signer.is_not(None)))
    return list(found.scalars())


def _package_of(fingerprint: str) -> Select[Any]:
    newest = (
        select(documents.c.digest)
        .where(documents.c.signer == fingerprint)
        .order_by(documents.c.accepted_at.desc(), documents.c.document_key.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    kept = select(packages.c.body).join(newest, newest.c.digest == packages.c.digest)
    return kept.where(packages.c.body.is_not(None)).limit(1)
