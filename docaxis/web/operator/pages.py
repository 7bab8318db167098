"""The operator's pages as routes; the directory and what needs a second person are the administrator's too."""

from aiohttp import web

from docaxis.domain.people import Role
from docaxis.web.operator import agency_form, board, directory, endpoints, proposals, propose, quarantine, queues
from docaxis.web.operator.ports import CONFIGURATION, PROPOSALS
from docaxis.web.render import render
from docaxis.web.routing import Handler, Page

OPERATORS = frozenset({Role.OPERATOR})
BOTH = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


async def show_configuration(request: web.Request) -> web.Response:
    """Show the effective configuration, secrets masked."""
    return render(
        request,
        "operator/configuration.html",
        sections=request.app[CONFIGURATION],
        retention=await request.app[PROPOSALS].retention_days(),
    )


def _both(path: str, show: Handler, act: Handler, show_name: str, act_name: str) -> tuple[Page, Page]:
    """Return a form and what it posts to, at one address."""
    return Page(path, show, BOTH, show_name), Page(path, act, BOTH, act_name, acts=True)


_AGENCY = "/directory/{organ_id}"
_MESSAGE = "/quarantine/{event_id}"
_PROPOSAL = "/proposals/{proposal_id}"

PAGES: tuple[Page, ...] = (
    Page("/board", board.show_board, OPERATORS, "board"),
    Page("/board/figures", board.show_figures, OPERATORS, "board-figures"),
    Page("/queues", queues.show_queues, OPERATORS, "queues"),
    Page("/endpoints", endpoints.show_endpoints, OPERATORS, "endpoints"),
    Page("/endpoints/{endpoint}", endpoints.show_endpoint, OPERATORS, "endpoint"),
    Page("/connections", endpoints.show_connections, OPERATORS, "connections"),
    Page("/quarantine", quarantine.show_quarantine, OPERATORS, "quarantine"),
    Page(_MESSAGE, quarantine.show_message, OPERATORS, "quarantine-message"),
    Page(f"{_MESSAGE}/release", quarantine.release_message, OPERATORS, "quarantine-release", acts=True),
    Page(f"{_MESSAGE}/discard", quarantine.discard_message, OPERATORS, "quarantine-discard", acts=True),
    Page("/directory", directory.show_directory, BOTH, "directory"),
    *_both("/new-agency", agency_form.show_new, agency_form.add_agency, "directory-new", "directory-add"),
    Page(_AGENCY, directory.show_agency, BOTH, "agency"),
    *_both(f"{_AGENCY}/edit", agency_form.show_edit, agency_form.change_agency, "agency-edit", "agency-change"),
    *_both(f"{_AGENCY}/end", agency_form.show_end, agency_form.end_agency, "agency-ending", "agency-end"),
    Page(f"{_AGENCY}/connect", agency_form.connect_agency, BOTH, "agency-connect", acts=True),
    Page(f"{_AGENCY}/disconnect", agency_form.disconnect_agency, BOTH, "agency-disconnect", acts=True),
    Page("/proposals", proposals.show_proposals, BOTH, "proposals"),
    Page("/propose/anchor", propose.show_anchor, BOTH, "proposals-anchor"),
    Page("/propose/anchor/read", propose.read_anchor, BOTH, "proposals-anchor-read", acts=True),
    Page("/propose/anchor", propose.propose_anchor, BOTH, "proposals-anchor-propose", acts=True),
    *_both("/propose/removal", propose.show_removal, propose.propose_removal, "proposals-removal", "proposals-remove"),
    *_both("/propose/binding", propose.show_binding, propose.propose_binding, "proposals-binding", "proposals-bind"),
    *_both(
        "/propose/retention", propose.show_retention, propose.propose_retention, "proposals-retention", "proposals-keep"
    ),
    Page(_PROPOSAL, proposals.show_proposal, BOTH, "proposal"),
    Page(f"{_PROPOSAL}/approve", proposals.approve_proposal, BOTH, "proposal-approve", acts=True),
    Page(f"{_PROPOSAL}/decline", proposals.decline_proposal, BOTH, "proposal-decline", acts=True),
    Page("/configuration", show_configuration, ADMINISTRATORS, "configuration"),
)
