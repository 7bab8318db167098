"""How much one client may ask: a fixed window of a minute for each endpoint, told in every answer (RateLimit headers)."""

import time

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.problems import ApiProblem, ProblemCode

WINDOW_S = 60


def bound_rates(requests_per_minute: int) -> Middleware:
    """Return the middleware; it counts in this process alone."""
    limiter = FixedWindowRateLimiter(MemoryStorage())
    item = RateLimitItemPerMinute(requests_per_minute)
    policy = f'"endpoint";q={requests_per_minute};w={WINDOW_S}'

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        client = request.get(CLIENT)
        if client is None:
            return await handler(request)
        allowed = await limiter.hit(item, client.endpoint)
        state = await limiter.get_window_stats(item, client.endpoint)
        left_s = max(1, round(state.reset_time - time.time()))
        told = {"RateLimit-Policy": policy, "RateLimit": f'"endpoint";r={max(0, state.remaining)};t={left_s}'}
        if not allowed:
            refused = ApiProblem(ProblemCode.TOO_MANY)
            refused.headers = {**told, hdrs.RETRY_AFTER: str(left_s)}
            raise refused
        try:
            response = await handler(request)
        except ApiProblem as problem:
            problem.headers = {**told, **problem.headers}
            raise
        if not response.prepared:
            response.headers.update(told)
        return response

    return middleware
