"""Input that nobody types: what is no text, no number and no key, in every place of every page; nothing falls over it."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from docaxis.domain.people import Role
from docaxis.web.people.guard import MACHINES
from docaxis.web.routing import Page
from docaxis.wiring.pages import AREAS
from tests.web.desk import ORIGIN, Desk

PAGES = [page for area in AREAS for page in area.pages]
READ = [page for page in PAGES if not page.acts]
ACTS = [page for page in PAGES if page.acts and page.name not in MACHINES]
NASTY = (
    "\ud800", "%", "../../etc/passwd", "'\"><script>", "9" * 400, "٣", "\r\nSet-Cookie: a=b", "0001-01-01", "é" * 3000,
    "00000000-0000-0000-0000-000000000000", "-1", "{}[]", "\x1b[31m\n",
)  # fmt: skip
NAMES = (
    "q", "after", "state", "level", "to", "of", "which", "next", "fingerprint", "find", "code", "agency", "open", "columns",
    "year", "urgency", "size", "sent", "period", "parent", "organ_id", "first", "last", "lang", "kind", "keep", "entry",
    "below", "answers", "since", "until", "with", "asked", "number",
)  # fmt: skip
FIELDS = (
    *NAMES, "reason", "name", "how", "valid_to", "organ_ids", "days", "credential", "branch", "aliases", "extent", "session",
    "role", "login", "link", "key", "format", "with_subordinates", "theme", "successor", "pem", "password", "old", "new",
    "language", "decision", "agencies", "address", "endpoint", "first_day", "last_day", "ends_on", "earlier", "subject",
    "promulgated_on", "due_on", "priority", "files", "file",
)  # fmt: skip


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


def written(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def path_of(page: Page, part: str) -> str:
    return "/".join(part if piece.startswith("{") else piece for piece in page.path.split("/"))


def mixed(names: tuple[str, ...], turns: int) -> Iterator[dict[str, str]]:
    """Yield each name with something nasty, another one in each turn."""
    for turn in range(turns):
        yield {name: NASTY[(place + turn * 5) % len(NASTY)] for place, name in enumerate(names)}


@pytest.mark.parametrize("role", Role)
async def test_no_address_is_a_fault(desk: Desk, role: Role) -> None:
    """v5.0.0-2.2.1: whatever stands in an address, the answer is a page or a refusal, never a fault."""
    await desk.sign_in(role)
    failed = []
    for page in READ:
        if (page.roles and role not in page.roles) or "stream" in page.path or "changes" in page.path:
            continue
        addresses = [path_of(page, written(nasty)) for nasty in NASTY[:4]] if "{" in page.path else []
        addresses += [
            f"{path_of(page, 'x')}?" + "&".join(f"{name}={written(text)}" for name, text in said.items())
            for said in mixed(NAMES, 2)
        ]
        failed += [(page.name, one[:200]) for one in addresses if (await desk.get(one)).status >= 500]
    assert not failed


@pytest.mark.parametrize("role", Role)
async def test_no_form_is_a_fault(desk: Desk, role: Role) -> None:
    """v5.0.0-2.2.1: the same of every form."""
    person = await desk.sign_in(role)
    failed = []
    for page in ACTS:
        if page.roles and role not in page.roles:
            continue
        for said in mixed(FIELDS, 2):
            await desk.sit_down(person)
            form = {name: text for name, text in said.items() if text != "\ud800"}
            if (await desk.post(path_of(page, "x"), form)).status >= 500:
                failed.append(page.name)
    assert not failed


async def test_zero_is_no_text(desk: Desk) -> None:
    """The sign of number zero, which PostgreSQL keeps nowhere, is refused before any page sees it."""
    for address in ("/sign-in?next=%00", "/check/%00", "/check?code=%00"):
        assert (await desk.get(address)).status == 400
    await desk.sign_in("administrator")
    assert (await desk.get("/people?q=a%00b")).status == 400
    assert (await desk.post("/people/add", {"login": "a\0b"})).status == 400
    halved = {"Content-Type": "application/x-www-form-urlencoded; charset=raw_unicode_escape", "Origin": ORIGIN}
    body = f"csrf={desk.form_token}&login=\\ud800".encode()
    assert (await desk.request("POST", "/people/add", headers=halved, data=body)).status == 400


@pytest.mark.parametrize("name", ["docaxis", "docaxis-open", "docaxis-view", "docaxis-passkey", "docaxis-oidc"])
async def test_foreign_cookie_under_our_name(desk: Desk, name: str) -> None:
    """A neighbour on the same host may have put anything there: it is no cookie of ours, and no fault."""
    for held in (b"\xff\xfe", b"\xff.1.\xfe", b"[" * 5000):
        assert await status_of(desk, b"GET /sign-in", b"Cookie: " + name.encode() + b"=" + held) == 200


async def test_headers_that_are_no_text(desk: Desk) -> None:
    await desk.get("/sign-in")
    assert await status_of(desk, b"POST /sign-in", b"Origin: http://pages.test", b"X-Form-Token: \xff") == 403
    assert await status_of(desk, b"GET /sign-in", b"Accept-Language: \xff;q=a,\xfe-\xff,,;") == 200


async def status_of(desk: Desk, line: bytes, *headers: bytes) -> int:
    """Send octets as they are: a client library would not."""
    address = desk.client.make_url("/")
    reader, writer = await asyncio.open_connection(address.host, address.port)
    always = (b"Host: pages.test", b"Connection: close", b"Content-Length: 0")
    writer.write(b"\r\n".join([line + b" HTTP/1.1", *always, *headers, b"", b""]))
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])
