"""Which page an address belongs to, so that a walk sees every page, and a few of each kind."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from docaxis.web.routing import Page
from docaxis.wiring.pages import AREAS

ALL_PAGES: tuple[Page, ...] = tuple(page for area in AREAS for page in area.pages)
"""Every page that there is, those of areas that come later too."""
_PART = re.compile(r"\{(\w+)(?::([^}]+))?\}")
NOBODYS = "00000000-0000-7000-8000-000000000000"


def page_at(address: str, pages: Sequence[Page] = ALL_PAGES) -> Page | None:
    """Return the page that answers a GET of this address; the first in order, as the router does."""
    path = urlsplit(address).path
    fitting = [page for page in pages if not page.acts and _pattern(page.path).fullmatch(path)]
    return min(fitting, key=lambda page: page.path.count("{"), default=None)


def filled(page: Page, **parts: str) -> str:
    """Return an address of a page; a part that is not given is an identifier that nobody has."""

    def part(found: re.Match[str]) -> str:
        # A part that takes few words takes the first of them, one that takes digits a number that is nobody's.
        unknown = "1" if "0-9" in (found[2] or "") else (found[2] or NOBODYS).partition("|")[0]
        return parts.get(found[1], unknown)

    return _PART.sub(part, page.path)


def _pattern(path: str) -> re.Pattern[str]:
    form, end = "", 0
    for found in _PART.finditer(path):
        form += re.escape(path[end : found.start()]) + f"(?:{found[2] or '[^/]+'})"
        end = found.end()
    return re.compile(form + re.escape(path[end:]))


@dataclass
class Frontier:
    """Addresses still to be seen: of each page a few kinds, by what their query names.

    Of each kind one, or a few where the path names a thing: documents are not all alike.
    """

    most_kinds: int = 3
    of_each: int = 3

    waiting: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    kinds: dict[str, Counter[tuple[str, ...]]] = field(default_factory=dict)

    def add(self, addresses: Iterable[str]) -> None:
        """Take note of links; those that lead out of the pages, or to what was seen, are left."""
        for address in addresses:
            page = page_at(address)
            if page is None or page.name == "static" or address in self.seen:
                continue
            self.seen.add(address)
            kind = tuple(sorted({name for name, _ in parse_qsl(urlsplit(address).query)}))
            kinds = self.kinds.setdefault(page.name, Counter())
            room = self.of_each if "{" in page.path else 1
            if kinds[kind] < room and (kind in kinds or len(kinds) < self.most_kinds):
                kinds[kind] += 1
                self.waiting.append(address)
