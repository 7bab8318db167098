"""What the register of incoming documents stands on."""

from aiohttp import web

from docaxis.backends.register import SqlRegister
from docaxis.web.register.ports import REGISTER
from docaxis.wiring.parts import Parts


async def put_register(app: web.Application, parts: Parts) -> None:
    """Put the port of the area in."""
    app[REGISTER] = await parts.stack.enter_async_context(SqlRegister(parts.url, parts.database))
