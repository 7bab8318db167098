"""Why a document from one agency to another would go where it goes: rules, facts, endpoint, succession."""

from dataclasses import dataclass, replace
from datetime import date

from docaxis.domain.directory import Directory
from docaxis.domain.draft import shown
from docaxis.domain.judge import Judgement, Sender, View, judge, look
from docaxis.domain.lists import expand
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.routing import find_sender
from docaxis.domain.rules import Facts, NoticeRule, Policy, Rule
from docaxis.domain.succession import Succession, Unresolved, settle
from docaxis.domain.verdict import Reason, Rejection


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule looked at: matched or not and why; None when an earlier rule had decided already."""

    rule: str
    matched: bool | None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer of `docaxis route explain`; `refusal` is empty when the document would be delivered."""

    sender: str
    addressed_as: str
    on: date
    policy: str
    organ_id: str = ""
    name: str = ""
    from_list: str = ""
    succession: Succession | None = None
    endpoint: str = ""
    via: str = ""
    rule: str = ""
    refusal: str = ""
    facts: str = ""
    notices: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the explanation for JSON, days as `yyyy-mm-dd`."""
        heir = self.succession
        return {
            "from": self.sender,
            "to": self.addressed_as,
            "on": self.on.isoformat(),
            "policy": self.policy,
            "organ_id": self.organ_id,
            "name": self.name,
            "list": self.from_list,
            "succession": None if heir is None else {"closed": heir.closed, "successor": heir.successor},
            "endpoint": self.endpoint,
            "via": self.via,
            "rule": self.rule,
            "refusal": self.refusal,
            "facts": self.facts,
            "notices": list(self.notices),
            "rules": [{"rule": one.rule, "matched": one.matched, "why": list(one.why)} for one in self.trials],
        }

    def lines(self) -> tuple[str, ...]:
        """Return the explanation for people, one statement a line."""
        told = [f"{self.sender} -> {self.addressed_as} on {self.on}, policy {self.policy}"]
        if self.organ_id:
            told.append(f"addressee: {self.organ_id} {self.name}")
        if self.succession is not None:
            told.append(f"succession: {self.succession.closed} closed {self.succession.closed_on}, now {self.organ_id}")
        marks = {True: "match", False: "no   ", None: "-    "}
        told += [
            f"  {marks[one.matched]} {one.rule}" + (f": {'; '.join(one.why)}" if one.why else "") for one in self.trials
        ]
        if self.refusal:
            told.append(f"refused: {self.refusal} {self.facts}".rstrip())
            return tuple(told)
        carried = f"carried by {self.via}, its nearest connected ancestor" if self.via else "its own endpoint"
        told.append(f"delivered to {self.endpoint} ({carried}) by rule {self.rule}")
        told += [f"notice to {organ_id}, the level passed over" for organ_id in self.notices]
        return tuple(told)


def explain(
    sender: str, addressee: str, directory: Directory, policy: Policy, on: date, *, priority: int = 0
) -> tuple[Explanation, ...]:
    """Explain one addressee, or every member of a list in its order; never raises and never answers nothing."""
    blank = Explanation(shown(sender), shown(addressee), on, policy.name)
    found = find_sender(sender, directory, on)
    if isinstance(found, Rejection):
        return (replace(blank, refusal=found.code, facts=found.detail),)
    blank = replace(blank, sender=found.organ_id)
    side = Sender.of(found, priority, directory, on)
    code = parse_organ_id(addressee)
    agency = None if code is None else directory.find(code)
    listed = None if code is None or agency is not None else policy.find_list(code)
    if listed is not None:
        expansion = expand(*listed, directory, on)
        if isinstance(expansion, Unresolved):
            return (replace(blank, refusal=expansion.reason, facts=expansion.facts),)
        named = replace(blank, from_list=expansion.codes[0])
        # The sender itself is left out of a list, as `route` does.
        told = tuple(
            _explain_one(
                replace(named, succession=heir), side, look(side, agency, expansion.codes, directory, on), policy
            )
            for agency, heir in expansion.members
            if agency is not found
        )
        return told or (replace(named, refusal=Reason.RTE_NO_ADDRESSEE, facts=found.organ_id),)
    settled = Unresolved(Reason.RTE_ADDRESSEE_UNKNOWN) if agency is None else settle(agency, directory, on)
    if isinstance(settled, Unresolved):
        return (replace(blank, refusal=settled.reason, facts=settled.facts),)
    view = look(side, settled[0], (), directory, on)
    return (_explain_one(replace(blank, succession=settled[1]), side, view, policy),)


def _explain_one(blank: Explanation, side: Sender, view: View, policy: Policy) -> Explanation:
    facts = view.facts(side)
    rule = policy.first_match(facts)
    judged = judge(view, rule)
    delivered = isinstance(judged, Judgement)
    return replace(
        blank,
        organ_id=view.agency.organ_id,
        name=view.agency.name,
        endpoint=view.endpoint,
        via=view.via,
        rule="" if rule is None else rule.name,
        refusal="" if isinstance(judged, Judgement) else judged.reason,
        facts="" if isinstance(judged, Judgement) else judged.facts,
        notices=_told(rule, view) if rule is not None and delivered else (),
        trials=_trials(policy, facts),
    )


def _told(rule: Rule, view: View) -> tuple[str, ...]:
    return tuple(agency.organ_id for agency in view.skipped) if rule.notice is NoticeRule.SKIPPED_LEVELS else ()


def _trials(policy: Policy, facts: Facts) -> tuple[Trial, ...]:
    trials: list[Trial] = []
    decided = False
    for rule in policy.rules:
        if decided:
            trials.append(Trial(rule.name, None))
            continue
        decided = rule.matches(facts)
        # A matching rule is explained by all its conditions, another by those that fail.
        why = tuple(
            f"{one.fact} is {'|'.join(facts[one.fact]) or 'none'}"
            + ("" if decided else f", needs {'|'.join(sorted(one.values))}")
            for one in rule.conditions
            if decided or not one.holds(facts)
        )
        trials.append(Trial(rule.name, decided, why))
    return tuple(trials)
