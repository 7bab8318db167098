"""What the log's entries mean to one endpoint: changes of documents that it sent or received, in codes and keys. Pure.

A document's sender is told of every addressee; an addressee of its own copies only, and of nothing that happened before its
copy had left the hub: a document that was taken back in time has never existed for it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any
from uuid import UUID

import structlog

from docaxis.hub.change_facts import Entry, Facts, Origin, Range

log = structlog.get_logger(__name__)

Change = Mapping[str, Any]


def documents_of(entries: Iterable[Entry]) -> set[UUID]:
    """Return the documents that entries name by their keys."""
    keys = {one.document_key for one in entries if one.document_key}
    for one in entries:
        if one.kind in _MOVES:
            keys |= {key for key, _ in _named(one)}
        keys |= {key for key, *_ in _effects(one)}
    return keys


def ranges_of(entries: Iterable[Entry]) -> set[Range]:
    """Return the sequence numbers by which entries name copies."""
    return {wanted for one in entries if one.kind in _MOVES for wanted in _ranges(one)}


def changes_of(entry: Entry, facts: Facts) -> list[tuple[str, Change]]:
    """Return (endpoint, change) for each of the endpoints that an entry concerns; one change a document and endpoint.

    An entry that cannot be understood concerns nobody and is logged: it must not hold up those behind it.
    """
    tell = _TELLINGS.get(entry.kind)
    if tell is None:
        return []
    try:
        return [one for told in tell(entry, facts) for one in _addressed(entry, told, facts)]
    except (KeyError, TypeError, ValueError):
        log.exception("entry of the log not understood; nobody is told of it", leaf_index=entry.leaf_index)
        return []


@dataclass(frozen=True, slots=True)
class _Told:
    """What an entry says of one document: to its sender all of it, to addressees what is `open` and their own."""

    document_key: UUID | None
    addressees: Sequence[Mapping[str, Any]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    open: bool = True
    """Whether addressees are told at all."""
    kind: str = ""
    """The type of the change where it is not that of the event."""
    endpoint: str = ""
    """Whom to tell where there is no document: who submitted it."""


_Telling = Callable[[Entry, Facts], Iterator[_Told]]


def _addressed(entry: Entry, told: _Told, facts: Facts) -> Iterator[tuple[str, Change]]:
    if told.endpoint:
        if told.endpoint in facts.endpoints:
            yield told.endpoint, {**_head(entry, told, None, "sender"), **told.more}
        return
    origin = facts.origin(told.document_key)
    if origin is None:
        return
    if origin.endpoint in facts.endpoints:
        everyone = [_shown(one) for one in told.addressees]
        yield origin.endpoint, {**_head(entry, told, origin, "sender"), "addressees": everyone, **told.more}
    if not told.open:
        return
    theirs: dict[str, list[Mapping[str, Any]]] = {}
    for one in told.addressees:
        if one["endpoint"] in facts.endpoints and one["endpoint"] != origin.endpoint and not one.get(_HIDDEN):
            theirs.setdefault(one["endpoint"], []).append(_shown(one))
    for endpoint, own in theirs.items():
        yield endpoint, {**_head(entry, told, origin, "addressee"), "addressees": own, **told.more}


def _head(entry: Entry, told: _Told, origin: Origin | None, role: str) -> dict[str, Any]:
    key = origin.document_key.hex if origin else ""
    head: dict[str, Any] = {
        "id": f"{entry.leaf_index}-{key}".rstrip("-"),
        "type": told.kind or entry.kind,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "leaf_index": entry.leaf_index,
        "event_hash": entry.event_hash,
        "role": role,
    }
    if origin:
        head["document"] = {"key": key, "sender": origin.sender, "id": origin.document_id}
    return head


_HIDDEN = "hidden"
"""Set on an addressee whose copy has not left the hub: its sender is told, it is not."""


def _shown(addressee: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in addressee.items() if name != _HIDDEN}


def _accepted(entry: Entry, facts: Facts) -> Iterator[_Told]:
    addressees = [
        {"organ": organ, "endpoint": endpoint, "state": state}
        for organ, endpoint, _, state, *_ in entry.body["addressees"]
    ]
    # Addressees learn of the document by its dispatch.
    yield _Told(entry.document_key, addressees, _some(entry, "business_type"), open=False)
    # What an update or a replacement does to an earlier document is a change of that one.
    for told in _taken_back(entry, facts):
        yield replace(told, kind=AFFECTED)


def _moved(entry: Entry, facts: Facts) -> Iterator[_Told]:
    copies = [one for key, endpoints in _named(entry) for one in facts.copies(key) if one.endpoint in endpoints]
    copies += [one for wanted in _ranges(entry) for one in facts.within(wanted)]
    of: dict[UUID, list[Mapping[str, Any]]] = {}
    for one in dict.fromkeys(sorted(copies)):
        of.setdefault(one.document_key, []).append({"organ": one.organ_id, "endpoint": one.endpoint})
    for document_key, addressees in of.items():
        yield _Told(document_key, addressees)


def _status(entry: Entry, facts: Facts) -> Iterator[_Told]:
    if entry.document_key is None:
        return
    theirs = [one for one in facts.copies(entry.document_key) if one.organ_id == entry.body["organ"]]
    more = {"author": entry.body["author"], "code": _code(entry.body["code"]), "applied": bool(entry.body["applied"])}
    if "current" in entry.body:
        more["current"] = _code(entry.body["current"])
    addressees = [{"organ": one.organ_id, "endpoint": one.endpoint} for one in theirs]
    yield _Told(entry.document_key, addressees, more)


def _taken_back(entry: Entry, _facts: Facts) -> Iterator[_Told]:
    of: dict[UUID, list[Mapping[str, Any]]] = {}
    for key, organ, endpoint, act in _effects(entry):
        one = {"organ": organ, "endpoint": endpoint, "act": act, _HIDDEN: act == "withdrawn"}
        of.setdefault(key, []).append(one)
    for key, addressees in of.items():
        yield _Told(key, addressees)


def _given_back(entry: Entry, _facts: Facts) -> Iterator[_Told]:
    addressees = [{"organ": organ, "endpoint": endpoint} for organ, endpoint, *_ in entry.body["withdrawn"]]
    yield _Told(entry.document_key, addressees)


def _missed(entry: Entry, facts: Facts) -> Iterator[_Told]:
    left = _left(entry, facts)
    addressees = []
    for organ, endpoint, *verdict in entry.body["addressees"]:
        one: dict[str, Any] = {"organ": organ, "endpoint": endpoint}
        if verdict:
            one |= {"cause": verdict[0], "attributable": bool(verdict[1])}
        addressees.append(one | {_HIDDEN: organ not in left})
    duty = {"duty": entry.body["kind"]} if "kind" in entry.body else {}
    yield _Told(entry.document_key, addressees, duty | _some(entry, "due_at", "noticed_at"))


def _submitted(entry: Entry, _facts: Facts) -> Iterator[_Told]:
    more = {"digest": entry.body["package"], **_some(entry, "code", "repeats")}
    if place := entry.body.get("at"):
        more["place"] = place
    yield _Told(None, more=more, endpoint=entry.body["endpoint"])


_KEY = re.compile("[0-9a-f]{32}")
_MOVES = frozenset({"copies:dispatched", "copies:fetched"})
_TELLINGS: Mapping[str, _Telling] = {
    "document:accepted": _accepted,
    "status:accepted": _status,
    "recall:accepted": _taken_back,
    "deadline:missed": _missed,
    "deadline:reminded": _missed,
    "person:reminded": _missed,
    "document:expired": _missed,
    "copies:withdrawn": _given_back,
    "submission:rejected": _submitted,
    "submission:deferred": _submitted,
    "submission:repeated": _submitted,
    **dict.fromkeys(sorted(_MOVES), _moved),
}
KINDS = frozenset(_TELLINGS)
"""The kinds of events that anybody is told of."""
AFFECTED = "document:affected"
"""The type of a change that is no event of its own: an update or a replacement concerns an earlier document."""


def _items(entry: Entry) -> Iterable[Sequence[Any]]:
    """Return what a `copies:<verb>` event lists under its verb: [document key, [endpoints]], or a range."""
    listed = entry.body.get(entry.kind.partition(":")[2], ())
    return listed if isinstance(listed, list) else ()


def _named(entry: Entry) -> Iterator[tuple[UUID, Sequence[str]]]:
    for one in _items(entry):
        match one:
            case [str(key), list(endpoints)] if _KEY.fullmatch(key):
                yield UUID(key), endpoints


def _effects(entry: Entry) -> Iterator[tuple[UUID, str, str, str]]:
    listed = entry.body.get("effects", ())
    for one in listed if isinstance(listed, list) else ():
        match one:
            case [str(key), str(organ), str(endpoint), str(act)] if _KEY.fullmatch(key):
                yield UUID(key), organ, endpoint, act


def _ranges(entry: Entry) -> Iterator[Range]:
    for one in _items(entry):
        match one:
            case [str(endpoint), str(lane), int(first), int(last)]:
                yield Range(endpoint, lane, first, last)


def _left(entry: Entry, facts: Facts) -> frozenset[str]:
    """Return the organs whose copies have left the hub and were not taken back."""
    copies = facts.copies(entry.document_key) if entry.document_key else ()
    return frozenset(one.organ_id for one in copies if one.state == "dispatched")


def _some(entry: Entry, *names: str) -> dict[str, Any]:
    return {name: entry.body[name] for name in names if entry.body.get(name) is not None}


def _code(code: int | str) -> str:
    return f"{code:02d}" if isinstance(code, int) else code
