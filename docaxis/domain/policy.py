"""Rules, lists, levels and branches from the configuration's mapping (TOML), every mistake named with its place."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Branch, Level, parse_organ_id
from docaxis.domain.rules import (
    ANY_LIST,
    CLOSED_VALUES,
    Action,
    Condition,
    DistributionList,
    Fact,
    NoticeRule,
    Policy,
    Rule,
)

_RULE_KEYS = frozenset(("name", "when", "action", "notice", "notice_content"))
_LIST_KEYS = frozenset(
    ("code", "name", "members", "levels", "branches", "heads", "of_levels", "leave_out_unreachable"),
)
_Choice = TypeVar("_Choice", bound=StrEnum)


def load_policy(mapping: Mapping[str, object]) -> Policy:
    """Return the policy under `routing`: `name`, `[[routing.rules]]`, `[[routing.lists]]`.

    Raises ValueError with the place, such as `routing.rules[3] (to-itself).when.relation`.
    """
    routing = _table(mapping.get("routing"), "routing")
    _only(routing, frozenset(("name", "rules", "lists")), "routing")
    rules = tuple(_rule(*placed) for placed in _tables(routing, "rules", "routing.rules"))
    lists = tuple(_list(*placed) for placed in _tables(routing, "lists", "routing.lists"))
    if not rules:
        msg = "routing.rules: no rule, so nothing could ever be delivered"
        raise ValueError(msg)
    _unique([rule.name for rule in rules], "routing.rules: name")
    _unique([one.code for one in lists], "routing.lists: code")
    return Policy(_text(routing, "name", "routing"), rules, {one.code: one for one in lists})


def load_structure(mapping: Mapping[str, object]) -> tuple[tuple[Level, ...], tuple[Branch, ...]]:
    """Return `[[levels]]` (name, rank, label_vi, label_en) and `[[branches]]`; raises ValueError with the place."""
    keys = frozenset(("name", "label_vi", "label_en"))
    levels = []
    for table, place in _tables(mapping, "levels", "levels"):
        _only(table, keys | {"rank"}, place)
        rank = table.get("rank")
        if not isinstance(rank, int) or isinstance(rank, bool):
            msg = f"{place}.rank: a whole number is needed"
            raise ValueError(msg)  # noqa: TRY004  one kind of error for the whole configuration
        levels.append(Level(_text(table, "name", place), rank, *_labels(table, place)))
    branches = []
    for table, place in _tables(mapping, "branches", "branches"):
        _only(table, keys, place)
        branches.append(Branch(_text(table, "name", place), *_labels(table, place)))
    return tuple(levels), tuple(branches)


def check_policy(policy: Policy, directory: Directory) -> tuple[str, ...]:
    """Return what the policy names and the directory does not have, and rules that can never be reached."""
    levels = {level.name for level in directory.levels}
    branches = {branch.name for branch in directory.branches}
    known = {
        Fact.SENDER_LEVEL: levels,
        Fact.ADDRESSEE_LEVEL: levels,
        Fact.SENDER_BRANCH: branches,
        Fact.ADDRESSEE_BRANCH: branches,
        Fact.LIST: {*policy.lists, ANY_LIST},
    }
    problems: list[str] = []
    for position, rule in enumerate(policy.rules, start=1):
        if not rule.conditions and position < len(policy.rules):
            problems.append(f"rule {rule.name}: matches everything, so the rules after it are never asked")
        for condition in rule.conditions:
            if condition.fact in CLOSED_VALUES:
                continue
            there = known.get(condition.fact)
            missing = (
                value
                for value in sorted(condition.values)
                if (directory.find(value) is None if there is None else value not in there)
            )
            problems += (f"rule {rule.name}: {condition.fact} {value} is not known" for value in missing)
    for one in policy.lists.values():
        problems += (f"list {one.code}: member {code} is unknown" for code in one.members if not directory.find(code))
        unknown = sorted((one.levels | one.of_levels) - levels | one.branches - branches)
        problems += (f"list {one.code}: {name} is not defined" for name in unknown)
        if directory.find(one.code) is not None:
            problems.append(f"list {one.code}: is also an agency's code, which hides it")
    return tuple(problems)


def _rule(table: Mapping[str, object], place: str) -> Rule:
    name = _text(table, "name", place)
    place = f"{place} ({name})"
    _only(table, _RULE_KEYS, place)
    when = _table(table.get("when", {}), f"{place}.when")
    return Rule(
        name=name,
        action=_choice(Action, _text(table, "action", place), f"{place}.action"),
        conditions=tuple(_condition(key, value, f"{place}.when.{key}") for key, value in when.items()),
        notice=_choice(NoticeRule, table.get("notice", NoticeRule.NONE), f"{place}.notice"),
        notice_content=_flag(table, "notice_content", place),
    )


def _condition(key: str, value: object, place: str) -> Condition:
    fact = _choice(Fact, key, place)
    given = value if isinstance(value, list) else [value]
    if not given:
        msg = f"{place}: an empty list can never hold"
        raise ValueError(msg)
    values = frozenset(_fact_value(one, place) for one in given)
    allowed = CLOSED_VALUES.get(fact, values)
    if not values <= allowed:
        msg = f"{place}: {', '.join(sorted(values - allowed))} is none of {', '.join(sorted(allowed))}"
        raise ValueError(msg)
    return Condition(fact, values)


def _fact_value(value: object, place: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and value:
        return value
    msg = f"{place}: a text, a number, a truth value or a list of these is needed"
    raise ValueError(msg)


def _list(table: Mapping[str, object], place: str) -> DistributionList:
    code = _text(table, "code", place)
    place = f"{place} ({code})"
    _only(table, _LIST_KEYS, place)
    if parse_organ_id(code) != code:
        msg = f"{place}.code: cannot stand as an OrganId"
        raise ValueError(msg)
    made = DistributionList(
        code=code,
        name=_text(table, "name", place, needed=False),
        members=_texts(table, "members", place),
        levels=frozenset(_texts(table, "levels", place)),
        branches=frozenset(_texts(table, "branches", place)),
        heads=_flag(table, "heads", place),
        of_levels=frozenset(_texts(table, "of_levels", place)),
        leave_out_unreachable=_flag(table, "leave_out_unreachable", place),
    )
    if not made.members and not made.levels:
        msg = f"{place}: neither members nor levels, so it is empty"
        raise ValueError(msg)
    if made.of_levels and made.members:
        msg = f"{place}: members cannot be named in a family of lists (of_levels)"
        raise ValueError(msg)
    return made


def _tables(mapping: Mapping[str, object], key: str, place: str) -> Iterator[tuple[Mapping[str, object], str]]:
    given = mapping.get(key, [])
    if not isinstance(given, list):
        msg = f"{place}: an array of tables is needed"
        raise ValueError(msg)  # noqa: TRY004
    for position, table in enumerate(given, start=1):
        yield _table(table, f"{place}[{position}]"), f"{place}[{position}]"


def _table(value: object, place: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        msg = f"{place}: a table is needed"
        raise ValueError(msg)  # noqa: TRY004
    return value


def _only(table: Mapping[str, object], allowed: frozenset[str], place: str) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        msg = f"{place}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(allowed))}"
        raise ValueError(msg)


def _text(table: Mapping[str, object], key: str, place: str, *, needed: bool = True) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or (needed and not value):
        msg = f"{place}.{key}: a text is needed"
        raise ValueError(msg)
    return value


def _texts(table: Mapping[str, object], key: str, place: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        msg = f"{place}.{key}: a list of texts is needed"
        raise ValueError(msg)
    return tuple(value)


def _flag(table: Mapping[str, object], key: str, place: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        msg = f"{place}.{key}: true or false is needed"
        raise ValueError(msg)  # noqa: TRY004
    return value


def _labels(table: Mapping[str, object], place: str) -> tuple[str, str]:
    return _text(table, "label_vi", place, needed=False), _text(table, "label_en", place, needed=False)


def _choice(kind: type[_Choice], value: object, place: str) -> _Choice:
    for member in kind:
        if member == value:
            return member
    msg = f"{place}: {value!s} is none of {', '.join(kind)}"
    raise ValueError(msg)


def _unique(names: list[str], place: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"{place} given twice: {', '.join(twice)}"
        raise ValueError(msg)
