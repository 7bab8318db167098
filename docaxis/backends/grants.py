"""What the writing and the reading half may do on PostgreSQL: two roles, neither of which owns the tables.

The owner upgrades the schema and grants; a hub that runs as the writer cannot drop a trigger, nor change what is past.
"""

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from docaxis.backends.migrate import with_connection

UPDATED = (
    "submissions",
    "deliveries",
    "attendance",
    "deadlines",  # never changed, but a lock on a row asks for this right
    "outbox",
    "lanes",
    "fetch_ranges",
    "leases",
    "endpoints",
    "settings",
    "subscriptions",
    "people",
    "sessions",
    "passkeys",
    "proposals",
    "saved_views",
    "drafts",
    "register",
    "client_keys",
)
FLOWING = ("state", "finished_at")
"""What changes of a document once it was accepted; all else of it is past."""
DELETED = (
    "outbox",
    "log_pending",
    "deadlines",
    "agencies",
    "connections",
    "signer_bindings",
    "subscriptions",
    "sessions",
    "grants",
    "mandates",
    "passkeys",
    "used_tokens",
    "saved_views",
    "drafts",
    "draft_files",
    "answers",
    "partial_uploads",
)


def grants(writer: str, reader: str) -> list[str]:
    """Return the statements for roles that exist already; names are quoted, repeats change nothing."""
    quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]
    write, read = quote(writer), quote(reader)
    return [
        f"GRANT USAGE ON SCHEMA public TO {write}, {read}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {write}, {read}",
        # The reading half shows documents; it has no business with tokens, nor with how people sign in.
        f"REVOKE SELECT ON endpoints, people, sessions, passkeys FROM {read}",  # noqa: S608 - role names, quoted above
        f"GRANT INSERT ON ALL TABLES IN SCHEMA public TO {write}",
        f"REVOKE INSERT ON alembic_version FROM {write}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {write}",
        f"GRANT UPDATE ON {', '.join(UPDATED)} TO {write}",
        f"REVOKE UPDATE ON documents FROM {write}",
        f"GRANT UPDATE ({', '.join(FLOWING)}) ON documents TO {write}",
        f"GRANT DELETE ON {', '.join(DELETED)} TO {write}",
    ]


async def grant(owner_url: str, writer: str, reader: str) -> None:
    """Grant, as the owner of the schema, after every upgrade; raises StoreUnavailable, StoreRefused."""

    def run(connection: Connection) -> None:
        for statement in grants(writer, reader):
            connection.exec_driver_sql(statement)

    await with_connection(owner_url, run)
