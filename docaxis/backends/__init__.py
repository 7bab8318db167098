"""The world behind the hub's ports: database, blobs, broker and directory snapshot."""
