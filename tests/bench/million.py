"""A made database of a million documents, filled by PostgreSQL itself: a year of a country's exchange, skewed as in life.

3,000 agencies behind 700 endpoints. The largest sends one document in eight, the largest addressee gets one copy in
fourteen. Subjects are built of 2,500 syllables, some in every document, most in one of a few thousand. Six documents in
ten are finished; one copy in fifty was answered late; one document in three hundred was asked back.
"""

from collections.abc import Callable

import asyncpg

from docaxis.backends.migrate import upgrade
from tests.bench.million_log import EVENTS, LOG_ENTRIES

AGENCIES, ENDPOINTS = 3_000, 700
LOADED = (
    "submissions",
    "documents",
    "deliveries",
    "statuses",
    "events",
    "log_entries",
    "deadlines",
    "misses",
    "links",
    "fetch_ranges",
)
"""The tables that are filled, and that no question of a clerk may scan."""

_FUNCTIONS = """
CREATE FUNCTION bench_key(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
            || '8' || substr(md5(random()::text), 1, 15))::uuid $$;
CREATE FUNCTION bench_agency(skew float) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT 'A' || lpad(floor({agencies} * power(random(), skew))::int::text, 4, '0') $$;
CREATE FUNCTION bench_syllable() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT (ARRAY['b','c','ch','d','g','gh','gi','h','k','kh','l','m','n','ng','nh','p','ph','q','r','s','t','th','tr','v','x'])
               [1 + place / 100]
           || (ARRAY['a','e','i','o','u','y','ai','ao','oi','ui'])[1 + place % 10]
           || (ARRAY['','c','ch','m','n','ng','nh','p','t','u'])[1 + place / 10 % 10]
      FROM (SELECT (floor(2500 * power(random(), 2.5))::int * 7) % 2500 AS place) AS drawn $$
"""

_DOCUMENTS = """
INSERT INTO documents (document_key, sender, document_id, digest, size_bytes, endpoint, lane, priority, business_type,
    code_number, code_notation, promulgated_on, type_name, subject, folded, due_on, accepted_at, signer, salt, note,
    number_key, paper, state, finished_at)
SELECT bench_key(at), sender, 'VB-' || i, 'sha256:' || md5(i::text) || md5((-i)::text), 10000,
    'e' || substr(sender, 2)::int % {endpoints}, CASE WHEN i % 20 = 0 THEN 'urgent' ELSE 'normal' END, 0, 0,
    number::text, upper(notation), at::date, 'Quyết định', 'Về việc ' || words,
    number || ' ' || replace(notation, '-', ' ') || ' ve viec ' || words,
    NULL, at, 'sha256:' || md5(sender), '\\x00'::bytea, '\\x0102030405'::bytea, sender || '/' || i, false,
    'active', CASE WHEN random() < 0.6 THEN at + interval '2 days' END
FROM (SELECT i, timestamptz '2025-11-01 00:00Z' + i * (interval '365 days' / {documents}) AS at,
             bench_agency(4) AS sender, 1 + floor(3000 * power(random(), 2))::int AS number,
             (ARRAY['qd-ubnd','cv-ubnd','tb-vp','bc-so','kh-ubnd','gm-vp','qd-ttg','nq-hdnd','hd-lien','ct-ttg'])
                 [1 + floor(10 * power(random(), 2))::int] AS notation,
             bench_syllable() || ' ' || bench_syllable() || ' ' || bench_syllable() || ' ' || bench_syllable() || ' '
             || bench_syllable() || ' ' || bench_syllable() || ' ' || bench_syllable() || ' ' || bench_syllable()
             || CASE WHEN i % 100 = 0 THEN ' duan' || i ELSE '' END AS words
        FROM generate_series(1, {documents}) AS i OFFSET 0) AS made
"""

# Codes seen, as the mask that `domain.status` makes: 01 03 06 finished, 02 refused, 01 03 in work, nothing yet.
_DELIVERIES = """
INSERT INTO deliveries (document_key, organ_id, addressed_as, endpoint, lane, sequence, state, size_bytes, rule, via, statuses)
SELECT document_key, organ_id, organ_id, endpoint, lane,
    dense_rank() OVER (PARTITION BY endpoint, lane ORDER BY document_key), 'dispatched', 10000, 'direct', '', statuses
FROM (SELECT DISTINCT ON (document_key, organ_id) document_key, organ_id, lane,
             'e' || substr(organ_id, 2)::int % {endpoints} AS endpoint,
             CASE WHEN finished THEN CASE WHEN die < 0.02 THEN 2 ELSE 37 END
                  WHEN fresh THEN CASE WHEN die < 0.6 THEN 0 WHEN die < 0.9 THEN 1 ELSE 5 END
                  WHEN die < 0.01 THEN 0 WHEN die < 0.04 THEN 2 WHEN die < 0.3 THEN 37 WHEN die < 0.5 THEN 21 ELSE 5 END
             + CASE WHEN asked AND NOT finished THEN 4096 + CASE WHEN die < 0.3 THEN 32768 ELSE 0 END ELSE 0 END AS statuses
        FROM (SELECT document_key, lane, bench_agency(3) AS organ_id, finished_at IS NOT NULL AS finished, random() AS die,
                     accepted_at > (SELECT max(accepted_at) FROM documents) - interval '3 days' AS fresh,
                     right(document_id, 3)::text IN ('111', '444', '777') AS asked
                FROM documents, generate_series(1, 1 + (right(digest, 1) > '7')::int * 2 + (right(digest, 1) > '3')::int * 2)
             ) AS drawn) AS made
"""

# Nobody gets more copies than what goes to everybody: two days ago, and most have told something of it.
_CIRCULAR = """
WITH circular AS (
    INSERT INTO documents (document_key, sender, document_id, digest, size_bytes, endpoint, lane, priority, business_type,
        code_number, code_notation, promulgated_on, type_name, subject, folded, accepted_at, signer, salt, note, number_key,
        state)
    SELECT bench_key(at), 'A0000', 'VB-all', 'sha256:' || md5('all') || md5('everybody'), 10000, 'e0', 'urgent', 3, 0, '8712',
        'CĐ-TTG', at::date, 'Công điện', 'Về việc ứng phó mưa lũ', '8712 cd ttg ve viec ung pho mua lu', at,
        'sha256:' || md5('A0000'), '\\x00'::bytea, '\\x0102030405'::bytea, 'A0000/all', 'active'
    FROM (SELECT max(accepted_at) - interval '2 days' AS at FROM documents) AS moment
    RETURNING document_key
)
INSERT INTO deliveries (document_key, organ_id, addressed_as, endpoint, lane, sequence, state, size_bytes, rule, via, statuses)
SELECT document_key, organ_id, organ_id, addressees.endpoint, 'urgent', coalesce(last, 0) + 1, 'dispatched', 10000, 'direct', '',
    CASE WHEN die < 0.15 THEN 0 WHEN die < 0.3 THEN 1 WHEN die < 0.6 THEN 5 WHEN die < 0.63 THEN 2 WHEN die < 0.8 THEN 21
         ELSE 37 END
FROM circular, (SELECT 'A' || lpad(number::text, 4, '0') AS organ_id, 'e' || number % {endpoints} AS endpoint, random() AS die
                  FROM generate_series(1, {agencies} - 1) AS number) AS addressees
LEFT JOIN (SELECT endpoint, max(sequence) AS last FROM deliveries WHERE lane = 'urgent' GROUP BY endpoint) AS lasts
    USING (endpoint)
"""

_STATUSES = """
INSERT INTO statuses (submission_id, document_key, organ_id, author, party, code, applied, current, description, reported_at,
    accepted_at, digest)
SELECT bench_key(at), document_key, organ_id, CASE code WHEN 13 THEN sender ELSE organ_id END,
    CASE code WHEN 13 THEN organ_id ELSE sender END, code, true, code, CASE code WHEN 2 THEN 'Gửi nhầm cơ quan' ELSE '' END,
    at, at, 'sha256:' || md5(at::text) || md5(organ_id)
FROM (SELECT document_key, organ_id, sender, code, accepted_at + code * interval '1 hour' * random() AS at
        FROM deliveries JOIN documents USING (document_key), unnest(ARRAY[1, 2, 3, 4, 5, 6, 13, 16]) AS code
       WHERE statuses & (1 << (code - 1)) <> 0 OFFSET 0) AS made
"""

# A day for a receipt, and three weeks for the reply that three documents in ten ask for.
_DEADLINES = """
INSERT INTO deadlines (document_key, kind, start_at, due_at)
SELECT document_key, kind, accepted_at, accepted_at + allowed
FROM documents, (VALUES ('receipt', interval '1 day'), ('reply', interval '21 days'), ('reply-reminder', interval '20 days'))
    AS duties (kind, allowed)
WHERE accepted_at + allowed > (SELECT max(accepted_at) FROM documents) AND (kind = 'receipt' OR right(digest, 1) > 'a')
"""

_MISSES = """
INSERT INTO misses (document_key, organ_id, kind, sender, due_at, noticed_at, cause, attributable)
SELECT document_key, organ_id, 'receipt', sender, date_trunc('day', accepted_at) + interval '10 hours',
    date_trunc('day', accepted_at) + interval '10 hours 1 second', 'addressee', true
FROM deliveries JOIN documents USING (document_key)
WHERE accepted_at <= (SELECT max(accepted_at) FROM documents) - interval '1 day' AND (statuses & 63 = 0 OR random() < 0.02)
"""

_LINKS = """
INSERT INTO links (document_key, kind, target_key, sender, document_id)
SELECT document_key, 'reply', lag(document_key, 5) OVER newest, lag(sender, 5) OVER newest, lag(document_id, 5) OVER newest
FROM documents WHERE right(document_id, 2) = '50' WINDOW newest AS (ORDER BY document_key) OFFSET 5
"""

_SUBMISSIONS = """
INSERT INTO submissions (submission_id, endpoint, message_id, digest, lane, outcome, code, detail, place, sender,
    document_id, received_at, decided_at, retry_at, event_id, receipt)
SELECT document_key, endpoint, document_id, digest, lane, 'accepted', '', '', '', sender, document_id, accepted_at,
    accepted_at, NULL, document_key, '\\x0102030405'::bytea FROM documents
"""

_RANGES = """
INSERT INTO fetch_ranges (endpoint, lane, first_sequence, last_sequence, fetched_at)
SELECT copies.endpoint, lane, min(sequence), max(sequence), max(accepted_at) + interval '5 minutes'
FROM (SELECT DISTINCT endpoint, lane, sequence, document_key FROM deliveries) AS copies JOIN documents USING (document_key, lane)
WHERE document_key < (SELECT document_key FROM documents ORDER BY accepted_at DESC OFFSET {documents} / 1000 LIMIT 1)
GROUP BY 1, 2, sequence / 50
"""


_STEPS = {
    "documents": _DOCUMENTS,
    "deliveries": _DELIVERIES,
    "circular": _CIRCULAR,
    "statuses": _STATUSES,
    "events": EVENTS,
    "log_entries": LOG_ENTRIES,
    "deadlines": _DEADLINES,
    "misses": _MISSES,
    "links": _LINKS,
    "submissions": _SUBMISSIONS,
    "fetch_ranges": _RANGES,
}


async def fill(url: str, documents: int, tell: Callable[[str], None]) -> None:
    """Make the schema in an empty PostgreSQL database and fill it; indexes are built afterwards, statistics taken."""
    await upgrade(url)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(
            "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'"
        )
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY($1) "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            LOADED,
        )
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['indexname']}")
        await connection.execute("SELECT setseed(0.42)")
        await connection.execute(_FUNCTIONS.replace("{agencies}", str(AGENCIES)))
        for name, statement in _STEPS.items():
            made = await connection.execute(
                statement.replace("{documents}", str(documents))
                .replace("{endpoints}", str(ENDPOINTS))
                .replace("{agencies}", str(AGENCIES))
            )
            tell(f"{name}: {made.rpartition(' ')[2]} rows")
            if name in {"documents", "deliveries"}:
                await connection.execute(f"ANALYZE {name}")
        for index in indexes:
            await connection.execute(index["indexdef"])
        tell("indexes built")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
