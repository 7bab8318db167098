"""The snapshot that decisions are taken by, kept up to date: the registry when its version changes, the trust folders by time."""

import asyncio
import gc
import time
from collections.abc import Mapping
from pathlib import Path

import structlog

from docaxis.backends.registry import Registry
from docaxis.domain.directory import Directory
from docaxis.domain.organ import Branch, Level
from docaxis.domain.rules import Policy
from docaxis.edxml.limits import Limits
from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.snapshot import Snapshot
from docaxis.trust.certificate import ChainCache, TrustStore, load_trust

log = structlog.get_logger(__name__)

COLLECT_AFTER = 20_000, 50, 100
"""Allocations before a collection: a batch makes thousands of short-lived objects without cycles, and trees that refer back."""


class World:
    """Holds the current snapshot; a reader takes it once per decision and never sees half a change."""

    def __init__(
        self,
        registry: Registry,
        policy: Policy,
        structure: tuple[tuple[Level, ...], tuple[Branch, ...]],
        trust_folders: tuple[Path, Path | None, Path],
        defer_limit_hours: float,
        limits: Limits,
    ) -> None:
        self._registry = registry
        self._policy = policy
        self._structure = structure
        self._trust_folders = trust_folders
        self._defer_limit_hours = defer_limit_hours
        self._limits = limits
        self._chains = ChainCache()
        self._version = -1
        self._snapshot: Snapshot | None = None
        self._loaded_s = time.monotonic()
        self.changed = asyncio.Event()

    @property
    def snapshot(self) -> Snapshot:
        """Return the current snapshot; RuntimeError before the first load."""
        if self._snapshot is None:
            raise RuntimeError("the world is not loaded yet")
        return self._snapshot

    def tokens(self) -> Mapping[str, str]:
        """Return endpoint → queue token."""
        return self.snapshot.tokens

    @property
    def age_s(self) -> float:
        """Return how long ago everything was read; grows beyond `trust.refresh_s` when something cannot be read."""
        return time.monotonic() - self._loaded_s

    async def load(self) -> None:
        """Load everything; raises StoreUnavailable, or ValueError where the directory cannot be built."""
        trust = await self._load_trust()
        version = await self._registry.directory_version()
        directory, bindings, tokens = await self._load_registry()
        self._version = version
        self._snapshot = Snapshot(directory, self._policy, trust, self._chains, bindings, tokens, self._limits)
        self._loaded_s = time.monotonic()
        self.changed.set()

    async def run(self, registry_s: float, trust_s: float) -> None:
        """Look for changes again and again until cancelled; what cannot be loaded leaves the last good snapshot."""
        since_trust_s = 0.0
        while True:
            await asyncio.sleep(registry_s)
            since_trust_s += registry_s
            try:
                if since_trust_s >= trust_s or await self._registry.directory_version() != self._version:
                    since_trust_s = 0.0
                    await self.load()
            except StoreUnavailable as error:
                log.warning("registry not read; the last one stays", error=str(error))
            except ValueError as error:
                log.warning("directory not usable; the last one stays", error=str(error))
            except Exception:
                # Nobody else would notice that this task has ended.
                log.exception("world not refreshed; the last one stays")

    async def _load_trust(self) -> TrustStore:
        anchors, intermediates, crls = self._trust_folders
        trust = await asyncio.to_thread(
            load_trust,
            anchors,
            intermediates,
            crls,
            defer_limit_hours=self._defer_limit_hours,
            previous=self._snapshot.trust if self._snapshot else None,
        )
        for problem in trust.problems:
            log.warning("trust file not used", problem=problem)
        return trust

    async def _load_registry(self) -> tuple[Directory, Mapping[str, frozenset[str]], Mapping[str, str]]:
        current = self._snapshot
        if current and await self._registry.directory_version() == self._version:
            return current.directory, current.bindings, current.tokens
        agencies = await self._registry.agencies()
        connections = await self._registry.connections()
        levels, branches = self._structure
        directory = await asyncio.to_thread(Directory.build, agencies, levels, connections, branches)
        endpoints = await self._registry.endpoints()
        tokens = {one.endpoint_id: one.queue_token for one in endpoints if one.disabled_at is None}
        # A directory lives long and is large: without this every full collection would walk all of it.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)
        log.info("directory loaded", agencies=len(directory), endpoints=len(tokens))
        return directory, await self._registry.signer_bindings(), tokens
