"""Figures about the exchange, read from the audit store; what each counts stands in `domain.indicators`."""
