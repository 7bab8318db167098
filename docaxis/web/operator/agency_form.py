"""Changing the directory: a new agency, another name, an end with a successor, a line to an endpoint; each is an event."""

from dataclasses import replace

from aiohttp import web

from docaxis.domain.organ import Agency, parse_organ_id
from docaxis.web.days import read_day
from docaxis.web.operator.directory import agency_of, choices
from docaxis.web.operator.forms import DAY_WRONG, typed
from docaxis.web.operator.ports import DIRECTORY_ACTS
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import VISIT
from docaxis.web.words import mark as _

NAME_MOST = 300

CODE_WRONG = _("Mã gồm chữ, số và dấu chấm, không quá 35 ký tự, như H41 hoặc H41.02")
CODE_TAKEN = _("Mã này đã có trong danh bạ")
NAME_WRONG = _("Ghi tên cơ quan, không quá 300 ký tự")
UNKNOWN = _("Không có cơ quan mang mã này")
NOT_BUILT = _("Danh bạ không nhận: %(why)s")
UNKNOWN_LEVEL = _("Chọn một cấp trong danh sách")
PARENT_ITSELF = _("Cơ quan cấp trên không thể là chính nó hoặc cấp dưới của nó")
ENDS_BEFORE = _("Ngày kết thúc phải sau ngày bắt đầu")


async def show_new(request: web.Request) -> web.Response:
    """Show the form for a new agency."""
    return _form(
        request, None, {"level": request.query.get("level", ""), "parent": request.query.get("parent", "")}, {}
    )


async def add_agency(request: web.Request) -> web.Response:
    """Add an agency."""
    form = await typed(request)
    errors: dict[str, str] = {}
    organ_id = parse_organ_id(form.get("code", ""))
    if organ_id is None:
        errors["code"] = spoken(request, CODE_WRONG)
    elif request.app[SITE].directory().find(organ_id):
        errors["code"] = spoken(request, CODE_TAKEN)
    agency = _agency(request, Agency(organ_id or "", "", "", source="registered"), form, errors)
    if not errors:
        try:
            await request.app[DIRECTORY_ACTS].add(agency, request[VISIT].person.login)
        except ValueError as error:
            errors["code"] = spoken(request, NOT_BUILT, why=str(error))
        else:
            # The directory of this process is read again within seconds: the list is there whatever it holds by now.
            raise web.HTTPSeeOther(address(request, "directory", {"q": agency.organ_id, "done": "added"}))
    return _form(request, None, form, errors)


async def show_edit(request: web.Request) -> web.Response:
    """Show the form of an agency."""
    agency = agency_of(request)
    form = {"name": agency.name, "level": agency.level, "branch": agency.branch, "parent": agency.parent}
    return _form(request, agency, form | {"aliases": " ".join(agency.aliases)}, {})


async def change_agency(request: web.Request) -> web.Response:
    """Change name, place or aliases."""
    agency, form = agency_of(request), await typed(request)
    errors: dict[str, str] = {}
    changed = _agency(request, agency, form, errors)
    if not errors:
        try:
            await request.app[DIRECTORY_ACTS].change(changed, request[VISIT].person.login)
        except ValueError as error:
            errors["name"] = spoken(request, NOT_BUILT, why=str(error))
        else:
            raise _back(request, agency, "changed")
    return _form(request, agency, form, errors)


async def show_end(request: web.Request) -> web.Response:
    """Show the form that ends an agency."""
    return _end_form(request, agency_of(request), {}, {})


async def end_agency(request: web.Request) -> web.Response:
    """End an agency on a day, with its successor or none."""
    agency, form = agency_of(request), await typed(request)
    errors: dict[str, str] = {}
    ends = read_day(form.get("valid_to", ""))
    if ends is None:
        errors["valid_to"] = spoken(request, DAY_WRONG)
    elif agency.valid_from and ends <= agency.valid_from:
        errors["valid_to"] = spoken(request, ENDS_BEFORE)
    successor = _code(request, form, "successor", errors)
    if successor == agency.organ_id:
        errors["successor"] = spoken(request, UNKNOWN)
    if ends and not errors:
        try:
            acts = request.app[DIRECTORY_ACTS]
            await acts.close(agency.organ_id, ends, successor, request[VISIT].person.login)
        except ValueError as error:
            errors["valid_to"] = spoken(request, NOT_BUILT, why=str(error))
        else:
            raise _back(request, agency, "ended")
    return _end_form(request, agency, form, errors)


async def connect_agency(request: web.Request) -> web.Response:
    """Let an agency be reached through an endpoint."""
    agency, form = agency_of(request), await typed(request)
    try:
        await request.app[DIRECTORY_ACTS].connect(
            agency.organ_id, form.get("endpoint", ""), request[VISIT].person.login
        )
    except KeyError:
        raise web.HTTPNotFound from None
    raise _back(request, agency, "connected")


async def disconnect_agency(request: web.Request) -> web.Response:
    """Let an agency be reached through its ancestors again."""
    agency = agency_of(request)
    try:
        await request.app[DIRECTORY_ACTS].disconnect(agency.organ_id, request[VISIT].person.login)
    except KeyError:
        raise web.HTTPNotFound from None
    raise _back(request, agency, "disconnected")


def _agency(request: web.Request, before: Agency, form: dict[str, str], errors: dict[str, str]) -> Agency:
    """Return the agency as it was typed, with an error at each field that is wrong."""
    directory = request.app[SITE].directory()
    name, level, branch = form.get("name", ""), form.get("level", ""), form.get("branch", "") or "government"
    if not name or len(name) > NAME_MOST:
        errors["name"] = spoken(request, NAME_WRONG)
    if level not in {one.name for one in directory.levels}:
        errors["level"] = spoken(request, UNKNOWN_LEVEL)
    if directory.branches and branch not in {one.name for one in directory.branches}:
        errors["branch"] = spoken(request, UNKNOWN_LEVEL)
    parent = _code(request, form, "parent", errors)
    if before.organ_id and parent and before.organ_id in directory.line(parent):
        errors["parent"] = spoken(request, PARENT_ITSELF)
    aliases = [parse_organ_id(code) for code in form.get("aliases", "").replace(",", " ").split()]
    if None in aliases:
        errors["aliases"] = spoken(request, CODE_WRONG)
    held = tuple(code for code in aliases if code)
    return replace(before, name=name, level=level, branch=branch, parent=parent, aliases=held)


def _code(request: web.Request, form: dict[str, str], field: str, errors: dict[str, str]) -> str:
    """Return the own code of an agency that was typed, empty where none was."""
    text = form.get(field, "")
    if not text:
        return ""
    organ_id = parse_organ_id(text)
    agency = request.app[SITE].directory().find(organ_id) if organ_id else None
    if agency is None:
        errors[field] = spoken(request, UNKNOWN)
        return ""
    return agency.organ_id


def _form(request: web.Request, agency: Agency | None, form: dict[str, str], errors: dict[str, str]) -> web.Response:
    directory = request.app[SITE].directory()
    return render(
        request,
        "operator/agency_form.html",
        422 if errors else 200,
        agency=agency,
        form=form,
        errors=errors,
        level_choices=choices(request, directory.levels),
        branch_choices=choices(request, directory.branches),
    )


def _end_form(request: web.Request, agency: Agency, form: dict[str, str], errors: dict[str, str]) -> web.Response:
    below = sum(1 for _one in request.app[SITE].directory().below(agency.organ_id))
    return render(
        request,
        "operator/agency_end.html",
        422 if errors else 200,
        agency=agency,
        form=form,
        errors=errors,
        below_count=below,
    )


def _back(request: web.Request, agency: Agency, done: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(address(request, "agency", {"done": done}, organ_id=agency.organ_id))
