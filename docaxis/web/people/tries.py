"""How often somebody may fail to sign in, counted in this process."""

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

OF_BOTH = RateLimitItemPerMinute(5, 5, namespace="login-and-address")
OF_LOGIN = RateLimitItemPerMinute(30, 15, namespace="login")
OF_ADDRESS = RateLimitItemPerMinute(60, 5, namespace="address")
"""Many people may share an address; nobody is to lock another one out for long by guessing."""


class Tries:
    """Failed tries by login, by address and by both together."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def may_try(self, login: str, address: str) -> bool:
        """Count a try and return whether it is allowed; tries at the same moment count one by one."""
        login = login.casefold()
        shared = [await self._limiter.test(OF_LOGIN, login), await self._limiter.test(OF_ADDRESS, address)]
        return all(shared) and await self._limiter.hit(OF_BOTH, login, address)

    async def failed(self, login: str, address: str) -> None:
        """Count a failure where others' count too."""
        await self._limiter.hit(OF_LOGIN, login.casefold())
        await self._limiter.hit(OF_ADDRESS, address)

    async def succeeded(self, login: str, address: str) -> None:
        """Forget what this person mistyped at this address."""
        await self._limiter.clear(OF_BOTH, login.casefold(), address)
