"""What the pages stand on beside the exchange of `million`: agencies and endpoints, people, what they keep, and the clock."""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg

from docaxis.backends.database import Database
from docaxis.backends.registry import Registry
from docaxis.domain.organ import Agency
from docaxis.domain.people import Role
from docaxis.hub.ids import new_id
from tests.bench.million import AGENCIES, ENDPOINTS

BUSIEST, MINISTRY, COMMUNE = "A0000", "A0010", "A2500"
QUARANTINED, REGISTERED = 500, 20_000
FEW = tuple(f"A{number:04d}" for number in range(2000, 2005))
"""All that the auditor of few agencies may read of."""

# In front of the server's own: the year ends at the moment of the run, whenever it was filled.
_CLOCK = """
CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    $$ SELECT pg_catalog.clock_timestamp() - interval '{behind} seconds' $$;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$
"""

_ENDPOINTS = """
INSERT INTO endpoints (endpoint_id, name, broker_user, queue_token, token_sha256, created_at)
SELECT 'e' || number, 'Đầu mối ' || number, 'e' || number, md5('e' || number), md5('t' || number), timestamptz '2025-10-01 00:00Z'
FROM generate_series(0, {endpoints} - 1) AS number;
INSERT INTO connections (endpoint_id, organ_id)
SELECT 'e' || number % {endpoints}, 'A' || lpad(number::text, 4, '0') FROM generate_series(0, {agencies} - 1) AS number
"""

_LANES = """
INSERT INTO lanes (endpoint, lane, next_sequence, dispatched, dispatched_bytes, fetched, fetched_bytes, waiting)
SELECT endpoint, lane, last + 1, last, last * 10000, coalesce(taken, 0), coalesce(taken, 0) * 10000, 0
FROM (SELECT endpoint, lane, max(sequence) AS last FROM deliveries GROUP BY endpoint, lane) AS sent
LEFT JOIN (SELECT endpoint, lane, sum(last_sequence - first_sequence + 1) AS taken FROM fetch_ranges GROUP BY endpoint, lane)
    AS ranges USING (endpoint, lane)
"""

_QUARANTINE = """
INSERT INTO quarantine (event_id, origin, endpoint, message_id, body, reason, quarantined_at)
SELECT bench_key(at), 'normal', 'e' || number % {endpoints}, 'Q-' || number, '\\x3c653e', 'RuntimeError: a fault', at
FROM (SELECT number, (SELECT max(accepted_at) FROM documents) - number * interval '1 hour' AS at
        FROM generate_series(1, {quarantined}) AS number) AS made
"""

_REGISTER = """
INSERT INTO register (organ_id, year, number, document_key, registered_at, person_id, handed_to, note)
SELECT organ_id, $3, row_number() OVER (ORDER BY document_key), document_key, accepted_at, $2, 'Phòng Tổng hợp', ''
FROM (SELECT organ_id, document_key, accepted_at FROM deliveries JOIN documents USING (document_key)
       WHERE organ_id = $1 ORDER BY document_key DESC OFFSET 50 LIMIT {registered}) AS taken
"""


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody before the pages: label is how the report calls them, cookie what their browser sends.

    whole: asked for everything that the role has; others for what depends on who asks.
    """

    label: str
    login: str
    role: Role
    organ_id: str
    cookie: str
    person_id: UUID
    whole: bool = True
    agencies: Sequence[str] = ()


_PEOPLE = (
    ("clerk of the busiest agency", Role.CLERK, BUSIEST, True, ()),
    ("clerk of a ministry", Role.CLERK, MINISTRY, False, ()),
    ("clerk of a commune", Role.CLERK, COMMUNE, False, ()),
    ("auditor of all agencies", Role.AUDITOR, "", True, ()),
    ("auditor of few agencies", Role.AUDITOR, "", False, FEW),
    ("operator", Role.OPERATOR, "", True, ()),
    ("administrator", Role.ADMINISTRATOR, "", True, ()),
)


async def set_clock(connection: "asyncpg.Connection[asyncpg.Record]") -> datetime:
    """Let the database's clock stand where the filled year ends, and go on from there; returns that moment."""
    row = await connection.fetchrow("SELECT pg_catalog.clock_timestamp(), max(accepted_at) FROM documents")
    assert row is not None
    now, end = (moment for moment in (row[0], row[1]) if isinstance(moment, datetime))
    await connection.execute(_CLOCK.replace("{behind}", str((now - end).total_seconds())))
    return end


async def surround(url: str) -> None:
    """Fill what stands beside the exchange, once for a database that `million.fill` has filled."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for statement in (_ENDPOINTS, _LANES, _QUARANTINE):
            await connection.execute(_filled_in(statement))
    finally:
        await connection.close()
    database = Database(url)
    try:
        await Registry(database.engine).import_agencies(agencies())
    finally:
        await database.close()


def agencies() -> Iterator[Agency]:
    """Yield the agencies of the made exchange: 40 at the top, 34 provinces, their 600 departments, and communes below."""
    words = ("An", "Bình", "Cao", "Đông", "Giang", "Hòa", "Long", "Minh", "Phú", "Tân", "Thanh", "Yên")
    for number in range(AGENCIES):
        named = f"{words[number % 12]} {words[number // 12 % 12]}"
        province = f"A{40 + number % 34:04d}"
        if number < 40:
            yield Agency(f"A{number:04d}", f"Bộ {named} {number}", "central")
        elif number < 74:
            yield Agency(f"A{number:04d}", f"Ủy ban nhân dân tỉnh {named} {number}", "provincial")
        elif number < 674:
            yield Agency(f"A{number:04d}", f"Sở {named} tỉnh số {number % 34}", "provincial", parent=province)
        else:
            yield Agency(f"A{number:04d}", f"Ủy ban nhân dân xã {named} {number}", "communal", parent=province)


async def seat(connection: "asyncpg.Connection[asyncpg.Record]", now: datetime) -> Sequence[Sitter]:
    """Give everybody an account and a session; the clerks a register, a draft and a saved view, the operator a proposal."""
    for table in ("people", "mandates", "sessions", "register", "drafts", "saved_views", "proposals"):
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
    found = []
    for number, (label, role, organ_id, whole, within) in enumerate(_PEOPLE):
        sitter = Sitter(label, f"bench-{number}", role, organ_id, secrets.token_urlsafe(32), new_id(now), whole, within)
        await sign_in(connection, sitter, now)
        if role is Role.AUDITOR:
            today = now.date()
            await connection.execute(
                "INSERT INTO mandates (person_id, decision, agencies, first_day, last_day, ends_on) "
                "VALUES ($1, $2, $3, $4, $5, $5)",
                sitter.person_id, "QĐ 12/QĐ-TTCP", json.dumps(within), date(2025, 11, 1), today + timedelta(days=30),
            )  # fmt: skip
        if role is Role.CLERK:
            await connection.execute(_filled_in(_REGISTER), organ_id, sitter.person_id, now.year)
            await connection.execute(
                "INSERT INTO drafts (draft_id, person_id, organ_id, content, message_id, changed_at) "
                "VALUES ($1, $2, $3, $4, '', $5), ($6, $2, $3, $4, 'VB-1', $5)",
                new_id(now), sitter.person_id, organ_id, json.dumps(_DRAFT), now, new_id(now),
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO saved_views (view_id, person_id, name, address, created_at) VALUES ($1, $2, 'Quá hạn', $3, $4)",
                new_id(now), sitter.person_id, "/sent?state=overdue", now,
            )  # fmt: skip
        if role is Role.OPERATOR:
            await connection.execute(
                "INSERT INTO proposals (proposal_id, kind, content, reason, proposed_by, proposed_at, outcome, decided_reason) "
                "VALUES ($1, 'retention:set', $2, 'NĐ 30/2020', $3, $4, '', '')",
                new_id(now), json.dumps({"days": 3650, "before": None}), sitter.person_id, now,
            )  # fmt: skip
        found.append(sitter)
    return found


_DRAFT = {
    "kind": "new", "texts": {"subject": "Về việc họp giao ban"}, "to": ["A0001", "A0002"], "removed": [], "earlier": [],
    "findings": {}, "refused": None,
}  # fmt: skip


async def sign_in(connection: "asyncpg.Connection[asyncpg.Record]", sitter: Sitter, now: datetime) -> None:
    """Write an account and its session."""
    await connection.execute(
        "INSERT INTO people (person_id, login, name, role, organ_id, title, language, created_at) "
        "VALUES ($1, $2, 'Nguyễn Thị Thu Hà', $3, $4, 'Văn thư', '', $5)",
        sitter.person_id, sitter.login, str(sitter.role), sitter.organ_id, now,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO sessions (session_hash, person_id, form_token, organ_id, way, agent, address, began_at, seen_at, ends_at) "
        "VALUES ($1, $2, $3, $4, 'password', 'bench', '127.0.0.1', $5, $5, $6)",
        sha256(sitter.cookie.encode()).hexdigest(), sitter.person_id, f"token-{sitter.login}", sitter.organ_id, now,
        now + timedelta(days=1),
    )  # fmt: skip


def _filled_in(statement: str) -> str:
    numbers = {"endpoints": ENDPOINTS, "agencies": AGENCIES, "quarantined": QUARANTINED, "registered": REGISTERED}
    for name, number in numbers.items():
        statement = statement.replace(f"{{{name}}}", str(number))
    return statement
