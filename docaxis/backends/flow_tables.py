"""The tables of what happens to a document after it was sent: statuses, links, deadlines, the hub's own words, subscriptions."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from docaxis.backends.columns import UtcDateTime, metadata, partial_index

# Every status as it came, applied to the delivery or only recorded; organ_id is the addressee whose state it is about.
# A recall order (BussinessDocType 1) stands here as a 13 to each addressee that it names.
statuses = Table(
    "statuses",
    metadata,
    Column("submission_id", Uuid, nullable=False),
    Column("document_key", Uuid, nullable=False),
    Column("organ_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("code", SmallInteger, nullable=False),
    Column("applied", Boolean, nullable=False),
    Column("current", SmallInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("reported_at", UtcDateTime),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("submission_id", "organ_id"),
    # With what the figures ask of a document's statuses: they are told from the index alone.
    Index("ix_statuses_document", "document_key", "accepted_at", postgresql_include=["organ_id", "code"]),
    # What a clerk asks for by itself: refusals, and recalls that wait for an answer. Both are rare.
    partial_index("ix_statuses_refused", "accepted_at", "document_key", "organ_id", where="code = 2 AND applied"),
    partial_index(
        "ix_statuses_refused_party", "party", "accepted_at", "document_key", "organ_id", where="code = 2 AND applied"
    ),
    partial_index(
        "ix_statuses_recalled_author",
        "author",
        "accepted_at",
        "document_key",
        "organ_id",
        where="code = 13 AND applied",
    ),
    partial_index(
        "ix_statuses_recalled_organ", "organ_id", "accepted_at", "document_key", where="code = 13 AND applied"
    ),
)

# What a package says about an earlier document; target_key is NULL where the hub never saw that one (a reply may say so).
links = Table(
    "links",
    metadata,
    Column("document_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target_key", Uuid),
    Column("sender", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    PrimaryKeyConstraint("document_key", "kind", "document_id", "sender"),
    Index("ix_links_target", "target_key"),
)

# One row a document and duty, not one an addressee: it is looked at once, when its time has come, and deleted.
deadlines = Table(
    "deadlines",
    metadata,
    Column("document_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("start_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    # The kind first: the oldest document that may still be answered in time is found at once.
    PrimaryKeyConstraint("kind", "document_key"),
    Index("ix_deadlines_due", "due_at"),
)

misses = Table(
    "misses",
    metadata,
    Column("document_key", Uuid, nullable=False),
    Column("organ_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("noticed_at", UtcDateTime, nullable=False),
    Column("cause", Text, nullable=False),
    Column("attributable", Boolean, nullable=False),
    PrimaryKeyConstraint("document_key", "organ_id", "kind"),
    # The whole order of a list: what was due at the end of a day was noticed in one moment.
    Index("ix_misses_noticed", "noticed_at", "document_key", "organ_id", "kind"),
    Index("ix_misses_sender_noticed", "sender", "noticed_at", "document_key", "organ_id", "kind"),
    Index("ix_misses_organ_noticed", "organ_id", "noticed_at", "document_key", "kind"),
    partial_index("ix_misses_organ_receipt", "organ_id", "document_key", where="kind = 'receipt'"),
)

reports = Table(
    "reports",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column("document_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("octets", LargeBinary, nullable=False),
    Index("ix_reports_document", "document_key", "at"),
)

# When at least one hub process had both broker and database: what was due while none had is nobody's fault outside.
attendance = Table(
    "attendance",
    metadata,
    Column("since", UtcDateTime, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Index("ix_attendance_until", "until"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscription_id", Uuid, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("next_index", BigInteger, nullable=False),
    # Up to where the subscriber was told: entries between the two had nothing for it.
    Column("told_index", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("next_try_at", UtcDateTime),
    Column("last_error", Text, nullable=False),
    Index("ix_subscriptions_endpoint", "endpoint"),
)
