"""The tabs under the masthead: what each role's work is made of, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from docaxis.domain.people import Role
from docaxis.web.routing import PAGES, page_of
from docaxis.web.state import UNDER, VISIT
from docaxis.web.words import mark as _


@dataclass(frozen=True, slots=True)
class Tab:
    """A word of the menu that leads to a page; covers are the pages under it, where it stays the current one.

    when_waiting: it is left out while nothing waits there, for whom it is not the daily work.
    """

    label: str
    page: str
    covers: frozenset[str] = frozenset()
    when_waiting: bool = False


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab as a page shows it: label is still to be translated, count 0 where nothing waits."""

    label: str
    address: str
    count: int
    current: bool


_INDICATORS = Tab(_("Chỉ số"), "indicators")
_DIRECTORY = Tab(
    _("Danh bạ cơ quan"),
    "directory",
    frozenset({"agency", "agency-edit", "agency-change", "agency-ending", "agency-end"}),
)

TABS: Mapping[Role, Sequence[Tab]] = {
    Role.CLERK: (
        Tab(_("Hôm nay"), "home"),
        Tab(_("Đã gửi"), "sent", frozenset({"submission"})),
        Tab(_("Đã nhận"), "received"),
        Tab(_("Sổ văn bản đến"), "register"),
        Tab(_("Soạn và gửi"), "compose"),
        _INDICATORS,
    ),
    Role.AUDITOR: (
        Tab(_("Nhật ký"), "log"),
        Tab(_("Kiểm chứng"), "verify"),
        Tab(_("Chứng cứ đã xuất"), "exports"),
        _INDICATORS,
    ),
    Role.OPERATOR: (
        Tab(_("Vận hành"), "board"),
        Tab(_("Hàng chờ"), "queues"),
        Tab(_("Đầu mối"), "endpoints", frozenset({"endpoint", "connections"})),
        _DIRECTORY,
        Tab(_("Cách ly"), "quarantine"),
        Tab(_("Đề nghị chờ duyệt"), "proposals", frozenset({"proposal"}), when_waiting=True),
        _INDICATORS,
    ),
    Role.ADMINISTRATOR: (
        Tab(_("Tài khoản người dùng"), "people"),
        Tab(_("Đề nghị chờ duyệt"), "proposals", frozenset({"proposal"})),
        Tab(_("Cấu hình"), "configuration"),
        _DIRECTORY,
    ),
}
"""In the order in which they stand; counts come from the visit under the page's name."""


def tabs_of(request: web.Request) -> Sequence[ShownTab]:
    """Return the tabs of whoever reads; one whose page does not exist or is not theirs is left out."""
    visit = request.get(VISIT)
    if visit is None:
        return ()
    pages, here = request.app[PAGES], page_of(request)
    name = request.get(UNDER) or (here.name if here else "")
    shown = (
        ShownTab(
            tab.label,
            str(request.app.router[tab.page].url_for()),
            visit.counts.get(tab.page, 0),
            name == tab.page or name in tab.covers or name.startswith(f"{tab.page}-"),
        )
        for tab in TABS.get(visit.person.role, ())
        if tab.page in pages and visit.person.role in pages[tab.page].roles
    )
    needless = {tab.label for tab in TABS.get(visit.person.role, ()) if tab.when_waiting}
    return tuple(one for one in shown if one.count or one.current or one.label not in needless)
