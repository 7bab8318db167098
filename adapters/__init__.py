"""Agency-side programs: one client library of the hub's broker, and the folder adapter that stands on it."""
