"""Who let a person in: through whose hands an account and its sign-in addresses came."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of accounts that stand already nobody knows."""
    op.add_column("people", sa.Column("let_in_by", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("people", "let_in_by")
