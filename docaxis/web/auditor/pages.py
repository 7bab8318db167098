"""The auditor's routes."""

from docaxis.domain.people import Role
from docaxis.web.auditor.exports import show_exports, take_evidence
from docaxis.web.auditor.log import show_entry, show_log, tell_meaning
from docaxis.web.auditor.verify import show_verify, start_check, stop_check, stream_check
from docaxis.web.routing import Page

_AUDITOR = frozenset({Role.AUDITOR})

PAGES: tuple[Page, ...] = (
    Page("/log", show_log, _AUDITOR, "log"),
    Page("/log/recognise", tell_meaning, _AUDITOR, "log-recognise"),
    Page("/log/{event_id}", show_entry, _AUDITOR, "log-entry"),
    Page("/verify", show_verify, _AUDITOR, "verify"),
    Page("/verify/stream", stream_check, _AUDITOR, "verify-stream"),
    Page("/verify/start", start_check, _AUDITOR, "verify-start", acts=True),
    Page("/verify/stop", stop_check, _AUDITOR, "verify-stop", acts=True),
    Page("/exports", show_exports, _AUDITOR, "exports"),
    Page("/exports/take", take_evidence, _AUDITOR, "exports-take", acts=True),
)
