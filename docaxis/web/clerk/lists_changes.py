"""Live changes: one look at the log a second for all open pages of the process together, and a stream for each page.

A stream says how much has changed and which documents, and nothing more; whoever may see them reads them from the page. What
came at one look is told in one message: a busy agency has hundreds of changes a second, and no page shows them one by one.
Places in the log are the messages' ids, so a browser that comes back is told what it has missed, as long as that is kept here.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from aiohttp import hdrs, web
from aiohttp_sse import EventSourceResponse

from docaxis.hub.views.work import Changed
from docaxis.web.clerk.lists import visit_of

EVERY_S = 1.0
PORTION, PORTIONS = 300, 3
"""Entries that are read at once, and how often in one look; of more it is only said that much has changed."""
NAMED_MOST = 20
"""Documents that a message names; of more it only says how much has changed."""
KEPT = 1_000
"""Changes that are kept of each agency for browsers that come back."""
REMEMBERED_S = 120.0
"""For so long after its last page has gone an agency's changes are still looked at."""
STREAMS_MOST = 2_000
LIFE_S = 120.0
"""After so long a stream ends; the browser comes back, and has to show its session again."""
PING_S, RETRY_MS = 20.0, 3_000

UNKNOWN = UUID(int=0)
"""In the place of a document: more has changed than is told one by one."""


class LogReader(Protocol):
    """Reads the log; every method raises StoreUnavailable."""

    async def size(self) -> int:
        """Return how many entries the log has."""

    async def read(
        self, first: int, limit: int, organs: Collection[str], endpoints: Collection[str]
    ) -> tuple[int, Sequence[Changed]]:
        """Return where to go on from, and what the entries from `first` on change for these agencies."""


class Listener:
    """One open page: what it has not been told yet."""

    def __init__(self) -> None:
        self._waiting: deque[Changed] = deque(maxlen=KEPT)
        self._told = asyncio.Event()
        self.is_over = False

    def tell(self, changed: Changed) -> None:
        """Add a change; of a page that reads too slowly the oldest are dropped."""
        self._waiting.append(changed)
        self._told.set()

    def end(self) -> None:
        """Wake the page up for the last time."""
        self.is_over = True
        self._told.set()

    async def take(self, wait_s: float) -> Sequence[Changed]:
        """Return what there is to tell, nothing after so long."""
        try:
            async with asyncio.timeout(wait_s):
                await self._told.wait()
        except TimeoutError:
            return ()
        self._told.clear()
        taken = tuple(self._waiting)
        self._waiting.clear()
        return taken


class Changes:
    """The one reader of the log for all open pages of the process."""

    def __init__(self, log: LogReader, endpoint_of: Callable[[str], str | None]) -> None:
        self._log = log
        self._endpoint_of = endpoint_of
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._kept: dict[str, deque[Changed]] = {}
        self._complete_from: dict[str, int] = {}
        self._left_at: dict[str, float] = {}
        self._next = -1
        self._looking = asyncio.Lock()
        self.reads = 0
        """How often the log was read; it does not grow with the number of open pages."""

    @property
    def open_streams(self) -> int:
        """Return how many pages listen."""
        return sum(map(len, self._listeners.values()))

    @property
    def place(self) -> int:
        """Return the place of the last entry that was looked at."""
        return self._next - 1

    def newest(self, organ_id: str) -> int:
        """Return the place of an agency's last change; -1 where none is known, or nobody looks at its pages."""
        kept = self._kept.get(organ_id)
        return kept[-1].leaf_index if kept else -1

    async def look(self) -> None:
        """Read what has come into the log, where anybody listens; raises StoreUnavailable."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        organs = self._watched()
        if not organs:
            self._next = -1
            return
        size = await self._log.size()
        if self._next < 0:
            self._next = size
            self._complete_from = dict.fromkeys(organs, size)
        if size - self._next > PORTION * PORTIONS:
            self._next = size
            for organ_id in organs:
                self._tell(Changed(size - 1, organ_id, UNKNOWN))
            return
        endpoints = {endpoint for organ_id in organs if (endpoint := self._endpoint_of(organ_id))}
        while self._next < size:
            following, found = await self._log.read(self._next, PORTION, organs, endpoints)
            self.reads += 1
            if following == self._next:
                return
            self._next = following
            for one in found:
                self._tell(one)

    @contextmanager
    def listen(self, organ_id: str, seen: int | None) -> Iterator[Listener]:
        """Listen for an agency's changes; seen is the last place that the page was told of, None for a new page."""
        listener = Listener()
        if seen is not None and seen != self.place:
            is_complete = self._complete_from.get(organ_id, seen + 2) <= seen + 1
            missed = [one for one in self._kept.get(organ_id, ()) if one.leaf_index > seen]
            for one in missed if is_complete else [Changed(max(self.place, seen), organ_id, UNKNOWN)]:
                listener.tell(one)
        if organ_id not in self._watched():
            # Nobody has looked for it until now.
            self._complete_from[organ_id] = max(self._next, 0)
        self._listeners[organ_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[organ_id].discard(listener)
            if not self._listeners[organ_id]:
                del self._listeners[organ_id]
                self._left_at[organ_id] = time.monotonic()

    async def end(self, _: web.Application) -> None:
        """End all streams, so that the process can stop."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end()

    def _watched(self) -> set[str]:
        now = time.monotonic()
        for organ_id in [one for one, left_at in self._left_at.items() if now - left_at > REMEMBERED_S]:
            del self._left_at[organ_id]
            if organ_id not in self._listeners:
                self._kept.pop(organ_id, None)
                self._complete_from.pop(organ_id, None)
        return {*self._listeners, *self._left_at}

    def _tell(self, changed: Changed) -> None:
        kept = self._kept.setdefault(changed.organ_id, deque(maxlen=KEPT))
        if len(kept) == KEPT:
            self._complete_from[changed.organ_id] = kept[0].leaf_index + 1
        kept.append(changed)
        for listener in self._listeners.get(changed.organ_id, ()):
            listener.tell(changed)


CHANGES = web.AppKey("changes", Changes)


async def stream_changes(request: web.Request) -> web.StreamResponse:
    """Say which documents of the clerk's agency have changed, as they do."""
    changes, organ_id = request.app[CHANGES], visit_of(request).organ_id
    if changes.open_streams >= STREAMS_MOST:
        raise web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: "60"})
    response = EventSourceResponse(ping_interval=PING_S)
    del response.headers[hdrs.CACHE_CONTROL]
    ends_at = time.monotonic() + LIFE_S
    with changes.listen(organ_id, _seen(request)) as listener:
        if changes.place < 0:
            await changes.look()
        await response.prepare(request)
        async with response:
            await response.send("", id=str(max(changes.place, 0)), event="ready", retry=RETRY_MS)
            while response.is_connected() and not listener.is_over and (left := ends_at - time.monotonic()) > 0:
                if changed := await listener.take(min(left, PING_S)):
                    await response.send(_told(changed), id=str(changed[-1].leaf_index), event="change")
    return response


def _told(changed: Sequence[Changed]) -> str:
    keys = {one.document_key: one.document_key.hex for one in changed}
    is_named = UNKNOWN not in keys and len(keys) <= NAMED_MOST
    return json.dumps({"changes": len(changed), "documents": list(keys.values()) if is_named else None})


def _seen(request: web.Request) -> int | None:
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 - fits 64 bits
