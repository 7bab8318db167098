"""What every page needs of the world around it, beside the ports of its own area."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from docaxis.domain.directory import Directory
from docaxis.domain.rules import Policy


@dataclass(frozen=True, slots=True)
class Site:
    """public_url is where browsers find the pages (scheme, host, port: the one origin that forms may come from).

    directory and policy return what is registered now; test_data puts DỮ LIỆU THỬ on every page.
    """

    hub: str
    public_url: str
    now: Callable[[], datetime]
    directory: Callable[[], Directory]
    policy: Callable[[], Policy]
    test_data: bool = False

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by HTTPS, so that cookies may be kept to it."""
        return self.public_url.startswith("https://")

    def name_of(self, organ_id: str) -> str:
        """Return an agency's name, its code where the directory does not know it."""
        agency = self.directory().find(organ_id)
        return agency.name if agency else organ_id


SITE = web.AppKey("site", Site)
