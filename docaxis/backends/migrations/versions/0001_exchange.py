"""The exchange, its events and their log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# One of each is enough: two kinds of rows that nobody, a careless operator included, may change.
APPEND_ONLY = ("events", "log_entries")

# Compressing XML and signatures with pglz costs more time than the space is worth.
STORED_PLAIN = (("packages", "body"), ("documents", "note"), ("submissions", "receipt"), ("events", "canonical"))

# lanes: a few rows updated by every commit, kept heap-only by free space in the page. outbox and log_pending: rows
# that live for milliseconds, cleaned by their number and not by a share of a table that is mostly empty.
TABLE_OPTIONS = (
    "ALTER TABLE lanes SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)",
    "ALTER TABLE outbox SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)",
    "ALTER TABLE log_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "attachments",
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "document_key", name="pk_attachments"),
    )
    op.create_table(
        "deliveries",
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Text(), nullable=False),
        sa.Column("addressed_as", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_key", "organ_id", name="pk_deliveries"),
    )
    op.create_index(
        "ix_deliveries_endpoint_lane_sequence", "deliveries", ["endpoint", "lane", "sequence"], unique=False
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["endpoint", "lane", "sequence"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "documents",
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("business_type", sa.SmallInteger(), nullable=False),
        sa.Column("code_number", sa.Text(), nullable=False),
        sa.Column("code_notation", sa.Text(), nullable=False),
        sa.Column("promulgated_on", sa.Date(), nullable=True),
        sa.Column("type_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_key", name="pk_documents"),
        sa.UniqueConstraint("document_id", "sender", name="uq_documents_document_id_sender"),
    )
    op.create_index("ix_documents_accepted", "documents", ["accepted_at", "document_key"], unique=False)
    op.create_index("ix_documents_digest", "documents", ["digest"], unique=False)
    op.create_table(
        "events",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_key", sa.Uuid(), nullable=True),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
    )
    op.create_index(
        "ix_events_document",
        "events",
        ["document_key", "at"],
        unique=False,
        postgresql_where=sa.text("document_key IS NOT NULL"),
        sqlite_where=sa.text("document_key IS NOT NULL"),
    )
    op.create_table(
        "fetch_ranges",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "lane", "first_sequence", name="pk_fetch_ranges"),
    )
    op.create_table(
        "lanes",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("next_sequence", sa.BigInteger(), nullable=False),
        sa.Column("dispatched", sa.BigInteger(), nullable=False),
        sa.Column("dispatched_bytes", sa.BigInteger(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.Column("fetched_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "lane", name="pk_lanes"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "log_entries",
        sa.Column(
            "leaf_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_log_entries"),
        sa.UniqueConstraint("event_id", name="uq_log_entries_event_id"),
    )
    op.create_table(
        "log_pending",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "pending_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.PrimaryKeyConstraint("pending_id", name="pk_log_pending"),
    )
    op.create_table(
        "outbox",
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.Column("with_receipt", sa.Boolean(), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_turn_created", "outbox", ["turn", "created_at"], unique=False)
    op.create_table(
        "packages",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_packages"),
    )
    op.create_table(
        "quarantine",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_quarantined", "quarantine", ["quarantined_at", "event_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", name="pk_submissions"),
        sa.UniqueConstraint("endpoint", "message_id", "digest", name="uq_submissions_endpoint_message_id_digest"),
    )
    op.create_index(
        "ix_submissions_deferred",
        "submissions",
        ["retry_at"],
        unique=False,
        postgresql_where=sa.text("outcome = 'deferred'"),
        sqlite_where=sa.text("outcome = 'deferred'"),
    )
    op.create_index(
        "ix_submissions_endpoint_received", "submissions", ["endpoint", "received_at", "submission_id"], unique=False
    )
    op.create_index("ix_submissions_received", "submissions", ["received_at", "submission_id"], unique=False)
    op.create_index("ix_submissions_sender_document", "submissions", ["document_id", "sender"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _tune_postgresql()
    else:
        _guard_sqlite()


def _tune_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION docaxis_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION docaxis_append_only()"
        )
    for table, column in STORED_PLAIN:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    for statement in TABLE_OPTIONS:
        op.execute(statement)


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    """Drop the tables, with what they hold."""
    op.drop_index("ix_submissions_sender_document", table_name="submissions")
    op.drop_index("ix_submissions_received", table_name="submissions")
    op.drop_index("ix_submissions_endpoint_received", table_name="submissions")
    op.drop_index(
        "ix_submissions_deferred",
        table_name="submissions",
        postgresql_where=sa.text("outcome = 'deferred'"),
        sqlite_where=sa.text("outcome = 'deferred'"),
    )
    op.drop_table("submissions")
    op.drop_index("ix_quarantine_quarantined", table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("packages")
    op.drop_index("ix_outbox_turn_created", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("log_pending")
    op.drop_table("log_entries")
    op.drop_table("leases")
    op.drop_table("lanes")
    op.drop_table("fetch_ranges")
    op.drop_index(
        "ix_events_document",
        table_name="events",
        postgresql_where=sa.text("document_key IS NOT NULL"),
        sqlite_where=sa.text("document_key IS NOT NULL"),
    )
    op.drop_table("events")
    op.drop_index("ix_documents_digest", table_name="documents")
    op.drop_index("ix_documents_accepted", table_name="documents")
    op.drop_table("documents")
    op.drop_index(
        "ix_deliveries_waiting",
        table_name="deliveries",
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.drop_index("ix_deliveries_endpoint_lane_sequence", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("attachments")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION docaxis_append_only()")
