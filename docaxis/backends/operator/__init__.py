"""What stands behind the operator's pages: figures sampled in the background, and acts that are recorded."""
