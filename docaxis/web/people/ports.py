"""What signing in and accounts ask of the database, and the rules that the configuration sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.people import Person
from docaxis.hub.views.people import AccountView, SessionView


class Sessions(Protocol):
    """Sessions on the server; every method raises StoreUnavailable."""

    async def find(self, session_hash: str, now: datetime, idle: timedelta) -> SessionView | None:
        """Return the session that is in force."""

    async def of_person(self, person_id: UUID, now: datetime, idle: timedelta) -> Sequence[SessionView]:
        """Return the sessions of a person that are in force, the newest first."""

    async def begin(self, session: SessionView, ended: str | None = None) -> None:
        """Write a new session; `ended` is one that it takes the place of."""

    async def seen(self, session_hash: str, at: datetime) -> None:
        """Note that the session was used."""

    async def act_for(self, session_hash: str, organ_id: str) -> None:
        """Let the session act for another agency from now on."""

    async def end(self, person: Person, session_hashes: Sequence[str], at: datetime) -> int:
        """End sessions of a person, nobody else's; returns how many."""

    async def end_all(self, person: Person, at: datetime) -> int:
        """End every session of a person."""

    async def use_once(self, token_id: str, ends_at: datetime) -> bool:
        """Return whether this is the first use of a token."""


class Accounts(Protocol):
    """Accounts; every method raises StoreUnavailable. by: the login of who does it."""

    async def by_password(self, login: str, password: str) -> Person | None:
        """Return who has this login and password and is not shut out; takes the same time whoever is asked for."""

    async def by_login(self, login: str) -> Person | None:
        """Return whoever has this login, shut out or not."""

    async def by_id(self, person_id: UUID) -> Person | None:
        """Return the person of this id, shut out or not."""

    async def by_subject(self, subject: str) -> Person | None:
        """Return whom the identity provider knows by this."""

    async def bind_subject(self, person: Person, subject: str, at: datetime) -> bool:
        """Bind an account to a subject, once."""

    async def set_password(self, person: Person, password: str, at: datetime, by: str) -> None:
        """Give an account a new password."""

    async def account(self, person_id: UUID) -> AccountView | None:
        """Return an account with how it can sign in."""

    async def accounts(self, words: str = "", after: str = "", limit: int = 100) -> Sequence[AccountView]:
        """Return accounts by login, a page at a time."""

    async def add(self, person: Person, at: datetime, by: str, password: str = "") -> bool:
        """Add an account; False when the login is taken."""


@dataclass(frozen=True, slots=True)
class SignInRules:
    """How long sessions last, and what may be used to sign in.

    key signs what is given to browsers that have not signed in (32 octets, the same for all web processes);
    proxy_hops is how many proxies of our own stand before this process, each of which adds to X-Forwarded-For;
    demo_logins are the accounts that anybody may take with one press (test data only).
    """

    key: bytes
    idle: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=8)
    proxy_hops: int = 0
    demo_logins: tuple[str, ...] = ()


SESSIONS = web.AppKey("sessions", Sessions)
ACCOUNTS = web.AppKey("accounts", Accounts)
RULES = web.AppKey("rules", SignInRules)
