"""The pages of passkeys: made and named in the account, used at sign-in; the browser's part is in static/passkey.js."""

import structlog
from aiohttp import web

from docaxis.web.metrics import METRICS
from docaxis.web.people import passkeys
from docaxis.web.people.account import again, is_fresh
from docaxis.web.people.address import local_path, peer
from docaxis.web.people.ports import ACCOUNTS, PASSKEYS, RULES
from docaxis.web.people.sign_in import let_in, show_sign_in
from docaxis.web.render import address, spoken
from docaxis.web.site import SITE
from docaxis.web.state import VISIT

log = structlog.get_logger(__name__)

LONGEST_NAME = 60
LONGEST_CREDENTIAL = 20_000
"""Characters of what a browser answers."""


async def ask_for_key(request: web.Request) -> web.Response:
    """Answer what the browser needs to make a passkey (JSON)."""
    if not is_fresh(request):
        raise web.HTTPForbidden
    return await passkeys.registration_options(request, request[VISIT].person)


async def add_key(request: web.Request) -> web.Response:
    """Add the passkey that the browser has made."""
    if not is_fresh(request):
        raise web.HTTPSeeOther(again(request))
    form = await request.post()
    name = str(form.get("name", "")).strip()[:LONGEST_NAME] or spoken(request, "Khóa truy cập")
    credential = str(form.get("credential", ""))[:LONGEST_CREDENTIAL]
    if not await passkeys.register(request, request[VISIT].person, credential, name):
        raise web.HTTPBadRequest
    raise web.HTTPSeeOther(address(request, "account", {"done": "passkey"}))


async def rename_key(request: web.Request) -> web.Response:
    """Give one of one's own passkeys another name."""
    form = await request.post()
    name = str(form.get("name", "")).strip()[:LONGEST_NAME]
    key_id = passkeys.read_id(str(form.get("key", "")))
    if not name or not await request.app[PASSKEYS].rename(request[VISIT].person, key_id, name):
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(address(request, "account", {"done": "passkey"}))


async def remove_key(request: web.Request) -> web.Response:
    """Take one of one's own passkeys away."""
    if not is_fresh(request):
        raise web.HTTPSeeOther(again(request))
    key_id = passkeys.read_id(str((await request.post()).get("key", "")))
    if not await request.app[PASSKEYS].remove(request[VISIT].person, key_id, request.app[SITE].now()):
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(address(request, "account", {"done": "removed"}))


async def offer_keys(request: web.Request) -> web.Response:
    """Answer what the browser needs to offer its passkeys (JSON)."""
    return passkeys.sign_in_options(request)


async def take_key(request: web.Request) -> web.StreamResponse:
    """Check what a passkey has signed, and begin a session."""
    form = await request.post()
    leads_to = local_path(str(form.get("next", "/")))
    used = await passkeys.signed_by(request, str(form.get("credential", ""))[:LONGEST_CREDENTIAL])
    person = await request.app[ACCOUNTS].by_id(used.person_id) if used else None
    if person is None or person.disabled_at is not None:
        request.app[METRICS].sign_in_failed("passkey")
        log.warning("sign-in failed", reason="passkey", address=peer(request, request.app[RULES].proxy_hops))
        wrong = spoken(request, "Không dùng được khóa truy cập. Thử lại, hoặc đăng nhập bằng mật khẩu.")
        return await show_sign_in(request, leads_to, 422, wrong=wrong)
    return await let_in(request, person, "passkey", leads_to)
