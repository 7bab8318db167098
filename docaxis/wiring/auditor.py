"""What the auditor's pages stand on."""

import structlog
from aiohttp import web

from docaxis.backends.auditor.audit import Audit
from docaxis.backends.blobs import FolderBlobs
from docaxis.hub.rounds import again_and_again
from docaxis.web.auditor.checks import CHECKS, Checks
from docaxis.web.auditor.ports import AUDIT
from docaxis.wiring.parts import Parts
from docaxis.wiring.start import background

log = structlog.get_logger(__name__)

_LEARN_EVERY_S = 600.0
_READERS = 4


async def put_auditor(app: web.Application, parts: Parts) -> None:
    """Put the ports of the area in; certificates that are new in the log are looked into every few minutes."""
    blobs = FolderBlobs(parts.config.hub.state_dir / "blobs")
    audit = Audit(parts.url, parts.database, blobs, lambda: parts.world.snapshot, _READERS)
    parts.stack.push_async_callback(audit.close)
    checks = Checks(audit, parts.clock)
    parts.stack.push_async_callback(checks.close)
    app[AUDIT] = audit
    app[CHECKS] = checks
    said = "senders' certificates not looked into yet"
    await background(parts.stack, again_and_again(audit.learn_signers, _LEARN_EVERY_S, log, waits=said, failed=said))
