"""What a clerk asks, each question by an index: by words, by number, unanswered, refused, overdue, recalled."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_documents_number", "documents", ["code_number", "accepted_at", "document_key"], None),
    ("ix_events_spanning", "events", ["at"], "document_key IS NULL"),
    ("ix_statuses_refused", "statuses", ["accepted_at", "document_key", "organ_id"], "code = 2 AND applied"),
    (
        "ix_statuses_refused_party",
        "statuses",
        ["party", "accepted_at", "document_key", "organ_id"],
        "code = 2 AND applied",
    ),
    (
        "ix_statuses_recalled_author",
        "statuses",
        ["author", "accepted_at", "document_key", "organ_id"],
        "code = 13 AND applied",
    ),
    (
        "ix_statuses_recalled_organ",
        "statuses",
        ["organ_id", "accepted_at", "document_key"],
        "code = 13 AND applied",
    ),
    ("ix_misses_noticed", "misses", ["noticed_at", "document_key", "organ_id", "kind"], None),
    ("ix_misses_sender_noticed", "misses", ["sender", "noticed_at", "document_key", "organ_id", "kind"], None),
    ("ix_misses_organ_noticed", "misses", ["organ_id", "noticed_at", "document_key", "kind"], None),
    ("ix_misses_organ_receipt", "misses", ["organ_id", "document_key"], "kind = 'receipt'"),
)

# As in `backends.tables`, which says why.
WORDS = """
CREATE INDEX ix_documents_words ON documents USING gin (
    array_to_tsvector(array_append(array_remove(
        string_to_array(CASE WHEN octet_length(folded) <= 2046 THEN folded
            ELSE regexp_replace(folded, '([^ ]{250})[^ ]+', '\\1', 'g') END, ' '), ''), '@' || sender))
) WITH (gin_pending_list_limit = 256)
"""


def upgrade() -> None:
    """Add the indexes; the key of deadlines is turned round."""
    _key_of_deadlines("kind", "document_key")
    op.drop_index("ix_misses_sender_noticed", "misses")
    for name, table, columns, where in INDEXES:
        predicate = sa.text(where) if where else None
        op.create_index(name, table, columns, postgresql_where=predicate, sqlite_where=predicate)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(WORDS)


def downgrade() -> None:
    """Drop the indexes, and turn the key back."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_documents_words", "documents")
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table)
    op.create_index("ix_misses_sender_noticed", "misses", ["sender", "noticed_at"])
    _key_of_deadlines("document_key", "kind")


def _key_of_deadlines(*columns: str) -> None:
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.drop_constraint("pk_deadlines", type_="primary")
        deadlines.create_primary_key("pk_deadlines", list(columns))
