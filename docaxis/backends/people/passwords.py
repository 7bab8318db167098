"""Passwords as argon2id hashes (RFC 9106, the low-memory choice), made beside the event loop."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 4
"""Each hash takes 64 MiB for its time; more of them wait."""


class Passwords:
    """Hashes and checks; an account without a password, or none at all, costs the same time as a wrong password."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take another hasher where hashes need no strength (tests)."""
        self._hasher = hasher or PasswordHasher()
        self._nobody = ""
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return the hash to keep, with its salt and costs."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def holds(self, kept: str | None, password: str) -> bool:
        """Return whether the password is that of the hash; None is nobody's."""
        async with self._places:
            if not self._nobody:
                self._nobody = await asyncio.to_thread(self._hasher.hash, "nobody has this password")
            is_right = await asyncio.to_thread(self._verify, kept or self._nobody, password)
        return is_right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Return whether the hash was made at lower costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
