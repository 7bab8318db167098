"""Every page that is only looked at, as the addresses that each person asks for: with real keys, and every filter."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from docaxis.domain.indicators import INDICATORS
from docaxis.domain.people import Role
from docaxis.hub.views.lists import RECEIVED_STATES, SENT_STATES
from docaxis.web.auditor.kinds import KINDS, RESULTS
from docaxis.wiring.pages import AREAS
from tests.bench.million import ENDPOINTS
from tests.bench.page_keys import ClerkKeys, Keys
from tests.bench.page_octets import ATTACHMENT

PATHS = {page.name: page.path for area in AREAS for page in area.pages if not page.acts}
LEFT_OUT = {
    "changes": "a stream; `--streams` measures it",
    "components": "there on test data only",
    "verify-stream": "a stream; the check that it tells of is measured by itself",
    "signin-oidc": "leads to an identity provider",
    "signin-oidc-back": "comes from an identity provider",
    "signin-link": "a link that holds once",
}
"""Pages that are not asked for, and why."""

MONTH = "2026-10"
_SPAN = {"since": "2026-09-01", "until": "2026-10-20"}
_PART = re.compile(r"\{(\w+)[^}]*\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page with what it is asked about: addresses are asked for one after the other, and again from the first."""

    page: str
    about: str
    addresses: Sequence[str]
    status: int = 200


def address(name: str, query: Iterable[tuple[str, object]] = (), **parts: object) -> str:
    """Return the address of a page."""
    return _address(name, query, parts)


def _address(name: str, query: Iterable[tuple[str, object]], parts: Mapping[str, object]) -> str:
    path = _PART.sub(lambda found: _written(parts[found[1]]), PATHS[name])
    written = urlencode([(key, _written(value)) for key, value in query])
    return f"{path}?{written}" if written else path


def _written(value: object) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


def _one(
    name: str, about: str = "", status: int = 200, query: Mapping[str, object] | None = None, **parts: object
) -> Asked:
    return Asked(name, about, [_address(name, (query or {}).items(), parts)], status)


def _each(name: str, about: str, part: str, values: Iterable[object], status: int = 200, **parts: object) -> Asked:
    return Asked(name, about, [_address(name, (), {part: value, **parts}) for value in values], status)


def _words(name: str, about: str, field: str, values: Iterable[object], **query: object) -> Asked:
    return Asked(name, about, [_address(name, [(field, value), *query.items()], {}) for value in values])


def of_anybody(keys: Keys) -> Iterator[Asked]:
    """Yield what needs no account."""
    for name in ("help", "accessibility", "signin", "check-form", "openapi", "api"):
        yield _one(name)
    yield _one("check", "to everybody", code=keys.circular)
    yield _each("check", "receipts of the whole year", "code", [one["document_key"] for one in keys.documents])


def of_role(role: Role) -> Iterator[Asked]:
    """Yield what everybody has who has signed in; what is counted stands at levels for all but clerks."""
    for name in ("shortcuts", "account", "indicators"):
        yield _one(name)
    yield _one("indicators", "a month", query={"period": MONTH})
    for form in ("csv", "json"):
        yield _one("indicators-file", f"{form}, a month", query={"period": MONTH}, form=form)
    yield _each("indicators-one", "each of them", "indicator", INDICATORS)
    if role is not Role.CLERK:
        yield _one("home", "leads on", 303)


def of_clerk(keys: Keys, own: ClerkKeys, other: str, *, whole: bool) -> Iterator[Asked]:
    """Yield a clerk's pages; other is an agency that is often written to. Not whole: those that grow with the agency."""
    yield _one("home")
    yield from (one for one in _lists(keys, other) if whole or "all filters" not in one.about)
    yield from _searches(keys, other)
    yield from (one for one in _documents(keys, own) if whole or one.page in {"document", "delivery"})
    if not whole:
        yield _one("register")
        return
    yield from _acts(own)
    for name in ("views", "compose", "verify-file", "register", "register-print", "register-csv"):
        yield _one(name)
    yield _words("register", "words", "q", keys.common)
    yield _one("register", "a later page", query={"below": 10_000})
    yield _each("register-entry", "", "number", range(1, 21), year=own.year)
    yield _words("compose-agencies", "found by name", "find", ["ha noi", "ubnd", "bo", "so y te", "xa"])
    yield _words("compose", "the reply to a received one", "reply", own.received)
    yield _words("compose", "the update of a sent one", "update", own.sent)
    yield _one("compose-draft", draft_id=own.open_draft)
    yield _one("compose-sent", "", 303, draft_id=own.sent_draft)


def _lists(keys: Keys, other: str) -> Iterator[Asked]:
    for name, states in (("sent", SENT_STATES), ("received", RECEIVED_STATES)):
        for state in states:
            yield _one(name, state, query={"state": state})
            yield _words(
                name, f"{state}, all filters", "q", keys.common, state=state, **_SPAN, **{"with": other}, urgency=1
            )
        yield _one(name, "with an agency", query={"with": other})
        yield _one(name, "of seven weeks", query=dict(_SPAN))
        yield _one(name, "urgent", query={"urgency": 1})
        yield _one(name, "200 rows", query={"size": 200})
        yield _words(name, "a common word", "q", keys.common)
        yield _words(name, "a word in one document", "q", keys.rare)
        yield _words(name, "a number", "q", keys.numbers)


def _searches(keys: Keys, other: str) -> Iterator[Asked]:
    yield _words("search", "a common word", "q", keys.common)
    yield _one("search", "a word in every document", query={"q": "ve viec"})
    yield _words("search", "a word in one document", "q", keys.rare)
    yield _words("search", "a number", "q", keys.numbers)
    yield _words(
        "search", "operators", "q", [f"{one} from:{other} status:overdue after:2026-09-01" for one in keys.common]
    )


def _documents(keys: Keys, own: ClerkKeys) -> Iterator[Asked]:
    for about, found in (
        ("newest sent", own.sent),
        ("sent in the whole year", own.old),
        ("newest received", own.received),
    ):
        yield _each("document", about, "key", found)
    yield _each("document-table", "newest sent", "key", own.sent)
    yield Asked(
        "document-entry", "", [address("document-entry", key=key, event_id=event) for key, event in own.entries]
    )
    yield Asked("delivery", "", [address("delivery", key=key, organ_id=organ) for key, organ in own.pairs])
    # What was accepted leads to its document.
    yield _each("submission", "", "submission_id", own.sent, 303)
    for name in ("package", "package-octets", "receipt", "receipt-pdf", "receipt-signed"):
        yield _each(name, "newest sent", "key", own.sent)
    yield _each("attachment", "newest sent", "key", own.sent, content_id=ATTACHMENT)


def _acts(own: ClerkKeys) -> Iterator[Asked]:
    yield _each("recall", "newest sent", "key", own.sent)
    for name, found in own.by_act.items():
        if found:
            yield _each(name, "", "key", found)


def of_the_circular(keys: Keys) -> Iterator[Asked]:
    """Yield the pages of the one document that went to all agencies, for its sender."""
    key = keys.circular
    about = "to everybody"
    yield _one("document", about, key=key)
    for name in ("late", "refused", "waiting"):
        yield _one("document", f"{about}: {name}", query={"state": name}, key=key)
    yield _one("document", f"{about}: all levels open", key=key, query={"open": "communal"})
    yield _words_of("document", f"{about}: words", ["ha noi", "xa", "bo"], key)
    for name in ("document-table", "package", "receipt", "receipt-pdf", "receipt-signed", "remind", "recall"):
        yield _one(name, about, key=key)
    yield _one("submission", about, 303, submission_id=key)
    yield _each("delivery", about, "organ_id", [f"A{number:04d}" for number in range(1, 3000, 150)], key=key)


def _words_of(name: str, about: str, words: Iterable[str], key: UUID) -> Asked:
    return Asked(name, about, [address(name, [("q", one)], key=key) for one in words])


def of_auditor(keys: Keys, agencies: Sequence[str], *, all_agencies: bool = True) -> Iterator[Asked]:
    """Yield an auditor's pages; agencies are some of the mandate, and the single entries are anybody's."""
    yield _one("log")
    yield _one("log", "a week", query={"first": "2026-10-12", "last": "2026-10-18"})
    yield _words("log", "an agency", "agency", agencies)
    yield _words("log", "an agency, seven weeks", "agency", agencies, first="2026-09-01", last="2026-10-20")
    for kind in KINDS:
        yield _one("log", f"kind {kind}", query={"kind": kind})
    for result in RESULTS:
        yield _one("log", f"result {result}", query={"result": result})
    for about, found in pasted(keys).items():
        yield _words("log", f"pasted: {about}", "q", found)
        yield _words("log-recognise", about, "q", found)
    entries = [one["event_id"] for one in keys.entries]
    if all_agencies:
        yield _each("log-entry", "", "event_id", entries)
        yield _words("log", "an entry at the side", "entry", entries)
    yield _one("verify")
    yield _one("exports")


def pasted(keys: Keys) -> dict[str, Sequence[str]]:
    """Return every kind of word that can be pasted into the log's box."""
    documents, entries = keys.documents, keys.entries
    return {
        "a number and notation": keys.numbers,
        "a number alone": [one["code_number"] for one in documents],
        "a document's id": [one["document_id"] for one in documents],
        "a message's id": [one["document_id"] for one in documents],
        "a package's digest": [one["digest"] for one in documents],
        "a signer's fingerprint": [one["signer"] for one in documents],
        "a serial number": [f"{number:x}:{number + 64:x}:{number + 96:x}" for number in range(16, 36)],
        "an event's id": [str(one["event_id"]) for one in entries],
        "a leaf hash": [one["leaf_hash"] for one in entries],
        "a place": [f"{one['leaf_index']:,}" for one in entries],
        "what is nowhere": [f"{number:064x}" for number in range(20)],
    }


def of_operator(keys: Keys) -> Iterator[Asked]:
    """Yield what only the operator has."""
    for name in ("board", "board-figures", "queues", "endpoints", "connections", "quarantine"):
        yield _one(name)
    yield _words("queues", "words", "q", ["e1", "ingress"])
    yield _words("endpoints", "words", "q", ["dau moi 1", "e69"])
    yield _each("endpoint", "", "endpoint", [f"e{number}" for number in range(0, ENDPOINTS, 35)])
    yield _each("quarantine-message", "", "event_id", keys.quarantined)


def of_administrator(keys: Keys) -> Iterator[Asked]:
    """Yield what only the administrator has."""
    for name in ("people", "person-add", "configuration"):
        yield _one(name)
    yield _each("person", "", "person", keys.people)


def of_both(keys: Keys) -> Iterator[Asked]:
    """Yield what operator and administrator have alike."""
    for name in (
        "directory", "directory-new", "proposals", "proposals-anchor", "proposals-binding", "proposals-retention",
    ):  # fmt: skip
        yield _one(name)
    yield _one("proposals-removal", "of no anchor", 404)
    yield _words("directory", "words", "q", ["ha noi", "ubnd xa", "bo"])
    yield _one("directory", "communal", query={"level": "communal"})
    for name in ("agency", "agency-edit", "agency-ending"):
        yield _each(name, "", "organ_id", [f"A{number:04d}" for number in range(0, 3000, 150)])
    yield _one("proposal", proposal_id=keys.proposal)
