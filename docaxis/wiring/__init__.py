"""The composition root: configuration in, a running hub process out."""

from docaxis.wiring.hub import hub_process, utc_now
from docaxis.wiring.serve import serve

__all__ = ["hub_process", "serve", "utc_now"]
