"""Signing in once by an address that an administrator has given, to choose a password or make a passkey."""

import structlog
from aiohttp import web

from docaxis.domain.people import Person
from docaxis.web.errors import Refusal, Trouble
from docaxis.web.metrics import METRICS
from docaxis.web.people.address import peer
from docaxis.web.people.guard import keep_open_token, open_token
from docaxis.web.people.link import Link, read_link
from docaxis.web.people.ports import ACCOUNTS, RULES, SESSIONS
from docaxis.web.people.sign_in import let_in
from docaxis.web.render import address, render
from docaxis.web.site import SITE
from docaxis.web.state import VISIT
from docaxis.web.words import mark as _

log = structlog.get_logger(__name__)

_OVER = Trouble(
    "WEB.LINK_OVER",
    _("Đường dẫn một lần đã dùng hoặc đã hết hạn"),
    _("Báo người quản trị tài khoản tạo đường dẫn khác. Mỗi đường dẫn dùng một lần, trong 24 giờ."),
    _("Đăng nhập"),
    "/sign-in",
)


async def show_link(request: web.Request) -> web.Response:
    """Show whose address this is; only the button uses it, so that what merely looks at addresses does not."""
    person = (await _read(request, request.match_info["link"]))[0]
    visit = request.get(VISIT)
    token = visit.form_token if visit else open_token(request)
    response = render(request, "people/link.html", whose=person, token=token, link=request.match_info["link"])
    if visit is None:
        keep_open_token(request, response, token)
    return response


async def use_link(request: web.Request) -> web.Response:
    """Begin a session, once, and lead to the account."""
    person, link = await _read(request, str((await request.post()).get("link", "")))
    if not await request.app[SESSIONS].use_once(link.token_id, link.ends_at):
        raise Refusal(410, _OVER)
    return await let_in(request, person, "link", address(request, "account"))


async def _read(request: web.Request, text: str) -> tuple[Person, Link]:
    link = read_link(request.app[RULES].key, text, request.app[SITE].now())
    person = await request.app[ACCOUNTS].by_id(link.person_id) if link else None
    if link is None or person is None or person.disabled_at is not None:
        request.app[METRICS].sign_in_failed("link")
        log.warning("sign-in failed", reason="link", address=peer(request, request.app[RULES].proxy_hops))
        raise Refusal(410, _OVER)
    return person, link
