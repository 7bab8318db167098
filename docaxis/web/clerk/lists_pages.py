"""The pages of a clerk's lists."""

from docaxis.domain.people import Role
from docaxis.web.clerk.export import export_received, export_sent
from docaxis.web.clerk.home import show_home
from docaxis.web.clerk.lists_changes import stream_changes
from docaxis.web.clerk.received import show_received
from docaxis.web.clerk.search import show_search
from docaxis.web.clerk.sent import show_sent
from docaxis.web.clerk.views import remove_view, rename_view, save_view, show_views
from docaxis.web.routing import EVERYBODY, Page

_CLERK = frozenset({Role.CLERK})

PAGES: tuple[Page, ...] = (
    Page("/", show_home, EVERYBODY, "home"),
    Page("/sent", show_sent, _CLERK, "sent"),
    Page("/sent/export", export_sent, _CLERK, "sent-export", acts=True),
    Page("/received", show_received, _CLERK, "received"),
    Page("/received/export", export_received, _CLERK, "received-export", acts=True),
    Page("/search", show_search, _CLERK, "search"),
    Page("/views", show_views, _CLERK, "views"),
    Page("/views/save", save_view, _CLERK, "view-save", acts=True),
    Page("/views/{view_id}/rename", rename_view, _CLERK, "view-rename", acts=True),
    Page("/views/{view_id}/remove", remove_view, _CLERK, "view-remove", acts=True),
    Page("/changes", stream_changes, _CLERK, "changes"),
)
