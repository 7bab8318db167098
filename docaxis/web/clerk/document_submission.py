"""A package that the hub answered: why it was refused or put off, where in it, and what to do."""

from aiohttp import web

from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason
from docaxis.hub.views.documents import SubmissionView
from docaxis.web.clerk.document_found import key_of
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.desk import DESK
from docaxis.web.render import address, render
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT

_CODES = {reason.value: reason for reason in Reason}


async def show_submission(request: web.Request) -> web.Response:
    """Show what was decided; one that became a document leads to the document."""
    found = await request.app[DOCUMENTS].submission(key_of(request.match_info["submission_id"]))
    if found is None or not _is_ours(request, found):
        raise web.HTTPNotFound
    if found.outcome == "accepted" and await request.app[DOCUMENTS].document(found.submission_id) is not None:
        raise web.HTTPSeeOther(address(request, "document", key=found.submission_id))
    organ_id = request[VISIT].organ_id
    return render(
        request,
        "clerk/submission.html",
        submission=found,
        happened=happened(found.code, found.detail, request[PREFERENCES].language),
        does=DESK in request.app and request.app[DESK].serves(organ_id),
    )


def happened(code: str, detail: str, language: str) -> str:
    """Return the sentence of a refusal code; a code of another version of the program is shown as it is."""
    reason = _CODES.get(code)
    return sentence(reason, language, detail) if reason else " ".join(part for part in (code, detail) if part)


def _is_ours(request: web.Request, submission: SubmissionView) -> bool:
    """Whether the visit's agency sent it: by its name, and through the endpoint that serves it.

    The name alone proves nothing where a package was refused: anybody may have written it.
    """
    organ_id = request[VISIT].organ_id
    if submission.outcome == "accepted":
        return submission.sender == organ_id
    directory = request.app[SITE].directory()
    if submission.sender:
        return submission.sender == organ_id and directory.serves(submission.endpoint, organ_id)
    return directory.endpoint_of(organ_id) == submission.endpoint
