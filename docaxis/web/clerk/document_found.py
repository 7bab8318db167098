"""Which document an address means, and whether whoever asks has to do with it: what is foreign does not exist (404)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from docaxis.domain.people import Role
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.timeline import DeliveryView, Timeline
from docaxis.web.clerk.acts import Side, is_given_back
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.clerk.matrix import Matrix, Wanted, matrix
from docaxis.web.clerk.matrix_rows import Row, RowMaker
from docaxis.web.site import SITE
from docaxis.web.state import UNDER, VISIT

CLERKS = frozenset({Role.CLERK})
_LEFT_THE_HUB = frozenset({"dispatched", "fetched", "withdrawing", "expired"})


@dataclass(frozen=True, slots=True)
class Found:
    """A document of the visit's agency: is_sender, and its own copy where it is an addressee that may know of it."""

    timeline: Timeline
    is_sender: bool
    own: DeliveryView | None

    @property
    def document(self) -> DocumentView:
        """Return the document."""
        return self.timeline.document

    @property
    def may_read_content(self) -> bool:
        """Whether attachments may be shown: to the sender, and to who has fetched the copy and not given it back."""
        if self.is_sender:
            return True
        return self.own is not None and self.own.transport == "fetched" and not is_given_back(self.own)


async def find(request: web.Request, events_for: Collection[Side] = ("sender", "addressee")) -> Found:
    """Return the document of the address; raises HTTPNotFound for what is none, or none of the visit's agency.

    A copy that was taken back before it had left the hub has never existed for its addressee. The page then stands under
    the tab of what was sent, or of what was received. `events_for` names the sides whose page tells of the document's
    events: a letter to everybody has thousands, which are not read for the other one.
    """
    organ_id, as_sender = request[VISIT].organ_id, request.query.get("as") != "addressee"

    def with_events(document: DocumentView) -> bool:
        side: Side = "sender" if as_sender and document.sender == organ_id else "addressee"
        return side in events_for

    timeline = await request.app[DOCUMENTS].document(key_of(request.match_info["key"]), with_events)
    if timeline is None:
        raise web.HTTPNotFound
    own = next((one for one in timeline.deliveries if one.organ_id == organ_id), None)
    if own is not None and own.transport not in _LEFT_THE_HUB:
        own = None
    is_sender = bool(organ_id) and timeline.document.sender == organ_id
    if not is_sender and own is None:
        raise web.HTTPNotFound
    request[UNDER] = "sent" if is_sender and as_sender else "received"
    return Found(timeline, is_sender, own)


def key_of(text: str) -> UUID:
    """Return the identifier that a part of an address is; raises HTTPNotFound for any other text."""
    try:
        return UUID(text)
    except ValueError:
        raise web.HTTPNotFound from None


def matrix_of(request: web.Request, timeline: Timeline, wanted: Wanted | None = None) -> Matrix:
    """Return the document's matrix as of now."""
    site = request.app[SITE]
    dues = request.app[DOCUMENTS].dues(timeline.document)
    return matrix(timeline, site.directory(), site.now(), dues, wanted or Wanted())


def row_of(request: web.Request, timeline: Timeline, copy: DeliveryView) -> Row:
    """Return one addressee's row as of now."""
    site = request.app[SITE]
    maker = RowMaker(timeline, request.app[DOCUMENTS].dues(timeline.document), site.now())
    return maker.row(copy, site.name_of(copy.organ_id))


def number_of(document: DocumentView) -> str:
    """Return number and notation as issued, the document's id where it has none."""
    return "/".join(part for part in (document.code_number, document.code_notation) if part) or document.document_id
