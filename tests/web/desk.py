"""A person before the real pages: the whole application on a real database, and a browser without scripts.

    async def test_list(desk: Desk) -> None:
        await desk.sign_in("clerk", "H41")                  # an account is made; the session is as after sign-in
        page = await desk.get("/sent")                      # the answer, its text read: page.status, page.text
        done = await desk.post("/x/remind", {"to": "H26"})  # token and origin go along; redirects are not followed
        assert done.status == 303

* `desk.database`, `desk.url`: the database behind it (SQLite; both kinds where a module overrides the fixture `desk_url`).
  The shipped agencies are registered; nothing was exchanged: write rows yourself, as with tests/integration/clerk_rows.py.
* `desk.clock.at`: the time that the pages see; set it or add to it.
* Ports of your own in place of the real ones: override the fixture `desk_ports` ({KEY: fake}). Areas that are not in
  `docaxis.wiring.pages.AREAS` yet: override `desk_areas`. Configuration: override `desk_config`.
* No one is signed in at first; `await desk.sign_out()`; `await desk.sign_in("auditor", mandate=None)` has no mandate.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aiohttp import CookieJar, hdrs, web
from aiohttp.test_utils import TestClient
from sqlalchemy import insert

from docaxis.backends.database import Database
from docaxis.backends.people_tables import grants as grants_table
from docaxis.backends.people_tables import mandates as mandates_table
from docaxis.backends.people_tables import people as people_table
from docaxis.domain.people import Grant, Mandate, Person, Role
from docaxis.hub.ids import new_id
from docaxis.hub.views.people import SessionView
from docaxis.web.people.ports import SESSIONS
from docaxis.web.people.session import hash_of
from docaxis.web.site import SITE

ORIGIN = "http://pages.test"
BEGIN = datetime(2026, 11, 20, 7, 32, tzinfo=UTC)
"""14:32 on a Friday in Vietnam."""
FULL = Mandate("QĐ 12/QĐ-TTCP", date(2020, 1, 1), date(2030, 12, 31), date(2030, 12, 31))


@dataclass
class Clock:
    """The time as the pages see it."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Answer:
    """What came back, already read."""

    status: int
    text: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def location(self) -> str:
        return self.headers.get(hdrs.LOCATION, "")


@dataclass
class Desk:
    """See the head of this file."""

    client: TestClient[web.Request, web.Application]
    app: web.Application
    database: Database
    url: str
    clock: Clock
    person: Person | None = None
    form_token: str = ""
    _people: dict[str, Person] = field(default_factory=dict)

    async def sign_in(
        self,
        role: str | Role,
        organ_id: str | None = None,
        *,
        grants: Iterable[Grant] = (),
        mandate: Mandate | None = FULL,
        login: str = "",
        name: str = "Nguyễn Thị Thu Hà",
    ) -> Person:
        """Sit down as somebody of this role (a clerk: of an agency, G22); the account is made the first time."""
        role = Role(role)
        home = organ_id if organ_id is not None else ("G22" if role is Role.CLERK else "")
        login = login or f"{role}-{home}".strip("-").lower()
        person = self._people.get(login)
        if person is None:
            held = mandate if role is Role.AUDITOR else None
            person = Person(new_id(BEGIN), login, name, role, home, "Văn thư", "", tuple(grants), held)
            await add_person(self.database, person)
            self._people[login] = person
        await self.sit_down(person)
        return person

    async def sit_down(self, person: Person) -> None:
        """Begin a session for an account that is there."""
        value = f"cookie of {person.login} {new_id(self.clock.at).hex}".replace(" ", "-")
        self.form_token = f"token-{new_id(self.clock.at).hex}"
        now = self.clock.at
        session = SessionView(
            hash_of(value), person, person.organ_id, self.form_token, "password", "Test/1.0", "192.0.2.7", now, now,
            now + timedelta(hours=8),
        )  # fmt: skip
        await self.app[SESSIONS].begin(session)
        self.person = person
        self.cookies({"docaxis": value})

    async def sign_out(self) -> None:
        """Leave, as a browser that has lost its cookies."""
        self.client.session.cookie_jar.clear()
        self.person, self.form_token = None, ""

    def cookies(self, cookies: Mapping[str, str]) -> None:
        """Put cookies into the browser."""
        self.client.session.cookie_jar.update_cookies(cookies, self.client.make_url("/"))

    def cookie(self, name: str) -> str:
        """Return a cookie of the browser, empty where there is none."""
        jar = self.client.session.cookie_jar
        assert isinstance(jar, CookieJar)
        return next((one.value for one in jar if one.key == name), "")

    async def get(self, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Ask for a page; redirects are not followed."""
        return await self.request("GET", path, headers=headers, **more)

    async def post(self, path: str, data: Any = None, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Send a form (a mapping, pairs, or FormData that already holds `csrf`) as our own page would."""
        form: Any = data
        if data is None or isinstance(data, Mapping):
            form = {"csrf": self.form_token, **(data or {})}
        elif isinstance(data, list):
            form = [("csrf", self.form_token), *data]
        sent = {hdrs.ORIGIN: self.app[SITE].public_url, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        return await self.request("POST", path, headers=sent, data=form, **more)

    async def request(self, method: str, path: str, **more: Any) -> Answer:
        """Ask in whatever way."""
        more.setdefault("allow_redirects", False)
        async with self.client.request(method, path, **more) as response:
            body = await response.read()
            text = body.decode(response.charset or "utf-8", "replace")
            return Answer(response.status, text, response.headers, body)


async def add_person(database: Database, person: Person) -> None:
    """Write an account straight into the tables, without a password."""
    async with database.engine.begin() as connection:
        await connection.execute(
            insert(people_table).values(
                person_id=person.person_id, login=person.login, name=person.name, role=str(person.role),
                organ_id=person.organ_id, title=person.title, language=person.language, created_at=BEGIN,
            )
        )  # fmt: skip
        for grant in person.grants:
            await connection.execute(
                insert(grants_table).values(
                    person_id=person.person_id, organ_id=grant.organ_id, with_subordinates=grant.with_subordinates
                )
            )
        if person.mandate:
            held = person.mandate
            await connection.execute(
                insert(mandates_table).values(
                    person_id=person.person_id, decision=held.decision, agencies=_json(held.agencies),
                    first_day=held.first_day, last_day=held.last_day, ends_on=held.ends_on,
                )
            )  # fmt: skip


def _json(codes: Iterable[str]) -> str:
    return json.dumps(sorted(codes))
