"""The index of a document's statuses holds what the figures ask of them, so that they need not read the rows."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME, TABLE, COLUMNS = "ix_statuses_document", "statuses", ["document_key", "accepted_at"]


def upgrade() -> None:
    """Make the index anew; on SQLite, which has no included columns, it stays as it is."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(NAME, TABLE)
        op.create_index(NAME, TABLE, COLUMNS, postgresql_include=["organ_id", "code"])


def downgrade() -> None:
    """Make the index as it was."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(NAME, TABLE)
        op.create_index(NAME, TABLE, COLUMNS)
