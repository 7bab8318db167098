"""The tables of the directory: connected systems, agencies, who speaks for whom, settings."""

from sqlalchemy import Column, Date, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from docaxis.backends.columns import UtcDateTime, metadata

endpoints = Table(
    "endpoints",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("broker_user", Text, nullable=False, unique=True),
    Column("queue_token", Text, nullable=False, unique=True),
    Column("token_sha256", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

agencies = Table(
    "agencies",
    metadata,
    Column("organ_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("parent", Text, nullable=False),
    Column("aliases", Text, nullable=False),  # JSON list of codes
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("successors", Text, nullable=False),  # JSON list of codes
    Column("source", Text, nullable=False),
    Column("statistical_code", Text, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    Column("endpoint_id", Text, ForeignKey("endpoints.endpoint_id"), nullable=False),
    # One endpoint an agency; no foreign key: a code may be connected before the directory that holds it is imported.
    Column("organ_id", Text, primary_key=True),
    Index("ix_connections_endpoint", "endpoint_id"),
)

signer_bindings = Table(
    "signer_bindings",
    metadata,
    Column("fingerprint", Text, nullable=False),
    Column("organ_id", Text, nullable=False),
    PrimaryKeyConstraint("fingerprint", "organ_id"),
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
