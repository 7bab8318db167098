"""What roles and ways of signing in are called, in the reader's language."""

from aiohttp import web

from docaxis.domain.people import Role
from docaxis.hub.views.people import Way
from docaxis.web.render import spoken
from docaxis.web.words import mark as _

_ROLES = {
    Role.CLERK: _("Văn thư"),
    Role.AUDITOR: _("Kiểm tra viên"),
    Role.OPERATOR: _("Người vận hành"),
    Role.ADMINISTRATOR: _("Người quản trị"),
}
_WAYS: dict[Way, str] = {
    "password": _("mật khẩu"),
    "passkey": _("khóa truy cập"),
    "oidc": _("cổng của cơ quan"),
    "link": _("đường dẫn một lần"),
    "demo": _("vào thử"),
}


def roles(request: web.Request) -> dict[Role, str]:
    """Return each role's name."""
    return {role: spoken(request, name) for role, name in _ROLES.items()}


def ways(request: web.Request) -> dict[Way, str]:
    """Return each way's name."""
    return {way: spoken(request, name) for way, name in _WAYS.items()}
