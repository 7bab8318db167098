"""Routing rules as values: what a rule looks at, what it orders, and the distribution lists beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ANY_LIST = "*"
"""Stands in a rule's `list` condition for "through whatever list"; a named addressee has no list at all."""


class Fact(StrEnum):
    """What a rule can look at; the values are also the keys of the configuration."""

    SENDER = "sender"
    SENDER_WITHIN = "sender_within"
    SENDER_LEVEL = "sender_level"
    SENDER_BRANCH = "sender_branch"
    ADDRESSEE = "addressee"
    ADDRESSEE_WITHIN = "addressee_within"
    ADDRESSEE_LEVEL = "addressee_level"
    ADDRESSEE_BRANCH = "addressee_branch"
    RELATION = "relation"
    DIRECTION = "direction"
    SKIPS_LEVEL = "skips_level"
    CONNECTION = "connection"
    PRIORITY = "priority"
    LIST = "list"


class Relation(StrEnum):
    """How the addressee stands to the sender in the directory's trees."""

    SELF = "self"
    ANCESTOR = "ancestor"
    DESCENDANT = "descendant"
    SAME_TREE = "same_tree"
    """Another agency under the same top agency: in Vietnam, of the same province or the same ministry."""
    UNRELATED = "unrelated"


class Direction(StrEnum):
    """From the sender's level to the addressee's."""

    UP = "up"
    DOWN = "down"
    LEVEL = "level"


class Connection(StrEnum):
    """How the addressee is reached: its own endpoint, an ancestor's, or none."""

    DIRECT = "direct"
    CARRIED = "carried"
    NONE = "none"


class Action(StrEnum):
    """What a rule orders."""

    DIRECT = "direct"
    """To the addressee's own endpoint only; refused as not connected when it has none."""
    CARRY = "carry"
    """To the addressee's own endpoint, else to its nearest connected ancestor's."""
    REFUSE = "refuse"


class NoticeRule(StrEnum):
    """Who else is told."""

    NONE = "none"
    SKIPPED_LEVELS = "skipped-levels"


CLOSED_VALUES: Mapping[Fact, frozenset[str]] = {
    Fact.RELATION: frozenset(Relation),
    Fact.DIRECTION: frozenset(Direction),
    Fact.SKIPS_LEVEL: frozenset(("yes", "no")),
    Fact.CONNECTION: frozenset(Connection),
    Fact.PRIORITY: frozenset("01234"),
}
"""The facts whose values no directory can add to."""


Facts = Mapping[Fact, tuple[str, ...]]
"""What is known of one sender and one addressee: each fact's values, several for `within` and `list`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when the fact has at least one of these values."""

    fact: Fact
    values: frozenset[str]

    def holds(self, facts: Facts) -> bool:
        """Return whether one of the values is there."""
        return not self.values.isdisjoint(facts[self.fact])


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches when all its conditions hold; a rule without conditions always does."""

    name: str
    action: Action
    conditions: tuple[Condition, ...] = ()
    notice: NoticeRule = NoticeRule.NONE
    notice_content: bool = False
    """Whether the level passed over gets the package itself and not only its number, parties and time."""

    def matches(self, facts: Facts) -> bool:
        """Return whether all conditions hold."""
        # A plain loop: `all` over a generator costs three times as much, and this is asked for every addressee.
        for condition in self.conditions:  # noqa: SIM110
            if condition.values.isdisjoint(facts[condition.fact]):
                return False
        return True


@dataclass(frozen=True, slots=True)
class DistributionList:
    """A code in `To/OrganId` that stands for many agencies.

    Members are those named in `members`, and those of `levels`, narrowed by `branches` and by `heads` (the head of its
    level in its tree: not below another agency of the same level). With `of_levels` the code is a family,
    `LIST.COMMUNES` → `LIST.COMMUNES.H41`: the members below that agency, which must be of one of those levels.
    """

    code: str
    name: str = ""
    members: tuple[str, ...] = ()
    levels: frozenset[str] = field(default_factory=frozenset)
    branches: frozenset[str] = field(default_factory=frozenset)
    heads: bool = False
    of_levels: frozenset[str] = field(default_factory=frozenset)
    leave_out_unreachable: bool = False
    """Deliver to the others and tell who was left out; the default refuses the package, so that nobody is missed."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in order, first match wins, nothing matched is refused; and the lists by code."""

    name: str
    rules: tuple[Rule, ...]
    lists: Mapping[str, DistributionList] = field(default_factory=dict)

    def names_addressees(self) -> bool:
        """Return whether a rule looks at who exactly is addressed, and not only at what kind of agency it is."""
        exact = (Fact.ADDRESSEE, Fact.ADDRESSEE_WITHIN)
        return any(condition.fact in exact for rule in self.rules for condition in rule.conditions)

    def first_match(self, facts: Facts) -> Rule | None:
        """Return the rule that decides, None when none matches."""
        for rule in self.rules:
            if rule.matches(facts):
                return rule
        return None

    def find_list(self, code: str) -> tuple[DistributionList, str] | None:
        """Return the list of this code, and the agency code after that of a family (else an empty string)."""
        whole = self.lists.get(code)
        if whole is not None and not whole.of_levels:
            return whole, ""
        at = code.find(".")
        while at > 0:
            family = self.lists.get(code[:at])
            if family is not None and family.of_levels:
                return family, code[at + 1 :]
            at = code.find(".", at + 1)
        return None
