"""The tables of the audit store's exchange; the order of columns is that of `hub.rows`.

The directory's are in `directory_tables`, those of statuses and deadlines in `flow_tables`.
Triggers (append-only), storage and fill factors stand in the migrations: they are not SQLAlchemy's to describe.
There are no foreign keys between the tables of the hot path: rows come whole from one composed batch, and checking
the eight deliveries of each document would cost PostgreSQL more than writing them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)

from docaxis.backends.columns import UtcDateTime, metadata, partial_index

packages = Table(
    "packages",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("body", LargeBinary),  # NULL: the octets lie in the blob store
)

submissions = Table(
    "submissions",
    metadata,
    Column("submission_id", Uuid, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("event_id", Uuid, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    # message_id first: the planner, which knows nothing of a new table, then has no other index to take for the look-up
    # of an arrival, and certainly not the one that leads through every submission of a busy endpoint.
    UniqueConstraint("message_id", "digest", "endpoint"),
    Index("ix_submissions_endpoint_received", "endpoint", "received_at", "submission_id"),
    Index("ix_submissions_received", "received_at", "submission_id"),
    Index("ix_submissions_sender_document", "document_id", "sender"),
    partial_index("ix_submissions_deferred", "retry_at", where="outcome = 'deferred'"),
    # Refusals are few; an auditor asks for those of an agency, and from an entry of the log for its arrival.
    partial_index("ix_submissions_rejected_sender", "sender", "submission_id", where="outcome = 'rejected'"),
    partial_index("ix_submissions_rejected_event", "event_id", where="outcome = 'rejected'"),
)

# The words as `domain.folding` left them and no parser's idea of a word, and the sender as one word more, so that the
# index itself brings both together. PostgreSQL refuses a row with a word above 2,046 bytes: where there might be one, words
# are cut at 250 signs. To look for one that is too long in every row would take half the time of the expression.
# Written as PostgreSQL tells it again, line by line: the migrations' index is compared with it.
DOCUMENT_WORDS = """array_to_tsvector(array_append(array_remove(string_to_array(
CASE
    WHEN octet_length(folded) <= 2046 THEN folded
    ELSE regexp_replace(folded, '([^ ]{250})[^ ]+'::text, '\\1'::text, 'g'::text)
END, ' '::text), ''::text), '@'::text || sender))"""

documents = Table(
    "documents",
    metadata,
    Column("document_key", Uuid, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("business_type", SmallInteger, nullable=False),
    Column("code_number", Text, nullable=False),
    Column("code_notation", Text, nullable=False),
    Column("promulgated_on", Date),
    Column("type_name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("due_on", Date),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("signer", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    # The second key: sender, number, notation and year; NULL where a package has no number of its own.
    Column("number_key", Text),
    Column("paper", Boolean, nullable=False, server_default=false()),
    Column("state", Text, nullable=False, server_default="active"),
    Column("finished_at", UtcDateTime),
    # document_id first: people ask for a document by its id and seldom name the sender.
    UniqueConstraint("document_id", "sender"),
    Index("ix_documents_accepted", "accepted_at", "document_key"),
    Index("ix_documents_digest", "digest"),
    Index("uq_documents_number_key", "number_key", unique=True),
    Index("ix_documents_sender", "sender", "accepted_at", "document_key"),
    partial_index("ix_documents_unfinished", "sender", "accepted_at", "document_key", where="finished_at IS NULL"),
    Index("ix_documents_number", "code_number", "accepted_at", "document_key"),
    Index("ix_documents_signer", "signer", "accepted_at", "document_key"),
    # A short pending list, so that no commit waits long when it is its turn to empty the list into the index.
    Index(
        "ix_documents_words",
        text(DOCUMENT_WORDS),
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    ).ddl_if(dialect="postgresql"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("document_key", Uuid, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("digest", "document_key"),
)

# Who brought octets to the blob store: to know a digest is not to have a right to the octets.
uploads = Table(
    "uploads",
    metadata,
    Column("digest", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    PrimaryKeyConstraint("digest", "endpoint"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("document_key", Uuid, nullable=False),
    Column("organ_id", Text, nullable=False),
    Column("addressed_as", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("rule", Text, nullable=False),
    Column("via", Text, nullable=False),
    # A bit for each status code seen (`domain.status`); in no index, so that a status stays a heap-only update.
    Column("statuses", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("document_key", "organ_id"),
    Index("ix_deliveries_endpoint_lane_sequence", "endpoint", "lane", "sequence"),
    Index("ix_deliveries_organ", "organ_id", "document_key"),
    partial_index("ix_deliveries_waiting", "endpoint", "lane", "sequence", where="state = 'waiting'"),
)

events = Table(
    "events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("document_key", Uuid),
    Column("canonical", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    partial_index("ix_events_document", "document_key", "at", where="document_key IS NOT NULL"),
    # Acts on many copies at once (`copies:*`): the only way from a document to the moment of its dispatch.
    partial_index("ix_events_spanning", "at", where="document_key IS NULL"),
    # What auditors did: few among many.
    partial_index("ix_events_verified", "at", "event_id", where="kind = 'log:verified'"),
    partial_index("ix_events_exported", "at", "event_id", where="kind = 'export:evidence'"),
)

# BIGINT would not number itself on SQLite.
_serial = BigInteger().with_variant(Integer, "sqlite")

log_pending = Table(
    "log_pending",
    metadata,
    Column("event_id", Uuid, nullable=False),
    Column("pending_id", _serial, primary_key=True, autoincrement=True),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("leaf_index", _serial, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, nullable=False, unique=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", Uuid, primary_key=True),
    Column("submission_id", Uuid, nullable=False),
    Column("targets", Text, nullable=False),  # JSON list of endpoints
    Column("notices", Text, nullable=False),  # JSON list of [endpoint, base64]
    Column("with_receipt", Boolean, nullable=False),
    Column("leased_by", Text, nullable=False),
    Column("leased_until", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Ours, not the row's: the order of taking, without a look at the submission. 0 is urgent.
    Column("turn", SmallInteger, nullable=False),
    # leased_until is in no index, so that taking a lease stays a heap-only update on PostgreSQL.
    Index("ix_outbox_turn_created", "turn", "created_at"),
)

lanes = Table(
    "lanes",
    metadata,
    Column("endpoint", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("next_sequence", BigInteger, nullable=False),
    Column("dispatched", BigInteger, nullable=False),
    Column("dispatched_bytes", BigInteger, nullable=False),
    Column("fetched", BigInteger, nullable=False),
    Column("fetched_bytes", BigInteger, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    PrimaryKeyConstraint("endpoint", "lane"),
)

fetch_ranges = Table(
    "fetch_ranges",
    metadata,
    Column("endpoint", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("first_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("endpoint", "lane", "first_sequence"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("quarantined_at", UtcDateTime, nullable=False),
    Index("ix_quarantine_quarantined", "quarantined_at", "event_id"),
    Index("ix_quarantine_message", "message_id", "endpoint"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
