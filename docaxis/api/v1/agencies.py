"""The directory, and the endpoint as it sees itself."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from aiohttp import web
from pydantic import Field

from docaxis.api.v1.answering import answered, read_query
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.listing import LINK_HEADER, Page, PageQuery, cursor_of, link_of, place_of, rest_of
from docaxis.api.v1.operations import Form, Operation
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import ApiProblem, ProblemCode
from docaxis.domain.directory import Directory
from docaxis.domain.folding import fold, folded_words
from docaxis.domain.organ import Agency as Organ
from docaxis.domain.organ import parse_organ_id


class Agency(Form):
    """An agency; is_connected: an endpoint of its own or of one above it reaches it today."""

    organ_id: str
    name: str
    level: str
    branch: str
    parent: str | None
    aliases: list[str]
    valid_from: date | None
    valid_to: date | None
    successors: list[str]
    is_connected: bool


class Agencies(Page):
    """Agencies by code."""

    items: list[Agency]


class AgenciesQuery(PageQuery):
    """Which agencies."""

    q: str = Field(
        "", max_length=200, description="Words of the name, or the beginning of the code; marks and case do not count"
    )
    level: str = Field("", max_length=40)
    parent: str = Field("", max_length=35, description="Code of the agency above")


class ByCode(NamedTuple):
    """Where a page of agencies ended."""

    organ_id: str


class Key(Form):
    """A key that you show yourself by."""

    kid: str
    kind: str = Field(description="token or certificate")
    name: str
    created_at: datetime
    revoked_at: datetime | None
    is_this_one: bool


class Bounds(Form):
    """What the hub takes."""

    package_bytes: int
    attachment_bytes: int
    requests_per_minute: int


class OwnEndpoint(Form):
    """Your endpoint."""

    hub: str
    endpoint: str
    name: str
    created_at: datetime
    agencies: list[str]
    keys: list[Key]
    bounds: Bounds
    now: datetime


async def list_agencies(request: web.Request) -> web.StreamResponse:
    """List agencies by code."""
    query = read_query(request, AgenciesQuery)
    after = place_of(request, query, ByCode)
    directory = request.app[PORTS].directory()
    words, code = folded_words(query.q), query.q.strip().upper()
    texts = _texts(directory) if words else {}
    found = [
        one
        for key, one in sorted(directory.agencies.items())
        if (after is None or key > after.organ_id)
        and (not query.level or one.level == query.level)
        and (not query.parent or one.parent == query.parent)
        and (not query.q or (code and key.upper().startswith(code)) or (words and _holds(texts[key], words)))
    ]
    rows, more = rest_of(found, query.limit)
    following = cursor_of(request, ByCode(rows[-1].organ_id)) if more else None
    items = [_told(request, directory, one) for one in rows]
    return answered(request, Agencies(items=items, next=following), headers=link_of(request, following))


async def show_agency(request: web.Request) -> web.StreamResponse:
    """Return an agency by its code or an alias."""
    directory = request.app[PORTS].directory()
    found = directory.find(parse_organ_id(request.match_info["organ_id"]) or "")
    if found is None:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return answered(request, _told(request, directory, found))


async def show_self(request: web.Request) -> web.StreamResponse:
    """Return the endpoint as it sees itself."""
    ports, client = request.app[PORTS], request[CLIENT]
    found = await ports.keys.own(client.endpoint)
    if found is None:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    keys = [
        Key(
            kid=one.key_id, kind=one.kind, name=one.name, created_at=one.created_at, revoked_at=one.revoked_at,
            is_this_one=one.key_id == client.key_id,
        )
        for one in found.keys
    ]  # fmt: skip
    bounds = ports.settings
    told = OwnEndpoint(
        hub=ports.hub, endpoint=found.endpoint_id, name=found.name, created_at=found.created_at,
        agencies=list(found.organ_ids), keys=keys, now=ports.now(),
        bounds=Bounds(
            package_bytes=bounds.package_bytes, attachment_bytes=bounds.blob_bytes,
            requests_per_minute=bounds.requests_per_minute,
        ),
    )  # fmt: skip
    return answered(request, told)


def _told(request: web.Request, directory: Directory, one: Organ) -> Agency:
    today = request.app[PORTS].now().date()
    return Agency(
        organ_id=one.organ_id, name=one.name, level=one.level, branch=one.branch, parent=one.parent or None,
        aliases=list(one.aliases), valid_from=one.valid_from, valid_to=one.valid_to, successors=list(one.successors),
        is_connected=directory.connected(one.organ_id, today) is not None,
    )  # fmt: skip


class _Same:
    """A directory as a key: the same object, not an equal one."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.directory is self.directory

    def __hash__(self) -> int:
        return id(self.directory)


def _texts(directory: Directory) -> Mapping[str, str]:
    return _folded(_Same(directory))


@lru_cache(1)
def _folded(key: _Same) -> Mapping[str, str]:
    return {code: f" {fold(one.name)} " for code, one in key.directory.agencies.items()}


def _holds(text: str, words: tuple[str, ...]) -> bool:
    return all(f" {word[:-1]}" in text if word.endswith("*") else f" {word} " in text for word in words)


OPERATIONS = (
    Operation(
        "GET", "/agencies", "agencies", "The directory of agencies", list_agencies, Agencies, query=AgenciesQuery,
        problems=(ProblemCode.CURSOR_INVALID,), headers=LINK_HEADER, tag="directory",
    ),
    Operation(
        "GET", "/agencies/{organ_id}", "agency", "An agency by its code or an alias", show_agency, Agency,
        problems=(ProblemCode.NOT_FOUND,), tag="directory",
    ),
    Operation(
        "GET", "/endpoints/self", "endpoint-self", "Your endpoint: agencies, keys, bounds", show_self, OwnEndpoint,
        problems=(ProblemCode.NOT_FOUND,), tag="directory",
    ),
)  # fmt: skip
