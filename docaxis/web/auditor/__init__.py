"""The auditor's pages: the log, checking a range of it, evidence that was taken out; within a mandate, never content."""
