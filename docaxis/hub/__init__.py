"""The hub: one pure decision per arrival (`decide`, `apply`) and the thin shells that feed and record it."""
