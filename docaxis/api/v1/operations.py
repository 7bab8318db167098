"""Routes as data: what each takes and answers; application, document and tests are made of the same table."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from docaxis.api.v1.problems import ProblemCode

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Form(BaseModel):
    """A value of the API; what is not named in it is refused, so that a misspelt field does not silently do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Content:
    """Octets instead of JSON: their media type, and what they are."""

    media_type: str
    description: str


Answer = type[Form] | Content | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path (`{name}` in braces), under the version's prefix.

    answer: what a success gives (None: no body), body: what is taken, query: parameters as one model. problems: the codes
    that may be answered beside those that every operation may. is_open: no client needs to show itself.
    also: further statuses of a success, with the same answer; partial: a Range of the octets may be asked for (206);
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    path: str
    name: str
    summary: str
    handler: Handler
    answer: Answer = None
    status: int = 200
    body: Answer = None
    query: type[Form] | None = None
    problems: tuple[ProblemCode, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    request_headers: dict[str, str] = field(default_factory=dict)
    is_open: bool = False
    also: tuple[int, ...] = ()
    partial: bool = False
    tag: str = ""

    @property
    def is_conditional(self) -> bool:
        """Whether what it answers carries an ETag that can be asked with."""
        return self.method == "GET" and self.answer is not None


OPERATIONS = web.AppKey("operations", dict[str, Operation])


def add_operations(app: web.Application, operations: Iterable[Operation]) -> None:
    """Add routes to the application; raises ValueError for a name that is taken."""
    table = app.setdefault(OPERATIONS, {})
    for one in operations:
        if one.name in table:
            raise ValueError(f"two operations are called {one.name}")
        table[one.name] = one
        if one.method == "GET":
            app.router.add_get(one.path, one.handler, name=one.name, allow_head=True)
        else:
            app.router.add_route(one.method, one.path, one.handler, name=one.name)


def operation_of(request: web.Request) -> Operation | None:
    """Return the operation that a request asks for, None where there is none."""
    name = request.match_info.route.name
    return request.app[OPERATIONS].get(name) if name else None
