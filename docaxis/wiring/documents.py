"""What the pages of one document stand on."""

from datetime import datetime

from aiohttp import web
from cryptography import x509

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.document_reading import DocumentReading, SubmissionReading
from docaxis.config import ConfigError
from docaxis.hub.verification import Grounds
from docaxis.trust.certificate import read_certificates
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.wiring.configured import deadline_policy
from docaxis.wiring.parts import Parts

_READERS = 4


async def put_documents(app: web.Application, parts: Parts) -> None:
    """Put the port in; raises ConfigError."""
    reading = SubmissionReading(parts.url, _READERS)
    parts.stack.push_async_callback(reading.close)

    def grounds(at: datetime) -> Grounds:
        snapshot = parts.world.snapshot
        return Grounds(snapshot.trust, at, snapshot.directory, snapshot.policy)

    app[DOCUMENTS] = DocumentReading(
        queries=parts.queries,
        reading=reading,
        blobs=FolderBlobs(parts.config.hub.state_dir / "blobs"),
        database=parts.database,
        policy=deadline_policy(parts.config.deadlines),
        grounds=grounds,
        seals=read_seals(parts),
    )


def read_seals(parts: Parts) -> tuple[x509.Certificate, ...]:
    """Return the certificates of the hub's seal: the configured one, and those of earlier seals in the same file."""
    file = parts.config.seal.certificate_file
    try:
        return tuple(read_certificates(file.read_bytes()))
    except FileNotFoundError:
        # The pages may run where the hub's seal does not lie: receipts are then shown without its certificate.
        return ()
    except (OSError, ValueError) as error:
        raise ConfigError(f"seal: {error}") from None
