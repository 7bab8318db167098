"""A route while it is being made: addressees judged one by one, repeats merged, refusals gathered."""

from dataclasses import dataclass, field
from datetime import date

from docaxis.domain.directory import Directory
from docaxis.domain.judge import Judgement, Refusal, Sender, judge, look
from docaxis.domain.lists import expand
from docaxis.domain.organ import Agency, parse_organ_id
from docaxis.domain.route import Note, NoteKind, Notice, Resolved, Route
from docaxis.domain.rules import DistributionList, NoticeRule, Policy, Rule
from docaxis.domain.succession import Succession, Unresolved, settle
from docaxis.domain.verdict import Place, Reason, Rejection

HEADER_PATH = "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader"
"""Where the addresses stand in a package of variant A."""
_REFUSED_SHOWN = 20
"""Refused addressees named in a detail; the rest is a number, since a list can hold thousands."""


@dataclass(frozen=True, slots=True)
class _Refused:
    position: int
    written: str
    reason: Reason
    facts: str

    def __str__(self) -> str:
        return f"To[{self.position}] {self.written} {self.reason} {self.facts}".rstrip()


@dataclass(slots=True)
class Draft:
    """Gathers what `route` decides; filled by one `add` for each `To`, then read by `rejection` or `route`."""

    sender: Sender
    directory: Directory
    policy: Policy
    on: date
    chosen: dict[str, tuple[Resolved, Judgement]] = field(default_factory=dict)
    refused: list[_Refused] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    matched: dict[tuple[object, ...], Rule | None] = field(default_factory=dict)
    exact: bool = field(init=False)

    def __post_init__(self) -> None:
        """Note whether rules must be asked anew for every addressee."""
        self.exact = self.policy.names_addressees()

    def add(self, position: int, written: str) -> None:
        """Take one `To/OrganId` as written, an agency's code or a list's."""
        code = parse_organ_id(written)
        agency = None if code is None else self.directory.find(code)
        if code is None or agency is None:
            listed = None if code is None else self.policy.find_list(code)
            if code is None or listed is None:
                self.refused.append(_Refused(position, shown(written), Reason.RTE_ADDRESSEE_UNKNOWN, ""))
            else:
                self._add_list(position, code, *listed)
            return
        settled = settle(agency, self.directory, self.on)
        if isinstance(settled, Unresolved):
            self.refused.append(_Refused(position, code, settled.reason, settled.facts))
            return
        judged = self._judge(settled[0], ())
        if isinstance(judged, Refusal):
            self.refused.append(_Refused(position, code, judged.reason, judged.facts))
            return
        self._choose(code, judged, settled[1], from_list="")

    def _judge(self, agency: Agency, list_codes: tuple[str, ...]) -> Judgement | Refusal:
        view = look(self.sender, agency, list_codes, self.directory, self.on)
        if self.exact:
            return judge(view, self.policy.first_match(view.facts(self.sender)))
        # The same kind of addressee meets the same rule: asked once a kind, not once for each of 3,321 communes.
        kind = (
            agency.level,
            agency.branch,
            view.relation,
            view.connection,
            view.direction,
            bool(view.skipped),
            list_codes,
        )
        if kind not in self.matched:
            self.matched[kind] = self.policy.first_match(view.facts(self.sender))
        return judge(view, self.matched[kind])

    def _add_list(self, position: int, code: str, wanted: DistributionList, of: str) -> None:
        expansion = expand(wanted, of, self.directory, self.on)
        if isinstance(expansion, Unresolved):
            self.refused.append(_Refused(position, code, expansion.reason, expansion.facts))
            return
        self.notes += [Note(NoteKind.MEMBER_CLOSED, code, facts) for facts in expansion.closed]
        for agency, succession in expansion.members:
            if agency.organ_id == self.sender.agency.organ_id:
                self.notes.append(Note(NoteKind.SENDER_LEFT_OUT, code, agency.organ_id))
                continue
            judged = self._judge(agency, expansion.codes)
            if isinstance(judged, Judgement):
                self._choose(code, judged, succession, from_list=code)
            elif judged.reason is Reason.RTE_NOT_CONNECTED and wanted.leave_out_unreachable:
                self.notes.append(Note(NoteKind.MEMBER_UNREACHABLE, code, agency.organ_id))
            else:
                self.refused.append(_Refused(position, f"{code}/{agency.organ_id}", judged.reason, judged.facts))

    def _choose(self, written: str, judged: Judgement, succession: Succession | None, *, from_list: str) -> None:
        view = judged.view
        organ_id = view.agency.organ_id
        new = Resolved(written, organ_id, view.endpoint, judged.rule.name, view.via, succession, from_list)
        if succession is not None:
            self.notes.append(Note(NoteKind.SUCCEEDED, succession.closed, f"{organ_id} since {succession.closed_on}"))
        held = self.chosen.get(organ_id)
        if held is None:
            self.chosen[organ_id] = new, judged
            return
        kept, dropped = sorted((held[0], new), key=_preference)
        if kept is new:
            self.chosen[organ_id] = new, judged
        if not dropped.from_list:
            self.notes.append(Note(NoteKind.MERGED, dropped.addressed_as, organ_id))

    def rejection(self) -> Rejection:
        """Return the refusal of the whole package: code and place of the first, all named up to the limit."""
        first = self.refused[0]
        named = "; ".join(map(str, self.refused[:_REFUSED_SHOWN]))
        more = len(self.refused) - _REFUSED_SHOWN
        detail = f"{named}; +{more}" if more > 0 else named
        return Rejection(first.reason, detail, Place(f"{HEADER_PATH}/To[{first.position}]/OrganId"))

    def route(self) -> Route:
        """Return the route with its notices."""
        notices = self._notices()
        addressees = tuple(resolved for resolved, _ in self.chosen.values())
        return Route(self.sender.agency.organ_id, addressees, notices, tuple(self.notes))

    def _notices(self) -> tuple[Notice, ...]:
        told: dict[tuple[str, str], tuple[bool, list[str]]] = {}
        for organ_id, (_, judged) in self.chosen.items():
            if judged.rule.notice is NoticeRule.SKIPPED_LEVELS:
                for agency in judged.view.skipped:
                    # Who gets the document itself needs no notice of it.
                    if agency.organ_id not in self.chosen:
                        key = agency.organ_id, judged.rule.name
                        told.setdefault(key, (judged.rule.notice_content, []))[1].append(organ_id)
        notices = []
        for (organ_id, rule), (content, about) in told.items():
            reached = self.directory.connected(organ_id, self.on)
            if reached is None:
                self.notes.append(Note(NoteKind.NOTICE_UNREACHABLE, organ_id, rule))
            else:
                notices.append(Notice(organ_id, reached[0], content, rule, tuple(about)))
        return tuple(notices)


def shown(text: str) -> str:
    """Return a foreign text as it may stand in a detail: printable ASCII, 80 characters at most."""
    return ascii(text[:40])[1:-1][:80]


def _preference(resolved: Resolved) -> tuple[bool, bool, str]:
    """Order two ways of naming one addressee, whatever comes first in the header: by name before by list."""
    return bool(resolved.from_list), resolved.succession is not None, resolved.addressed_as
