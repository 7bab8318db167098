"""Small directories and policies for the routing tests: a country with three levels, and random ones."""

from collections.abc import Mapping
from datetime import date
from random import Random

from hypothesis import strategies as st

from docaxis.domain.directory import Directory
from docaxis.domain.envelope import MessageHeader, Organization, OtherInfo, Priority
from docaxis.domain.organ import Agency, Level
from docaxis.domain.rules import (
    CLOSED_VALUES,
    Action,
    Condition,
    DistributionList,
    Fact,
    NoticeRule,
    Policy,
    Rule,
)

LEVELS = (Level("central", 0), Level("provincial", 1), Level("communal", 3))
DAY = date(2026, 1, 1)
REFORM = date(2025, 7, 1)


def directory(*agencies: Agency, connections: Mapping[str, str]) -> Directory:
    return Directory.build(agencies, LEVELS, connections)


def header(sender: str, *to: str, priority: int = 0) -> MessageHeader:
    return MessageHeader(
        sender=Organization(sender),
        to=tuple(Organization(code) for code in to),
        document_id="G22,2026/01/01,1/VPCP",
        subject="subject",
        other_info=OtherInfo(priority=Priority(priority)),
    )


def when(**facts: str | tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(
        Condition(Fact(name), frozenset((value,) if isinstance(value, str) else value)) for name, value in facts.items()
    )


ALLOW = Rule("allow", Action.CARRY)

_CODES = tuple(f"X{number:02d}" for number in range(10))
_LEVEL_NAMES = tuple(level.name for level in LEVELS)
# Most agencies are in force and most are connected: otherwise hardly a package would be accepted.
_ENDS = (None,) * 7 + (date(2024, 1, 1), REFORM, date(2027, 1, 1))
_BEGINNINGS = (None,) * 8 + (date(2020, 1, 1), date(2026, 6, 1))


def _directory(seed: int) -> Directory:
    """Return a directory with closed agencies, successors in any shape (circles too) and some without connection."""
    drawn = Random(seed)
    agencies = [
        Agency(
            organ_id=code,
            name=code,
            level=drawn.choice(_LEVEL_NAMES),
            branch=drawn.choice(("government", "party")),
            # Only earlier codes, so that parents form no circle.
            parent=drawn.choice(("", *_CODES[:position])),
            aliases=(f"000.00.00.{code}",),
            valid_from=drawn.choice(_BEGINNINGS),
            valid_to=drawn.choice(_ENDS),
            successors=tuple(drawn.sample(_CODES, drawn.choice((0, 1, 1, 2, 3)))),
        )
        for position, code in enumerate(_CODES)
    ]
    endpoints = {code: drawn.choice((f"e.{code}", f"e.{code}", "e.shared", "")) for code in _CODES}
    connections = {code: endpoint for code, endpoint in endpoints.items() if endpoint}
    return Directory.build(agencies, LEVELS, connections)


def directories() -> st.SearchStrategy[Directory]:
    """Draw by a seed: ten times as fast as draw by draw, and no shrinking is worth that."""
    return st.integers(0, 2**32).map(_directory)


_VALUES: dict[Fact, tuple[str, ...]] = {
    Fact.SENDER: _CODES,
    Fact.SENDER_WITHIN: _CODES,
    Fact.ADDRESSEE: _CODES,
    Fact.ADDRESSEE_WITHIN: _CODES,
    Fact.SENDER_LEVEL: _LEVEL_NAMES,
    Fact.ADDRESSEE_LEVEL: _LEVEL_NAMES,
    Fact.SENDER_BRANCH: ("government", "party"),
    Fact.ADDRESSEE_BRANCH: ("government", "party"),
    Fact.LIST: ("*", "LIST.ALL", "LIST.UNDER"),
    **{fact: tuple(sorted(values)) for fact, values in CLOSED_VALUES.items()},
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    fact = draw(st.sampled_from(sorted(_VALUES)))
    return Condition(fact, frozenset(draw(st.lists(st.sampled_from(_VALUES[fact]), min_size=1, max_size=3))))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw up to five rules, mostly with something allowed at the end, and two lists."""
    rules = [
        Rule(
            name=f"rule-{position}",
            action=draw(st.sampled_from(tuple(Action))),
            conditions=tuple(draw(st.lists(conditions(), min_size=1, max_size=2))),
            notice=draw(st.sampled_from(tuple(NoticeRule))),
            notice_content=draw(st.booleans()),
        )
        for position in range(draw(st.integers(0, 4)))
    ]
    if draw(st.integers(0, 4)):
        rules.append(Rule("otherwise", Action.CARRY, notice=NoticeRule.SKIPPED_LEVELS))
    lists = (
        DistributionList(
            "LIST.ALL",
            members=_CODES[:4],
            levels=frozenset(("provincial",)),
            heads=draw(st.booleans()),
            leave_out_unreachable=draw(st.booleans()),
        ),
        DistributionList("LIST.UNDER", levels=frozenset(_LEVEL_NAMES), of_levels=frozenset(("central", "provincial"))),
    )
    return Policy("drawn", tuple(rules), {one.code: one for one in lists})


_good = st.sampled_from(
    (*_CODES, *_CODES, "000.00.00.X03", "000.00.00.X05", "LIST.ALL", "LIST.UNDER.X00", "LIST.UNDER.X01")
)
addressees = st.one_of(
    _good,
    _good,
    st.sampled_from((*_CODES, *(f"000.00.00.{code}" for code in _CODES))),
    st.sampled_from(("LIST.ALL", "LIST.UNDER.X00", "LIST.UNDER.X01", "LIST.UNDER", "null", "x02", " X03\n")),
    st.text(max_size=8),
)


@st.composite
def headers(draw: st.DrawFn) -> MessageHeader:
    strict = draw(st.integers(0, 3)) > 0
    to = draw(st.lists(_good, min_size=1, max_size=4)) if strict else draw(st.lists(addressees, max_size=5))
    sender = draw(st.sampled_from(_CODES) if strict else addressees)
    return header(sender, *to, priority=draw(st.integers(0, 4)))
