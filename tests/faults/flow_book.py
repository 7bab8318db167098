"""What the agencies have seen of statuses and recalls: who was told what, whose copy was given back, what the hub reported."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class GivenBack(NamedTuple):
    """A copy that the hub has reported as given back unread, to the sender's endpoint."""

    told: str
    document_key: str
    endpoint: str


@dataclass(slots=True)
class FlowBook:
    """Sets and counts by endpoint; digests are of packages, keys are the hub's keys of documents."""

    heard: dict[str, Counter[str]] = field(default_factory=dict)
    """How often each passed-on package was handed to an agency."""
    arrived: dict[str, set[str]] = field(default_factory=dict)
    """Keys of the documents in a business inbox."""
    withdrawn: dict[str, set[str]] = field(default_factory=dict)
    """Keys of the copies that an endpoint has given back, and says it will never write."""
    given_back: set[GivenBack] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    """Endpoints where no clerk answers a recall."""

    def hear(self, endpoint: str, digest: str) -> None:
        """Count a package of another agency that was handed over."""
        self.heard.setdefault(endpoint, Counter())[digest] += 1

    def withdraw(self, endpoint: str, document_keys: set[str]) -> None:
        """Note copies as given back unread."""
        self.withdrawn.setdefault(endpoint, set()).update(document_keys)
