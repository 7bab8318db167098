"""The desk of the pages: seals and sends for every agency whose web endpoint lies on this server, and receives for them."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from adapters.client import Client
from adapters.flows import FlowError, recalling
from adapters.journal import MEMORY, Journal
from adapters.publisher import SendError
from adapters.statuses import signed_status
from docaxis.desk.archive import Archive
from docaxis.desk.attending import Leases, attend
from docaxis.desk.endpoint import Shelf, WebEndpoint
from docaxis.desk.letters import attachment, by_reference, envelope_of, response_to
from docaxis.domain.envelope import Envelope, Organization, ResponseFor
from docaxis.domain.status import StatusCode
from docaxis.domain.verdict import Rejection
from docaxis.edxml.writer import write_envelope
from docaxis.hub.views.documents import DocumentView
from docaxis.web.desk import DeskError, Letter

log = structlog.get_logger(__name__)

SEND_DEADLINE_S = 20.0
"""How long a person before a page waits for the broker."""
LOOK_EVERY_S = 5.0


@dataclass(slots=True)
class _Open:
    """A web endpoint at work: what sends for it, and the task that receives for it."""

    endpoint: WebEndpoint
    sender: Client
    attending: asyncio.Task[None] = field(repr=False)


class WebDesk:
    """Fulfils `web.desk.Desk`; `run` must be running for it to serve anybody."""

    def __init__(
        self,
        shelf: Shelf,
        archive: Archive,
        leases: Leases,
        *,
        name_of: Callable[[str], str],
        now: Callable[[], datetime],
        package_bytes: int,
    ) -> None:
        """Take what it works with; package_bytes is the largest package that the hub takes."""
        self._shelf = shelf
        self._archive = archive
        self._leases = leases
        self._name_of = name_of
        self._now = now
        self._package_bytes = package_bytes
        self._open: dict[str, _Open] = {}

    async def run(self) -> None:
        """Open what is on the shelf, and what is put there later, until cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except Exception:
                    # Nobody else would notice that no web endpoint is opened any more.
                    log.exception("web endpoints not looked for")
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for organ_id in tuple(self._open):
                await self._shut(organ_id)

    def serves(self, organ_id: str) -> bool:
        """Whether this agency has a usable web endpoint."""
        return organ_id in self._open

    def endpoint_of(self, organ_id: str) -> str:
        """Return the id of an agency's web endpoint, empty without one."""
        held = self._open.get(organ_id)
        return held.endpoint.settings.id if held else ""

    async def send(self, letter: Letter) -> str:
        """Seal a letter as its carrier and send it; raises DeskError, StoreUnavailable."""
        held = self._of(letter.sender)
        large = by_reference(letter.files)
        attachments = []
        for position, file in enumerate(letter.files):
            if position in large:
                await self._archive.note_upload(held.endpoint.settings.id, file)
            content = None if position in large else await self._archive.content(file)
            attachments.append(attachment(position, file, letter.unique, content))
        earlier = await self._archive.earlier(letter.earlier)
        name = self._name_of(letter.sender)
        envelope = envelope_of(letter, name, attachments, earlier)
        return await self._send(held, await asyncio.to_thread(_sealed, held.endpoint, envelope))

    async def report(self, organ_id: str, document: DocumentView, code: StatusCode, reason: str = "") -> str:
        """Report a status of a received document (02 needs a reason); raises DeskError."""
        return await self._say(organ_id, response_to(document), code, reason)

    async def recall(self, document: DocumentView, addressees: Sequence[str], reason: str) -> Sequence[str]:
        """Ask a sent document back: by an order from all of its addressees (none named), by status 13 from some.

        Raises DeskError.
        """
        if addressees:
            earlier, code = response_to(document), StatusCode.RECALL_ASKED
            return [await self._say(document.sender, earlier, code, reason, one) for one in addressees]
        held = self._of(document.sender)
        original = await self._archive.original(document)
        try:
            order = recalling(original, reason)
        except FlowError as error:
            raise DeskError(error.vi, error.en) from None
        return [await self._send(held, await asyncio.to_thread(_sealed, held.endpoint, order))]

    async def _say(
        self, organ_id: str, earlier: ResponseFor, code: StatusCode, reason: str, addressee: str = ""
    ) -> str:
        held = self._of(organ_id)
        key, mine, now = held.endpoint.key, Organization(organ_id, self._name_of(organ_id)), self._now()
        try:
            package = await asyncio.to_thread(
                signed_status, key, code.written, earlier, mine, now, reason=reason, addressee=addressee
            )
        except FlowError as error:
            raise DeskError(error.vi, error.en) from None
        except ValueError:
            raise _not_xml() from None
        return await self._send(held, package)

    async def _send(self, held: _Open, package: bytes) -> str:
        if len(package) > self._package_bytes:
            raise DeskError("gói tin quá lớn, bỏ bớt tệp", "the package is too large, take files out")
        try:
            return await held.sender.send(package, deadline_s=SEND_DEADLINE_S)
        except SendError:
            vi = "chưa tới được trục, văn bản chưa gửi: đợi một phút rồi gửi lại"
            en = "the hub cannot be reached, nothing was sent: wait a minute and send again"
            raise DeskError(vi, en) from None

    def _of(self, organ_id: str) -> _Open:
        held = self._open.get(organ_id)
        if held is None:
            raise DeskError("cơ quan này không có đầu mối web ở đây", "this agency has no web endpoint here")
        return held

    async def _look(self) -> None:
        """Open new web endpoints, shut those that are gone, and open anew those whose files have changed."""
        found = await asyncio.to_thread(self._shelf.read)
        for organ_id, held in tuple(self._open.items()):
            if organ_id not in found or found[organ_id].version != held.endpoint.version:
                await self._shut(organ_id)
        for organ_id, endpoint in found.items():
            if organ_id not in self._open:
                name = f"{endpoint.settings.id} attending"
                # Sending needs no journal: answers are read from the hub's store, by the message's id.
                sender = Client(endpoint.settings, Journal(MEMORY))
                attending = asyncio.create_task(attend(endpoint, self._leases), name=name)
                self._open[organ_id] = _Open(endpoint, sender, attending)

    async def _shut(self, organ_id: str) -> None:
        held = self._open.pop(organ_id)
        held.attending.cancel()
        with suppress(asyncio.CancelledError):
            await held.attending
        await held.sender.close()
        held.sender.journal.close()


def _sealed(endpoint: WebEndpoint, envelope: Envelope) -> bytes:
    """Return the signed package; raises DeskError."""
    try:
        package = endpoint.key.sign(write_envelope(envelope))
    except ValueError:
        raise _not_xml() from None
    if isinstance(package, Rejection):
        raise DeskError(f"không niêm phong được gói tin: {package.code}", f"cannot be sealed: {package.code}")
    return package


def _not_xml() -> DeskError:
    return DeskError("có ký tự mà gói tin không mang được", "holds a character that no package can carry")
