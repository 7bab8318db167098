"""What the pages know of people beside the account itself: sessions and passkeys, as the database keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from docaxis.domain.people import Person

Way = Literal["password", "passkey", "oidc", "link", "demo"]
"""How a session was begun; link: by the one-time address that an administrator gave."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session of a person; session_hash is the SHA-256 (hex) of what the cookie holds.

    agent and address are as the browser told them at the beginning, for the person alone to recognise the machine by.
    """

    session_hash: str
    person: Person
    organ_id: str
    form_token: str
    way: Way
    agent: str
    address: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey: public_key is the COSE key, sign_count what the authenticator counted last (0: it does not count)."""

    credential_id: bytes
    person_id: UUID
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with how it can sign in, for its own page and for administrators."""

    person: Person
    created_at: datetime
    has_password: bool
    subject: str
    passkeys: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the identity provider has named: subject is issuer and sub in one, login what the configured claim says."""

    subject: str
    login: str = ""


class IdentityError(Exception):
    """The identity provider cannot be reached, or what it or the browser brought does not hold; the text is for the log."""
