"""The figures counted again, slowly, from nothing but the events (octets, and whose document) and the directory.

It shares no code with the queries: days, shares, medians and levels are worked out here by other means.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from docaxis.domain.directory import Directory

VIETNAM_AHEAD = timedelta(hours=7)
Body = Mapping[str, Any]
WORK = {"01", "02", "03", "04", "05", "06"}


class Copy:
    """What the events say of one addressee's copy."""

    def __init__(self, organ: str, endpoint: str, lane: str, state: str, sequence: int) -> None:
        self.organ, self.endpoint, self.lane, self.state, self.sequence = organ, endpoint, lane, state, sequence
        self.codes: list[tuple[str, datetime]] = []
        self.miss: bool | None = None

    def first(self, code: str) -> datetime | None:
        return min((at for seen, at in self.codes if seen == code), default=None)


class Document(NamedTuple):
    sender: str
    signer: str
    paper: bool
    at: datetime
    copies: dict[str, Copy]


class Recount:
    """Everything that the events tell, then one method for each figure; days are those of Vietnam, both counted."""

    def __init__(self, events: Iterable[tuple[UUID | None, bytes]], directory: Directory) -> None:
        self.directory = directory
        self.documents: dict[str, Document] = {}
        self.packages: list[tuple[date, str, str]] = []
        self.fetched: list[tuple[datetime, str, str, int, int]] = []
        read = [(json.loads(octets), key.hex if key else "") for key, octets in events]
        for event, key in sorted(read, key=lambda one: (one[0]["at"], one[0]["event_id"])):
            self._take(event["kind"], datetime.fromisoformat(event["at"]), key, event["body"])

    def _take(self, kind: str, at: datetime, key: str, body: Body) -> None:
        if kind in {"document:accepted", "status:accepted", "recall:accepted", "submission:rejected"}:
            arrived = datetime.fromisoformat(body["received_at"])
            self.packages.append((day(arrived), kind, body.get("code", "") if kind.endswith("rejected") else ""))
        read = {
            "document:accepted": self._accepted,
            "status:accepted": self._told,
            "copies:dispatched": self._dispatched,
            "copies:fetched": self._fetched,
            "copies:withdrawn": self._withdrawn,
            "document:expired": self._expired,
            "deadline:missed": self._missed,
        }
        if kind in read:
            read[kind](at, key, body)
        for concerned, organ, _, act in body.get("effects", ()):
            if act == "withdrawn":
                self._become([self.documents[concerned].copies[organ]], "withdrawn")

    def _accepted(self, at: datetime, key: str, body: Body) -> None:
        copies = {
            organ: Copy(organ, endpoint, body["lane"], state, sequence)
            for organ, endpoint, _, state, sequence in body["addressees"]
        }
        self.documents[key] = Document(body["sender"], body["signer"], body["paper"], at, copies)

    def _told(self, at: datetime, key: str, body: Body) -> None:
        self.documents[key].copies[body["organ"]].codes.append((body["code"], at))

    def _dispatched(self, at: datetime, key: str, body: Body) -> None:
        for sent, endpoints in body["dispatched"]:
            self._become([c for c in self.documents[sent].copies.values() if c.endpoint in endpoints], "dispatched")

    def _fetched(self, at: datetime, key: str, body: Body) -> None:
        self.fetched += [(at, *part) for part in body["fetched"]]

    def _withdrawn(self, at: datetime, key: str, body: Body) -> None:
        self._become([self.documents[key].copies[organ] for organ, *_ in body["withdrawn"]], "withdrawn")

    def _expired(self, at: datetime, key: str, body: Body) -> None:
        self._become([c for c in self.documents[key].copies.values() if c.state == "waiting"], "expired")

    def _missed(self, at: datetime, key: str, body: Body) -> None:
        if body["kind"] == "receipt":
            for organ, _, _, attributable in body["addressees"]:
                self.documents[key].copies[organ].miss = attributable

    def _become(self, copies: Iterable[Copy], state: str) -> None:
        for copy in copies:
            copy.state = state

    def _copies(self) -> Iterable[Copy]:
        return (copy for document in self.documents.values() for copy in document.copies.values())

    # Figures, by any key that a function makes of an agency's code; None leaves the agency out.

    def documents_sent(self, first: date, last: date, key: Any) -> dict[str, tuple[int, int, int]]:
        """Return documents, those without paper, those with a signer."""
        found: defaultdict[str, list[Document]] = defaultdict(list)
        for one in self.documents.values():
            if first <= day(one.at) <= last and key(one.sender) is not None:
                found[key(one.sender)].append(one)
        return {
            k: (len(all_), sum(not d.paper for d in all_), sum(d.signer != "" for d in all_))
            for k, all_ in found.items()
        }

    def copies(self, first: date, last: date, key: Any) -> dict[str, list[tuple[Document, Copy]]]:
        found: defaultdict[str, list[tuple[Document, Copy]]] = defaultdict(list)
        for one in self.documents.values():
            for copy in one.copies.values():
                if first <= day(one.at) <= last and key(copy.organ) is not None:
                    found[key(copy.organ)].append((one, copy))
        return found

    def answers(self, pairs: Iterable[tuple[Document, Copy]]) -> Counter[str]:
        """Count copies by what the duty to answer has come to."""
        told: Counter[str] = Counter()
        for _, copy in pairs:
            if copy.miss is None and any(code in WORK for code, _ in copy.codes):
                told["on time"] += 1
            else:
                told[{None: "open", True: "late", False: "excused"}[copy.miss]] += 1
        return told

    def median(self, pairs: Iterable[tuple[Document, Copy]], start: str, end: str) -> tuple[int, timedelta | None]:
        """Return how many copies have both moments in order, and the middle length (start "": acceptance)."""
        lengths = []
        for document, copy in pairs:
            since, until = copy.first(start) if start else document.at, copy.first(end)
            if since and until and until >= since:
                lengths.append(until - since)
        lengths.sort()
        return len(lengths), lengths[(len(lengths) - 1) // 2] if lengths else None

    def refusals(self, first: date, last: date) -> tuple[Counter[str], int]:
        """Return refusals by code, and all packages decided."""
        there = [(kind, code) for at, kind, code in self.packages if first <= at <= last]
        return Counter(code for kind, code in there if kind == "submission:rejected"), len(there)

    def active(self, first: date, last: date) -> set[str]:
        """Return who sent or took something."""
        active = {one.sender for one in self.documents.values() if first <= day(one.at) <= last}
        for at, endpoint, lane, start, end in self.fetched:
            if first <= day(at) <= last:
                active |= {
                    c.organ for c in self._copies() if within(c, endpoint, lane, start, end) and c.state == "dispatched"
                }
        return active

    def agencies(self, on: date, key: Any, serving: set[str]) -> dict[str, list[tuple[str, bool]]]:
        """Return (code, connected) of the agencies in force, walking up by hand to who is connected."""
        found: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
        for code, agency in self.directory.agencies.items():
            if (agency.valid_from and on < agency.valid_from) or (agency.valid_to and on >= agency.valid_to):
                continue
            above = agency
            while self.directory.connections.get(above.organ_id) is None and above.parent:
                above = self.directory.agencies[above.parent]
            if key(code) is not None:
                found[key(code)].append((code, self.directory.connections.get(above.organ_id) in serving))
        return found


def within(copy: Copy, endpoint: str, lane: str, first: int, last: int) -> bool:
    return (copy.endpoint, copy.lane) == (endpoint, lane) and first <= copy.sequence <= last


def day(at: datetime) -> date:
    return (at.replace(tzinfo=None) - (at.utcoffset() or timedelta()) + VIETNAM_AHEAD).date()
