"""Who sits before the pages: signing in and out, sessions, one's own account, and the administrator's list of people."""
