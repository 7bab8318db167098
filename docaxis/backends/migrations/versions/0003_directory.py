"""The directory: endpoints, agencies, connections, signers, settings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "agencies",
        sa.Column("organ_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successors", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("statistical_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organ_id", name="pk_agencies"),
    )
    op.create_table(
        "endpoints",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("broker_user", sa.Text(), nullable=False),
        sa.Column("queue_token", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("endpoint_id", name="pk_endpoints"),
        sa.UniqueConstraint("broker_user", name="uq_endpoints_broker_user"),
        sa.UniqueConstraint("queue_token", name="uq_endpoints_queue_token"),
        sa.UniqueConstraint("token_sha256", name="uq_endpoints_token_sha256"),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_settings"),
    )
    op.create_table(
        "signer_bindings",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("organ_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "organ_id", name="pk_signer_bindings"),
    )
    op.create_table(
        "connections",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("organ_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoints.endpoint_id"], name="fk_connections_endpoint_id"),
        sa.PrimaryKeyConstraint("organ_id", name="pk_connections"),
    )
    op.create_index("ix_connections_endpoint", "connections", ["endpoint_id"], unique=False)


def downgrade() -> None:
    """Drop the tables, with what they hold."""
    op.drop_table("connections")
    op.drop_table("signer_bindings")
    op.drop_table("settings")
    op.drop_table("endpoints")
    op.drop_table("agencies")
