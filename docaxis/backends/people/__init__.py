"""People, their sessions and passkeys in the database; what matters of it is an event of the log."""
