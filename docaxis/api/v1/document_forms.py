"""Documents as the API tells of them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from docaxis.api.v1.listing import Page
from docaxis.api.v1.operations import Form
from docaxis.domain.status import StatusCode
from docaxis.hub.views.documents import DocumentView, EventView
from docaxis.hub.views.timeline import DeliveryView, LinkView, MissView, StatusView


class Document(Form):
    """An accepted document; sender and document_id name it everywhere, key names it here."""

    key: UUID
    sender: str = Field(description="Agency code")
    document_id: str
    number: str
    notation: str
    subject: str
    type_name: str
    promulgated_on: date | None
    due_on: date | None
    priority: int = Field(
        ge=0, le=4, description="0 normal, 1 urgent, 2 very urgent, 3 immediate, 4 immediate at a set time"
    )
    business_type: int = Field(ge=0, le=3, description="0 new, 1 recall, 2 update, 3 replacement")
    lane: str
    state: str
    paper: bool = Field(description="A paper original follows")
    digest: str = Field(description="sha256:<hex> of the package")
    size_bytes: int
    accepted_at: datetime
    finished_at: datetime | None = Field(description="When nobody had more to do")


class Addressee(Form):
    """An addressee's copy: transport is the hub's part, status and recall are the furthest codes that were told of it."""

    organ_id: str
    addressed_as: str
    lane: str
    sequence: int
    transport: str = Field(description="waiting, dispatched, fetched, withdrawing, withdrawn or expired")
    dispatched_at: datetime | None
    fetched_at: datetime | None
    ended_at: datetime | None
    status: str | None = Field(description="01 to 06")
    recall: str | None = Field(description="13, 15 or 16")
    recall_asked_at: datetime | None


class Status(Form):
    """A status as it came; applied false: a repeat, or one that came too late. current: the code after it."""

    organ_id: str
    author: str
    code: str
    applied: bool
    current: str
    description: str
    reported_at: datetime | None
    accepted_at: datetime
    digest: str


class Statuses(Form):
    """All statuses of a document that you may see, oldest first."""

    items: list[Status]


class Direction(StrEnum):
    """Who says it: this document of the other (`of`), or the other of this one (`by`)."""

    OF = "of"
    BY = "by"


class Tie(Form):
    """What ties a document to another one: reply, update, replace or recall."""

    direction: Direction
    kind: str
    key: UUID | None
    sender: str
    document_id: str
    at: datetime


class Missed(Form):
    """A duty that was not done in time: receipt or reply; done_at null: still open."""

    organ_id: str
    duty: str
    due_at: datetime
    noticed_at: datetime
    cause: str
    attributable: bool
    done_at: datetime | None


class Act(Form):
    """An act of the hub, and its place in the log (null: not numbered yet)."""

    type: str
    at: datetime
    event_hash: str
    leaf_index: int | None


class Story(Form):
    """What happened to a document. Its sender sees all; an addressee its own copies, statuses and deadlines."""

    document: Document
    addressees: list[Addressee]
    statuses: list[Status]
    ties: list[Tie]
    missed: list[Missed]
    acts: list[Act]


class Standing(Form):
    """What a filtered list says beside the document: of one addressee, since when and why."""

    organ_id: str
    duty: str | None
    due_at: datetime | None
    since: datetime
    cause: str | None
    attributable: bool | None
    status: str | None
    description: str | None


class Listed(Form):
    """A row of a list; addressees: how many stand where (of unfinished documents), standing: of one addressee."""

    document: Document
    addressees: dict[str, int] | None
    standing: Standing | None


class Documents(Page):
    """Documents, newest first."""

    items: list[Listed]


def document_form(view: DocumentView) -> Document:
    """Return a document as it is told."""
    return Document(
        key=view.document_key, sender=view.sender, document_id=view.document_id, number=view.code_number,
        notation=view.code_notation, subject=view.subject, type_name=view.type_name,
        promulgated_on=view.promulgated_on, due_on=view.due_on, priority=view.priority,
        business_type=view.business_type, lane=view.lane, state=view.state, paper=view.paper, digest=view.digest,
        size_bytes=view.size_bytes, accepted_at=view.accepted_at, finished_at=view.finished_at,
    )  # fmt: skip


def addressee_form(view: DeliveryView) -> Addressee:
    """Return an addressee's copy as it is told."""
    return Addressee(
        organ_id=view.organ_id, addressed_as=view.addressed_as, lane=view.lane, sequence=view.sequence,
        transport=view.transport, dispatched_at=view.dispatched_at, fetched_at=view.fetched_at,
        ended_at=view.ended_at, status=written(view.status), recall=written(view.recall),
        recall_asked_at=view.recall_asked_at,
    )  # fmt: skip


def status_form(view: StatusView) -> Status:
    """Return a status as it is told."""
    return Status(
        organ_id=view.organ_id, author=view.author, code=view.code.written, applied=view.applied,
        current=view.current.written, description=view.description, reported_at=view.reported_at,
        accepted_at=view.accepted_at, digest=view.digest,
    )  # fmt: skip


def tie_form(view: LinkView) -> Tie:
    """Return a tie as it is told."""
    return Tie(
        direction=Direction(view.direction), kind=view.kind, key=view.document_key, sender=view.sender,
        document_id=view.document_id, at=view.at,
    )  # fmt: skip


def missed_form(view: MissView) -> Missed:
    """Return a missed duty as it is told."""
    return Missed(
        organ_id=view.organ_id, duty=view.kind, due_at=view.due_at, noticed_at=view.noticed_at, cause=view.cause,
        attributable=view.attributable, done_at=view.done_at,
    )  # fmt: skip


def act_form(view: EventView) -> Act:
    """Return an act as it is told."""
    return Act(type=view.kind, at=view.at, event_hash=view.leaf_hash.hex(), leaf_index=view.leaf_index)


def written(code: StatusCode | None) -> str | None:
    """Return the two digits of a code."""
    return code.written if code else None
