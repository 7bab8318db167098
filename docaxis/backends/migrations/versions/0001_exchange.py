"""The exchange: packages, submissions, documents, deliveries, what is to be published and what was fetched."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Compressing XML and signatures with pglz costs more time than the space is worth.
STORED_PLAIN = (("packages", "body"), ("documents", "note"), ("submissions", "receipt"))

# lanes: a few rows that every commit updates, kept heap-only by free space in the page. outbox: rows that live for
# milliseconds, cleaned by their number and not by a share of a table that is mostly empty.
TABLE_OPTIONS = (
    "ALTER TABLE lanes SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)",
    "ALTER TABLE outbox SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)",
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
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "lane", name="pk_lanes"),
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
        sa.UniqueConstraint("message_id", "digest", "endpoint", name="uq_submissions_message_id_digest_endpoint"),
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
    op.create_table(
        "uploads",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "endpoint", name="pk_uploads"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, column in STORED_PLAIN:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
        for statement in TABLE_OPTIONS:
            op.execute(statement)


def downgrade() -> None:
    """Drop the tables, with what they hold."""
    op.drop_table("uploads")
    op.drop_table("submissions")
    op.drop_table("packages")
    op.drop_table("outbox")
    op.drop_table("lanes")
    op.drop_table("fetch_ranges")
    op.drop_table("documents")
    op.drop_table("deliveries")
    op.drop_table("attachments")
