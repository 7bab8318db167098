"""One box for number, notation, words of the subject, agency; with `from:`, `to:`, `status:`, `before:`, `after:`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from multidict import MultiDict

from docaxis.domain.folding import fold, folded_words
from docaxis.hub.views.lists import RECEIVED_STATES, SENT_STATES, ListPage, ReceivedRow, SentRow
from docaxis.web.clerk.lists import marked_number, visit_of
from docaxis.web.clerk.lists_agencies import find_agencies
from docaxis.web.clerk.lists_marks import marked
from docaxis.web.clerk.lists_wanted import Asked, read_asked
from docaxis.web.clerk.lists_words import attention, standing
from docaxis.web.clerk.matrix_rows import short_name
from docaxis.web.clerk.ports import LISTS
from docaxis.web.render import address, render
from docaxis.web.site import SITE

SHOWN, AGENCIES = 20, 5
_TYPED_MOST = 300
_OPERATOR = re.compile(r"\b(from|to|status|before|after):(?:\"([^\"]*)\"|(\S*))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed, taken apart: words and the operators by their names."""

    words: str
    operators: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Side:
    """One half of the answer: what the operators mean there, and the states that there are."""

    other: str
    own: str
    states: Sequence[str]


_SENT, _RECEIVED = _Side("to", "from", SENT_STATES), _Side("from", "to", RECEIVED_STATES)
_STATES = {
    "can chu y": "attention",
    "qua han": "overdue",
    "tu choi": "refused",
    "bi tu choi": "refused",
    "da tu choi": "refused",
    "thu hoi": "recalled",
    "chua xong": "unfinished",
    "cho tiep nhan": "waiting",
}
"""Vietnamese words of states, folded; the English ones are those of addresses."""


def read_question(typed: str) -> Question:
    """Take apart what somebody typed; the last of several equal operators counts."""
    typed = typed[:_TYPED_MOST]
    operators = {found[1].lower(): (found[2] or found[3] or "").strip() for found in _OPERATOR.finditer(typed)}
    words = " ".join(_OPERATOR.sub(" ", typed).split())
    return Question(words, {name: value for name, value in operators.items() if value})


async def show_search(request: web.Request) -> web.Response:
    """Show what was found among what the agency sent and what it received."""
    question = read_question(request.query.get("q", ""))
    directory, visit = request.app[SITE].directory(), visit_of(request)
    lists, words = request.app[LISTS], folded_words(question.words)
    sent = _asked(request, question, _SENT)
    received = _asked(request, question, _RECEIVED)
    asked = bool(question.words or question.operators)
    sent_page: ListPage[SentRow] = ListPage(())
    received_page: ListPage[ReceivedRow] = ListPage(())
    if asked and sent is not None:
        sent_page = await lists.list_sent(visit.organ_id, sent.wanted, None, SHOWN)
    if asked and received is not None:
        received_page = await lists.list_received(visit.organ_id, received.wanted, None, SHOWN)
    agencies = find_agencies(directory, question.words, AGENCIES) if question.words else ()
    troubles = {**(sent.troubles if sent else {}), **(received.troubles if received else {})}
    return render(
        request,
        "clerk/search.html",
        question=question,
        short=short_name,
        asked=asked,
        troubles=list(dict.fromkeys(troubles.values())),
        sent=sent_page,
        received=received_page,
        all_sent=_address(request, "sent", sent) if sent else "",
        all_received=_address(request, "received", received) if received else "",
        agencies=[one for one in agencies if one != visit.organ_id],
        marked=lambda text: marked(text, words),
        marked_number=lambda document: marked_number(document, words),
        attention=lambda row: attention(request, row),
        standing=lambda row: standing(request, row),
    )


def _asked(request: web.Request, question: Question, side: _Side) -> Asked | None:
    """Return what the question means on one side, None where it cannot mean anything there."""
    directory, operators = request.app[SITE].directory(), question.operators
    if side.own in operators and side.other not in operators:
        own = find_agencies(directory, operators[side.own], AGENCIES)
        if visit_of(request).organ_id not in own:
            return None
    state = operators.get("status", "all").lower()
    state = _STATES.get(fold(state), state)
    if state not in side.states:
        return None
    query = MultiDict({"q": question.words, "state": state})
    names = (("with", side.other), ("since", "after"), ("until", "before"))
    query.update({field: operators[name] for field, name in names if name in operators})
    found = read_asked(query, side.states, directory)
    # Several agencies of a name: the list asks which; an unknown one has sent nothing.
    return found if "with" not in found.troubles else replace(found, wanted=replace(found.wanted, other="-"))


def _address(request: web.Request, name: str, asked: Asked) -> str:
    wanted = asked.wanted
    known: Sequence[tuple[str, str]] = (
        ("q", wanted.words),
        ("state", "" if wanted.state == "all" else wanted.state),
        ("with", asked.typed["with"]),
        ("since", wanted.since.isoformat() if wanted.since else ""),
        ("until", wanted.until.isoformat() if wanted.until else ""),
    )
    return address(request, name, {key: value for key, value in known if value})
