"""What signing in and accounts ask of the database, and the rules that the configuration sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.people import Grant, Mandate, Person, Role
from docaxis.hub.views.people import AccountView, Identity, PasskeyView, SessionView


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


class Passkeys(Protocol):
    """Passkeys; every method raises StoreUnavailable."""

    async def of_person(self, person_id: UUID) -> Sequence[PasskeyView]:
        """Return the passkeys of a person, the oldest first."""

    async def find(self, credential_id: bytes) -> PasskeyView | None:
        """Return the passkey of this id."""

    async def add(self, person: Person, passkey: PasskeyView) -> bool:
        """Add a passkey; False when there is one of this id."""

    async def used(self, credential_id: bytes, sign_count: int, at: datetime) -> None:
        """Note what the authenticator counted."""

    async def rename(self, person: Person, credential_id: bytes, name: str) -> bool:
        """Give a passkey of a person another name; False where there is none."""

    async def remove(self, person: Person, credential_id: bytes, at: datetime) -> bool:
        """Take a passkey of a person away; False where there is none."""


class PeopleChanges(Protocol):
    """What is changed of an account, each an event; every method raises StoreUnavailable. by: the login of who does it."""

    async def disable(self, person: Person, at: datetime, by: str) -> None:
        """Shut a person out; all sessions end."""

    async def enable(self, person: Person, at: datetime, by: str) -> None:
        """Let a person in again."""

    async def grant(self, person: Person, grant: Grant, at: datetime, by: str) -> None:
        """Let a clerk act for an agency; raises ValueError for another role."""

    async def revoke(self, person: Person, organ_id: str, at: datetime, by: str) -> bool:
        """Take a grant away; False where there is none."""

    async def set_mandate(self, person: Person, mandate: Mandate | None, at: datetime, by: str) -> None:
        """Give an auditor a mandate, or none; raises ValueError for another role."""

    async def change_role(self, person: Person, role: Role, at: datetime, by: str) -> None:
        """Give an account another role; raises ValueError where it may not become that."""

    async def set_language(self, person: Person, language: str) -> None:
        """Keep the language that a person wants pages in."""

    async def link_made(self, person: Person, at: datetime, ends_at: datetime, by: str) -> None:
        """Record that a one-time sign-in address was made."""


class IdentityProvider(Protocol):
    """Where people sign in elsewhere (OpenID Connect); every method raises IdentityError."""

    async def authorization_url(self, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Return where the browser goes to sign in; challenge is the S256 of the verifier."""

    async def check_issuer(self, issuer: str | None) -> None:
        """See that an answer is of this provider."""

    async def redeem(self, code: str, verifier: str, redirect_uri: str, nonce: str, now: datetime) -> Identity:
        """Exchange a code for whom it names."""

    async def signed_out(self, token: str, now: datetime) -> tuple[Identity, str, datetime]:
        """Check a logout token; returns whom it names, its id, and until when it holds."""


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
PASSKEYS = web.AppKey("passkeys", Passkeys)
CHANGES = web.AppKey("people_changes", PeopleChanges)
RULES = web.AppKey("rules", SignInRules)
PROVIDER = web.AppKey("identity_provider", IdentityProvider)
"""Not there where no provider is configured."""
