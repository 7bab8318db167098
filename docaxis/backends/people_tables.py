"""The tables of the pages: people, their sessions and passkeys, what they kept, and what waits for a second person.

None of them is on the hub's path; sessions and what is typed hold no document content but drafts.
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
)

from docaxis.backends.columns import UtcDateTime, metadata

people = Table(
    "people",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organ_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("password_hash", Text),  # argon2id; NULL: signs in by a passkey or the identity provider
    Column("subject", Text, unique=True),  # issuer and sub of the identity provider
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    # Login of who made the account, or the last address to sign in to it; empty: the identity provider knows the person.
    Column("let_in_by", Text, nullable=False, server_default=""),
)

grants = Table(
    "grants",
    metadata,
    Column("person_id", Uuid, nullable=False),
    Column("organ_id", Text, nullable=False),
    Column("with_subordinates", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("person_id", "organ_id"),
)

mandates = Table(
    "mandates",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("decision", Text, nullable=False),
    Column("agencies", Text, nullable=False),  # JSON list of codes; empty: all
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index("ix_passkeys_person", "person_id"),
)

# The cookie holds 32 random octets, the row their SHA-256.
sessions = Table(
    "sessions",
    metadata,
    Column("session_hash", Text, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("form_token", Text, nullable=False),
    Column("organ_id", Text, nullable=False),
    Column("way", Text, nullable=False),  # password, passkey, oidc, demo
    Column("agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Index("ix_sessions_person", "person_id"),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("view_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("person_id", "name"),
)

# Sổ đến: each agency numbers what it registers, from 1 every year.
register = Table(
    "register",
    metadata,
    Column("organ_id", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("document_key", Uuid, nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("handed_to", Text, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("organ_id", "year", "number"),
    UniqueConstraint("organ_id", "document_key"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("organ_id", Text, nullable=False),
    Column("content", Text, nullable=False),  # JSON of the form
    Column("message_id", Text, nullable=False),  # empty: not sent yet
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_drafts_person", "person_id", "changed_at"),
)

draft_files = Table(
    "draft_files",
    metadata,
    Column("draft_id", Uuid, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    PrimaryKeyConstraint("draft_id", "position"),
)

# What needs a second person: anchors, bindings, retention.
proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),  # JSON
    Column("reason", Text, nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("decided_by", Uuid),
    Column("decided_at", UtcDateTime),
    Column("outcome", Text, nullable=False),  # empty while it waits; approved, declined, withdrawn
    Column("decided_reason", Text, nullable=False),
    Index("ix_proposals_proposed", "proposed_at", "proposal_id"),
)

# What became of a message in quarantine; the message itself stays for who asks later.
quarantine_ends = Table(
    "quarantine_ends",
    metadata,
    Column("event_id", Uuid, primary_key=True),  # that of the row in quarantine
    Column("outcome", Text, nullable=False),  # released, discarded
    Column("reason", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Index("ix_quarantine_ends_ended", "ended_at", "event_id"),
)

# Public keys with which endpoints sign their tokens, and certificates that they show (mutual TLS).
client_keys = Table(
    "client_keys",
    metadata,
    Column("key_id", Text, primary_key=True),  # sha256:<hex> of the SubjectPublicKeyInfo, or of the certificate
    Column("endpoint", Text, nullable=False),
    Column("kind", Text, nullable=False),  # token or certificate
    Column("public_key", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index("ix_client_keys_endpoint", "endpoint"),
)

# A token that was used once is not taken again while it holds.
used_tokens = Table(
    "used_tokens",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Index("ix_used_tokens_ends", "ends_at"),
)

answers = Table(
    "answers",
    metadata,
    Column("endpoint", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request", Text, nullable=False),  # sha256:<hex> of what was asked
    Column("status", SmallInteger, nullable=False),
    Column("content", Text, nullable=False),  # JSON that was answered
    Column("answered_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("endpoint", "idempotency_key"),
    Index("ix_answers_answered", "answered_at"),
)

# Uploads in parts (tus); the octets so far lie in the blob store's folder, their number is the file's length.
partial_uploads = Table(
    "partial_uploads",
    metadata,
    Column("upload_id", Text, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("length_bytes", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Index("ix_partial_uploads_ends", "ends_at"),
)
