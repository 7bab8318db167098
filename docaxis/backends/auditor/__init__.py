"""What auditors ask of the audit store, always within a mandate."""
