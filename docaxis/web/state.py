"""What the middlewares find out about a request, for those that come after them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aiohttp.web import RequestKey

from docaxis.domain.people import Person
from docaxis.web.written import Language

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the reader wants to see pages: by `?lang=`, else the cookie, the account, `Accept-Language`, else Vietnamese.

    shortcuts: whether single keys do something (WCAG 2.1.4 wants them to be switched off at will).
    """

    language: Language = "vi"
    theme: Theme = "auto"
    shortcuts: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """A session that is in force: who, since when, for which agency; form_token goes into every form.

    organ_id is the agency that a clerk acts for now: the own one, or another that the grants name.
    """

    person: Person
    organ_id: str
    session_hash: str
    form_token: str
    began_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)


VISIT = RequestKey("visit", Visit)
PREFERENCES = RequestKey("preferences", Preferences)
UNDER = RequestKey("under", str)
"""The page whose tab is the current one, where only a page itself knows (a document is sent or received)."""
REQUEST_ID = RequestKey("request_id", str)
