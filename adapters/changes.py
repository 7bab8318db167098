"""What the hub tells a subscriber on the control queue: verified, then read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiormq.abc import DeliveredMessage
from cryptography import x509

from adapters.delivery import UntrustedError
from docaxis.domain import wire
from docaxis.trust.jws import NotSigned, verify_detached


def read_changes(message: DeliveredMessage, hub: Sequence[x509.Certificate], endpoint: str) -> Mapping[str, Any]:
    """Return a message about changes as docs/notifications.md has it; raises UntrustedError."""
    octets = bytes(message.body)
    signature = (message.header.properties.headers or {}).get(wire.SIGNATURE_HEADER, "")
    if isinstance(signature, bytes):
        signature = signature.decode("ascii", "replace")
    try:
        verify_detached(octets, str(signature), hub)
        read = json.loads(octets)
    except NotSigned as error:
        raise UntrustedError(str(error)) from None
    except (ValueError, RecursionError):
        raise UntrustedError("changes that are not JSON") from None
    if not isinstance(read, dict) or not isinstance(read.get("changes"), list):
        raise UntrustedError("no message about changes")
    if read.get("endpoint") != endpoint:
        raise UntrustedError("changes for another endpoint")
    return read
