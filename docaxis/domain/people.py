"""Who may sit before the pages: people with one role each, what a clerk may act for, within which mandate an auditor reads."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What an account is for; one role an account, so that none ever holds two that must be apart."""

    CLERK = "clerk"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,98}[a-z0-9])?")


def is_login(text: str) -> bool:
    """Return whether an account may be called so: 1 to 100 of a-z, 0-9, and . _ @ - inside."""
    return _LOGIN.fullmatch(text) is not None


_FOR_LIFE = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})


def may_become(role: Role, other: Role) -> bool:
    """Return whether an account of this role may be given the other one.

    Auditors and administrators stay what they are: no account has ever been both, not even one after the other.
    """
    return role is other or role not in _FOR_LIFE


@dataclass(frozen=True, slots=True)
class Grant:
    """An agency that a clerk may act for, alone or with everything beneath it."""

    organ_id: str
    with_subordinates: bool = False


@dataclass(frozen=True, slots=True)
class Mandate:
    """What an auditor may read: the decision that says so, of which agencies, of which days, and until when.

    No agencies: all of them. first_day and last_day bound what was accepted; after ends_on the mandate is over.
    """

    decision: str
    first_day: date
    last_day: date
    ends_on: date
    agencies: frozenset[str] = frozenset()

    def holds(self, on: date) -> bool:
        """Return whether the mandate is in force on a day."""
        return on <= self.ends_on

    def covers(self, organ_ids: Collection[str], day: date) -> bool:
        """Return whether an act of these agencies on this day may be read."""
        return self.first_day <= day <= self.last_day and (not self.agencies or not self.agencies.isdisjoint(organ_ids))


@dataclass(frozen=True, slots=True)
class Person:
    """An account: login is what it signs in with, organ_id the agency it belongs to (empty: the hub itself).

    title is what the person is called beside the name (`Văn thư`). disabled_at: shut out since then.
    """

    person_id: UUID
    login: str
    name: str
    role: Role
    organ_id: str = ""
    title: str = ""
    language: str = ""
    grants: tuple[Grant, ...] = ()
    mandate: Mandate | None = None
    disabled_at: datetime | None = None
