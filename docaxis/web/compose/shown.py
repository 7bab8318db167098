"""The page of a draft: everything that the template prints, gathered; nothing is changed here."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from aiohttp import web

from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.envelope import Code, PromulgationInfo
from docaxis.domain.organ import Agency
from docaxis.domain.rules import Policy
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.drafts import Draft
from docaxis.web.compose.addressees import Sender, dry_run, reach_of
from docaxis.web.compose.agencies import Finder, Found, list_named, marked, offered_lists
from docaxis.web.compose.checking import Check, Known, checks_of, errors_of
from docaxis.web.compose.draft_form import TEXTS, TYPES, blank, priority_of
from docaxis.web.compose.ports import DRAFTS, FACTS, UPLOADS
from docaxis.web.days import read_day
from docaxis.web.render import render, spoken
from docaxis.web.site import SITE, Site
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.written import Written

FINDER = web.AppKey("finder", Finder)
FIND_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft with what the world says of it: the earlier documents by the draft's order, each with its addressees."""

    draft: Draft
    known: Known
    checks: tuple[Check, ...]
    earlier: tuple[tuple[DocumentView, Sequence[str]], ...]

    @property
    def errors(self) -> Mapping[str, str]:
        """Return the first error of each field."""
        return errors_of(self.checks)


async def judged(request: web.Request, draft: Draft) -> Judged:
    """Ask the world about a draft."""
    site, facts = request.app[SITE], request.app[FACTS]
    now, directory = site.now(), site.directory()
    priority = priority_of(draft.texts)
    sender = Sender(draft.organ_id, priority, day_of(now), directory, site.policy())
    route, refused = dry_run(sender, draft.to)
    waiting = await facts.waiting({one.endpoint for one in route.addressees}) if route else {}
    issued = read_day(draft.texts.get("promulgated_on", ""))
    code = Code(draft.texts.get("number", ""), draft.texts.get("notation", ""))
    taken = bool(code.code_number) and await facts.is_number_taken(
        draft.organ_id, code, PromulgationInfo("", issued), now
    )
    found = (
        {one[0].document_key: one for one in await facts.earlier(draft.earlier, draft.organ_id)}
        if draft.earlier
        else {}
    )
    due_at = facts.due(priority, read_day(draft.texts.get("due_on", "")), now)
    reach = reach_of(sender, route, refused, waiting)
    sees = set(draft.earlier) <= found.keys() and (draft.kind == "reply" or _all_own(found.values(), draft.organ_id))
    known = Known(reach, taken, due_at, now, sees, site.name_of)
    checks = checks_of(draft, known, partial(spoken, request), Written(request[PREFERENCES].language))
    return Judged(draft, known, checks, tuple(found[key] for key in draft.earlier if key in found))


async def show(
    request: web.Request,
    draft: Draft,
    *,
    status: int = 200,
    trouble: str = "",
    tried: bool = False,
    is_new: bool = False,
) -> web.Response:
    """Show the form of a draft; tried: it was to be sent, so that errors stand at their fields."""
    site, facts = request.app[SITE], request.app[FACTS]
    about = await judged(request, draft)
    now, directory, policy = site.now(), site.directory(), site.policy()
    words, found = _found(request, site)
    if not words:
        usual = _known(directory, await facts.usual(draft.organ_id, now))
        found = Found(usual, len(usual))
    answers = request.query.get("answers", "").strip()[:FIND_LENGTH]
    offered_answers = await facts.received(answers, draft.organ_id) if answers else ()
    others = await request.app[DRAFTS].drafts(draft.person_id, draft.organ_id) if is_new else ()
    lists = offered_lists(policy, directory, draft.organ_id)
    return render(
        request,
        "compose/form.html",
        status,
        draft=draft,
        texts={name: draft.texts.get(name, "") for name in TEXTS},
        types=TYPES,
        checks=about.checks,
        errors=about.errors if tried else {},
        reach=about.known.reach,
        earlier=about.earlier,
        find=words,
        level=request.query.get("level", ""),
        levels=[one for one in directory.levels if directory.of_level(one.name)],
        found=found,
        lists=lists,
        named={code: _name(site, policy, code) for code in draft.to},
        parents=_parents(directory, found.agencies),
        others=[one for one in others if one.draft_id != draft.draft_id],
        uploads=request.app[UPLOADS],
        answers=answers,
        offered_answers=[one for one in offered_answers if one.document_key not in draft.earlier],
        marked=marked,
        trouble=trouble,
        refused=refusal_words(request, draft.refused.code, draft.refused.detail) if draft.refused else "",
        is_new=is_new,
        sender_name=site.name_of(request[VISIT].organ_id),
    )


def offered(request: web.Request) -> web.Response:
    """Show what a search finds, nothing ticked."""
    site, visit = request.app[SITE], request[VISIT]
    words, found = _found(request, site)
    parents = _parents(site.directory(), found.agencies)
    draft = blank(UUID(int=0), visit.person.person_id, visit.organ_id, site.now())
    return render(request, "compose/found.html", find=words, found=found, parents=parents, draft=draft, marked=marked)


def _found(request: web.Request, site: Site) -> tuple[str, Found]:
    words, level = request.query.get("find", "").strip()[:FIND_LENGTH], request.query.get("level", "")
    return words, request.app[FINDER].find(site.directory(), words, level, day_of(site.now()))


def refusal_words(request: web.Request, code: str, detail: str) -> str:
    """Return the sentence of a refusal's code in the reader's language, the code itself where there is none."""
    with suppress(ValueError):
        return sentence(Reason(code), request[PREFERENCES].language, detail)
    return code


def _known(directory: Directory, codes: Sequence[str]) -> tuple[Agency, ...]:
    return tuple(one for code in codes if (one := directory.find(code)) is not None)


def _parents(directory: Directory, agencies: Sequence[Agency]) -> Mapping[str, str]:
    above = ((one.organ_id, directory.find(one.parent) if one.parent else None) for one in agencies)
    return {code: parent.name for code, parent in above if parent is not None}


def _name(site: Site, policy: Policy, code: str) -> str:
    listed = list_named(policy, code)
    return listed.name or code if listed else site.name_of(code)


def _all_own(found: Iterable[tuple[DocumentView, Sequence[str]]], organ_id: str) -> bool:
    return all(document.sender == organ_id for document, _ in found)
