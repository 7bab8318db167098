"""alembic's folder; run by `backends.migrate`."""
