"""Commands with which anybody checks an entry without this hub; the same stand in the README of every export."""

from dataclasses import dataclass
from datetime import UTC

from docaxis.hub.views.audit import EntryView

PYTHON = "import hashlib,sys; print(hashlib.sha256(b'\\0' + open(sys.argv[1], 'rb').read()).hexdigest())"


@dataclass(frozen=True, slots=True)
class Commands:
    """file: the entry's canonical octets as an export has them; package: empty where the entry answered none."""

    file: str
    leaf_openssl: str
    leaf_python: str
    package: str


def commands_of(entry: EntryView) -> Commands:
    """Return the commands for an entry."""
    file = file_of(entry)
    package = ""
    if entry.package and entry.received_at is not None:
        at = entry.received_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        package = f"docaxis package verify goi-tin.edxml --anchors certs/anchors --crls certs/crls --at {at}"
    return Commands(file, leaf_command_openssl(file), leaf_command_python(file), package)


def file_of(entry: EntryView) -> str:
    """Return what the entry's octets are called in an export."""
    event = entry.row.event
    name = event.event_id.hex if event.leaf_index is None else f"{event.leaf_index:012d}"
    return f"{name}.json"


def leaf_command_openssl(file: str) -> str:
    """Return the command that computes a leaf hash with a shell and OpenSSL."""
    return f"(printf '\\000'; cat {file}) | openssl dgst -sha256"


def leaf_command_python(file: str) -> str:
    """Return the command that computes a leaf hash with Python alone."""
    return f'python3 -c "{PYTHON}" {file}'
