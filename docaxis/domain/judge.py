"""One sender, one addressee: gather the facts that rules look at, and let the first matching rule decide."""

from dataclasses import dataclass
from datetime import date

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency
from docaxis.domain.rules import ANY_LIST, Action, Connection, Direction, Fact, Facts, Relation, Rule
from docaxis.domain.verdict import Reason

NO_RULE = "(no rule)"
"""Named in a refusal where nothing matched: what no rule allows is forbidden."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The sending agency with what every addressee is compared to, worked out once."""

    agency: Agency
    rank: int
    above: tuple[Agency, ...]
    line: frozenset[str]
    """Its own code and those of its ancestors."""
    top: str
    facts: Facts

    @classmethod
    def of(cls, agency: Agency, priority: int, directory: Directory, on: date) -> "Sender":
        """Gather the sender's side; ancestors not in force stay in the line but are never told of anything."""
        above = tuple(directory.ancestors(agency.organ_id))
        line = directory.line(agency.organ_id)
        facts = {
            Fact.SENDER: (agency.organ_id,),
            Fact.SENDER_WITHIN: line,
            Fact.SENDER_LEVEL: (agency.level,),
            Fact.SENDER_BRANCH: (agency.branch,),
            Fact.PRIORITY: (str(int(priority)),),
        }
        in_force = tuple(ancestor for ancestor in above if ancestor.in_force(on))
        return cls(agency, directory.level_rank(agency.level), in_force, frozenset(line), line[-1], facts)


@dataclass(slots=True)
class View:
    """Everything known of one addressee before a rule is asked; not frozen, which would double what making one costs."""

    agency: Agency
    line: tuple[str, ...]
    """Its own code and those of its ancestors."""
    relation: Relation
    direction: Direction
    connection: Connection
    endpoint: str
    via: str
    skipped: tuple[Agency, ...]
    """The sender's ancestors at the levels passed over on the way up: the highest of each level, highest level last."""
    list_codes: tuple[str, ...]

    def facts(self, sender: Sender) -> Facts:
        """Return what rules look at."""
        return {
            **sender.facts,
            Fact.ADDRESSEE: self.line[:1],
            Fact.ADDRESSEE_WITHIN: self.line,
            Fact.ADDRESSEE_LEVEL: (self.agency.level,),
            Fact.ADDRESSEE_BRANCH: (self.agency.branch,),
            Fact.RELATION: (self.relation,),
            Fact.DIRECTION: (self.direction,),
            Fact.SKIPS_LEVEL: ("yes" if self.skipped else "no",),
            Fact.CONNECTION: (self.connection,),
            Fact.LIST: (*self.list_codes, ANY_LIST) if self.list_codes else (),
        }


@dataclass(slots=True)
class Judgement:
    """The rule lets it through: to this endpoint, carried by `via` where that is not empty."""

    view: View
    rule: Rule


@dataclass(frozen=True, slots=True)
class Refusal:
    """The addressee cannot be served; facts are codes and rule names, in no language."""

    reason: Reason
    facts: str


def look(sender: Sender, agency: Agency, list_codes: tuple[str, ...], directory: Directory, on: date) -> View:
    """Gather the facts about an addressee in force; `list_codes` is empty for one the sender named."""
    line = directory.line(agency.organ_id)
    rank = directory.level_rank(agency.level)
    reached = directory.connected(agency.organ_id, on)
    skipped: tuple[Agency, ...] = ()
    if rank < sender.rank:
        direction = Direction.UP
        skipped = _between(sender, rank, directory)
    else:
        direction = Direction.DOWN if rank > sender.rank else Direction.LEVEL
    if reached is None:
        connection, endpoint, via = Connection.NONE, "", ""
    elif reached[1] is agency:
        connection, endpoint, via = Connection.DIRECT, reached[0], ""
    else:
        connection, endpoint, via = Connection.CARRIED, reached[0], reached[1].organ_id
    return View(agency, line, _relation(sender, line), direction, connection, endpoint, via, skipped, list_codes)


def judge(view: View, rule: Rule | None) -> Judgement | Refusal:
    """Apply the rule that matched: its refusal goes before a missing connection, that before no rule at all."""
    if rule is not None and rule.action is Action.REFUSE:
        return Refusal(Reason.RTE_FORBIDDEN, rule.name)
    if not view.endpoint or (rule is not None and rule.action is Action.DIRECT and view.via):
        return Refusal(Reason.RTE_NOT_CONNECTED, NO_RULE if rule is None else rule.name)
    if rule is None:
        return Refusal(Reason.RTE_FORBIDDEN, NO_RULE)
    return Judgement(view, rule)


def _relation(sender: Sender, line: tuple[str, ...]) -> Relation:
    own = sender.agency.organ_id
    if line[0] == own:
        return Relation.SELF
    if line[0] in sender.line:
        return Relation.ANCESTOR
    if own in line:
        return Relation.DESCENDANT
    return Relation.SAME_TREE if line[-1] == sender.top else Relation.UNRELATED


def _between(sender: Sender, rank: int, directory: Directory) -> tuple[Agency, ...]:
    heads: dict[str, Agency] = {}
    for ancestor in sender.above:
        if rank < directory.level_rank(ancestor.level) < sender.rank:
            heads[ancestor.level] = ancestor
    return tuple(heads.values())
