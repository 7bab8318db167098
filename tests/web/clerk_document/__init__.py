"""The pages of one document."""
