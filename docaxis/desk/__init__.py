"""Web endpoints: the hub's own client for agencies without a system of their own, run in the process of the pages."""
