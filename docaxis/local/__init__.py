"""What a desk needs beside the hub: a private RabbitMQ, a private PostgreSQL, and tools, all without root."""
