"""docaxis: an asynchronous hub for signed official documents."""

__version__ = "0.1.0"
