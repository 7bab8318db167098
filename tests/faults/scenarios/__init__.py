"""One file a fault; each has a `SCENARIO`."""
