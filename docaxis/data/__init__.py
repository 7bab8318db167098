"""Shipped configurations: levels and branches, routing policy, agencies and demo connections, one folder each."""
