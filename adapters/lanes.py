"""Which lane a package belongs to: the hub refuses one that travels in another than its signed urgency says."""

from docaxis.domain import wire
from docaxis.domain.envelope import Envelope, StatusEnvelope
from docaxis.domain.verdict import Rejection
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse


def lane_of_package(package: bytes) -> str:
    """Return the lane for a package; an unreadable one goes by the normal lane, and the hub says what is wrong."""
    parsed = parse(package)
    if isinstance(parsed, Rejection):
        return "normal"
    match read_envelope(parsed):
        case Envelope() as document:
            return wire.lane_of(document.header.other_info.priority)
        case StatusEnvelope() as status:
            return wire.lane_of_status(status.status_code)
        case _:
            return "normal"
