"""The API for systems over the database, the broker and the blob store: keys, answers, lines, uploads in parts."""
