"""What the other party says of a document, signed, and what the hub's receipt says of it."""

from datetime import UTC, datetime

from adapters.flows import earlier_document
from adapters.statuses import signed_status
from docaxis.domain.envelope import Organization
from docaxis.domain.receipt import Effect
from tests.adapters.desk import sender_key
from tests.adapters.standin import ENDPOINT, ORGAN, SENDER

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DOCUMENT = f"{SENDER},2026/11/22,5/VP"
KEY, OTHER_KEY = "a" * 32, "b" * 32


def status(code: str, reason: str = "", author: str = ORGAN, addressee: str = "") -> bytes:
    """A signed status about DOCUMENT."""
    earlier = earlier_document(DOCUMENT)
    return signed_status(sender_key(), code, earlier, Organization(author), NOW, reason=reason, addressee=addressee)


def request() -> bytes:
    """The sender's request to give DOCUMENT back."""
    return status("13", "Gửi nhầm", SENDER, ORGAN)


def effect(act: str, key: str = KEY, lane: str = "normal", sequence: int = 1, endpoint: str = ENDPOINT) -> Effect:
    """What the hub says that became of a copy."""
    return Effect(ORGAN, act, endpoint, key, lane, sequence)
