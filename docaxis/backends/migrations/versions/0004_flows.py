"""What happens to a document after it was sent: its state, statuses, links, deadlines, the hub's own words, subscriptions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

# Each status updates its delivery: room in the page keeps that update out of the indexes.
TABLE_OPTIONS = (
    "ALTER TABLE deliveries SET (fillfactor = 80)",
    "ALTER TABLE attendance SET (fillfactor = 50)",
)


def upgrade() -> None:
    """Add the columns and make the tables."""
    op.add_column("documents", sa.Column("number_key", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("paper", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("documents", sa.Column("state", sa.Text(), nullable=False, server_default="active"))
    op.add_column("documents", sa.Column("finished_at", _MOMENT, nullable=True))
    op.create_index("uq_documents_number_key", "documents", ["number_key"], unique=True)
    op.create_index("ix_documents_sender", "documents", ["sender", "accepted_at", "document_key"], unique=False)
    op.create_index(
        "ix_documents_unfinished",
        "documents",
        ["sender", "accepted_at", "document_key"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.add_column("deliveries", sa.Column("statuses", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_deliveries_organ", "deliveries", ["organ_id", "document_key"], unique=False)
    _make_tables()
    if op.get_bind().dialect.name == "postgresql":
        for statement in TABLE_OPTIONS:
            op.execute(statement)


def _make_tables() -> None:
    op.create_table(
        "statuses",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("current", sa.SmallInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reported_at", _MOMENT, nullable=True),
        sa.Column("accepted_at", _MOMENT, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "organ_id", name="pk_statuses"),
    )
    op.create_index("ix_statuses_document", "statuses", ["document_key", "accepted_at"], unique=False)
    op.create_table(
        "links",
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_key", sa.Uuid(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_key", "kind", "document_id", "sender", name="pk_links"),
    )
    op.create_index("ix_links_target", "links", ["target_key"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("start_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("document_key", "kind", name="pk_deadlines"),
    )
    op.create_index("ix_deadlines_due", "deadlines", ["due_at"], unique=False)
    op.create_table(
        "misses",
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("noticed_at", _MOMENT, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("attributable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("document_key", "organ_id", "kind", name="pk_misses"),
    )
    op.create_index("ix_misses_sender_noticed", "misses", ["sender", "noticed_at"], unique=False)
    op.create_table(
        "reports",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("document_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name="pk_reports"),
    )
    op.create_index("ix_reports_document", "reports", ["document_key", "at"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("since", name="pk_attendance"),
    )
    op.create_index("ix_attendance_until", "attendance", ["until"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("next_index", sa.BigInteger(), nullable=False),
        sa.Column("told_index", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("next_try_at", _MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_endpoint", "subscriptions", ["endpoint"], unique=False)


def downgrade() -> None:
    """Drop the tables and columns, with what they hold."""
    for table in ("subscriptions", "attendance", "reports", "misses", "deadlines", "links", "statuses"):
        op.drop_table(table)
    op.drop_index("ix_deliveries_organ", "deliveries")
    for index in ("ix_documents_unfinished", "ix_documents_sender", "uq_documents_number_key"):
        op.drop_index(index, "documents")
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_column("statuses")
    with op.batch_alter_table("documents") as documents:
        for column in ("finished_at", "state", "paper", "number_key"):
            documents.drop_column(column)
