"""What the web process has opened, for the areas of the pages to make their ports of."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.database import Database
from docaxis.backends.queries import Queries
from docaxis.backends.world import World
from docaxis.config import Config
from docaxis.web.site import Site


@dataclass(frozen=True, slots=True)
class Parts:
    """What an area's ports are made of: the open database by its address and halves, the registered world, the clock.

    key: 32 octets for signing what is given to browsers and clients, the same for all web processes of one state folder;
    stack: takes what has to be closed or ended with the process (`wiring.start.background`).
    """

    config: Config
    url: str
    key: bytes
    site: Site
    database: Database
    queries: Queries
    clerk: ClerkQueries
    world: World
    clock: Callable[[], datetime]
    stack: AsyncExitStack
