"""The pages: people with their sessions, passkeys, grants and mandates, what they keep, and what waits for a second person."""

import sqlalchemy as sa
from alembic import op

from docaxis.backends.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _people()
    _kept()
    _machines()
    _audited()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("login", "name", "role", "organ_id", "title", "language")
        ),
        sa.Column("password_hash", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("disabled_at", UtcDateTime),
        sa.UniqueConstraint("login", name="uq_people_login"),
        sa.UniqueConstraint("subject", name="uq_people_subject"),
    )
    op.create_table(
        "grants",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("organ_id", sa.Text, nullable=False),
        sa.Column("with_subordinates", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("person_id", "organ_id"),
    )
    op.create_table(
        "mandates",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("decision", "agencies")),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("first_day", "last_day", "ends_on")),
    )
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.LargeBinary, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
    )
    op.create_index("ix_passkeys_person", "passkeys", ["person_id"])
    op.create_table(
        "sessions",
        sa.Column("session_hash", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("form_token", "organ_id", "way", "agent", "address")),
        *(sa.Column(name, UtcDateTime, nullable=False) for name in ("began_at", "seen_at", "ends_at")),
    )
    op.create_index("ix_sessions_person", "sessions", ["person_id"])


def _kept() -> None:
    op.create_table(
        "saved_views",
        sa.Column("view_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "address")),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("person_id", "name", name="uq_saved_views_person_id_name"),
    )
    op.create_table(
        "register",
        sa.Column("organ_id", sa.Text, nullable=False),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document_key", sa.Uuid, nullable=False),
        sa.Column("registered_at", UtcDateTime, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("handed_to", "note")),
        sa.PrimaryKeyConstraint("organ_id", "year", "number"),
        sa.UniqueConstraint("organ_id", "document_key", name="uq_register_organ_id_document_key"),
    )
    op.create_table(
        "drafts",
        sa.Column("draft_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("organ_id", "content", "message_id")),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_drafts_person", "drafts", ["person_id", "changed_at"])
    op.create_table(
        "draft_files",
        sa.Column("draft_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "content_type", "digest")),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "position"),
    )
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.Uuid, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "content", "reason")),
        sa.Column("proposed_by", sa.Uuid, nullable=False),
        sa.Column("proposed_at", UtcDateTime, nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", UtcDateTime),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("outcome", "decided_reason")),
    )
    op.create_index("ix_proposals_proposed", "proposals", ["proposed_at", "proposal_id"])
    op.create_table(
        "quarantine_ends",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("outcome", "reason", "login")),
        sa.Column("ended_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_quarantine_ends_ended", "quarantine_ends", ["ended_at", "event_id"])
    op.create_index("ix_quarantine_message", "quarantine", ["message_id", "endpoint"])


def _machines() -> None:
    op.create_table(
        "client_keys",
        sa.Column("key_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("endpoint", "kind")),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("revoked_at", UtcDateTime),
    )
    op.create_index("ix_client_keys_endpoint", "client_keys", ["endpoint"])
    op.create_table(
        "used_tokens",
        sa.Column("token_id", sa.Text, primary_key=True),
        sa.Column("ends_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_used_tokens_ends", "used_tokens", ["ends_at"])
    op.create_table(
        "answers",
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("answered_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "idempotency_key"),
    )
    op.create_index("ix_answers_answered", "answers", ["answered_at"])
    op.create_table(
        "partial_uploads",
        sa.Column("upload_id", sa.Text, primary_key=True),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("length_bytes", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        *(sa.Column(name, UtcDateTime, nullable=False) for name in ("began_at", "ends_at")),
    )
    op.create_index("ix_partial_uploads_ends", "partial_uploads", ["ends_at"])


_AUDITED = (
    ("ix_submissions_rejected_sender", "submissions", ["sender", "submission_id"], "outcome = 'rejected'"),
    ("ix_submissions_rejected_event", "submissions", ["event_id"], "outcome = 'rejected'"),
    ("ix_documents_signer", "documents", ["signer", "accepted_at", "document_key"], None),
    ("ix_events_verified", "events", ["at", "event_id"], "kind = 'log:verified'"),
    ("ix_events_exported", "events", ["at", "event_id"], "kind = 'export:evidence'"),
)
"""What an auditor looks for: name, table, columns, of which rows."""


def _audited() -> None:
    for name, table, columns, where in _AUDITED:
        predicate = sa.text(where) if where else None
        op.create_index(name, table, columns, postgresql_where=predicate, sqlite_where=predicate)


def downgrade() -> None:
    """Drop the tables, with all accounts."""
    for name, table, *_ in _AUDITED:
        op.drop_index(name, table)
    op.drop_index("ix_quarantine_message", "quarantine")
    for name in (
        "partial_uploads", "answers", "used_tokens", "client_keys", "quarantine_ends", "proposals", "draft_files",
        "drafts", "register", "saved_views", "sessions", "passkeys", "mandates", "grants", "people",
    ):  # fmt: skip
        op.drop_table(name)
