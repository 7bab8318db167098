"""The clerk's pages: lists by many filters, today's work, saved views, and what has just changed."""
