"""The pages: rendered on the server, complete without a script; they see the domain and the ports of the hub only."""
