import tomllib

import pytest

from docaxis.domain.organ import Agency, Branch, Level
from docaxis.domain.policy import check_policy, load_policy, load_structure
from docaxis.domain.rules import Action, Condition, DistributionList, Fact, NoticeRule, Policy, Rule
from tests.routing_world import directory

RULE = '[[routing.rules]]\nname = "all"\naction = "carry"\n'


def loaded(text: str, name: str = "test") -> Policy:
    return load_policy(tomllib.loads(f'[routing]\nname = "{name}"\n{text}'))


def test_rules_and_lists_keep_their_order_and_words():
    policy = loaded(
        """
        [[routing.rules]]
        name = "past"
        when = { direction = "up", skips_level = true, priority = [3, 4], sender_branch = ["party", "court"] }
        action = "carry"
        notice = "skipped-levels"
        notice_content = true
        [[routing.rules]]
        name = "never"
        action = "refuse"
        [[routing.lists]]
        code = "LIST.COMMUNES"
        levels = ["communal"]
        of_levels = ["provincial"]
        heads = true
        """
    )
    past = Rule(
        "past",
        Action.CARRY,
        (
            Condition(Fact.DIRECTION, frozenset(("up",))),
            Condition(Fact.SKIPS_LEVEL, frozenset(("yes",))),
            Condition(Fact.PRIORITY, frozenset("34")),
            Condition(Fact.SENDER_BRANCH, frozenset(("party", "court"))),
        ),
        NoticeRule.SKIPPED_LEVELS,
        notice_content=True,
    )
    assert policy.rules == (past, Rule("never", Action.REFUSE))
    communes = DistributionList(
        "LIST.COMMUNES", levels=frozenset(("communal",)), of_levels=frozenset(("provincial",)), heads=True
    )
    assert policy.lists == {"LIST.COMMUNES": communes}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", r"routing\.rules: no rule"),
        ("rules = 3", r"routing\.rules: an array of tables is needed"),
        ("rules = [3]", r"routing\.rules\[1\]: a table is needed"),
        ('[[routing.rules]]\naction = "carry"', r"routing\.rules\[1\]\.name: a text is needed"),
        (
            '[[routing.rules]]\nname = "a"\naction = "fly"',
            r"rules\[1\] \(a\)\.action: fly is none of direct, carry, refuse",
        ),
        (RULE + 'when = { moon = "full" }', r"rules\[1\] \(all\)\.when\.moon: moon is none of sender,"),
        (RULE + 'when = { relation = "cousin" }', r"\.when\.relation: cousin is none of ancestor,"),
        (RULE + "when = { sender = [] }", r"\.when\.sender: an empty list can never hold"),
        (RULE + "when = { sender = 1.5 }", r"\.when\.sender: a text, a number"),
        (RULE + "when = 1", r"\(all\)\.when: a table is needed"),
        (RULE + "priority = 1", r"rules\[1\] \(all\): unknown key priority; known are action,"),
        (RULE + 'notice = "all"', r"\.notice: all is none of none, skipped-levels"),
        (RULE + "notice_content = 1", r"\.notice_content: true or false is needed"),
        (RULE + RULE, r"routing\.rules: name given twice: all"),
        (RULE + '[[routing.lists]]\ncode = "A B"\nmembers = ["X01"]', r"\(A B\)\.code: cannot stand as an OrganId"),
        (RULE + '[[routing.lists]]\ncode = "L"', r"lists\[1\] \(L\): neither members nor levels"),
        (RULE + '[[routing.lists]]\ncode = "L"\nmembers = [1]', r"\.members: a list of texts is needed"),
        (
            RULE + '[[routing.lists]]\ncode = "L"\nmembers = ["X01"]\nof_levels = ["a"]',
            "members cannot be named in a family",
        ),
        (RULE + "[routing.more]", r"routing: unknown key more"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, problem):
    with pytest.raises(ValueError, match=problem):
        loaded(text)


def test_a_configuration_without_routing_is_named():
    with pytest.raises(ValueError, match="routing: a table is needed"):
        load_policy({})


def test_levels_and_branches_are_data():
    text = '[[levels]]\nname = "federal"\nrank = 0\nlabel_en = "Federation"\n[[branches]]\nname = "church"\n'
    assert load_structure(tomllib.loads(text)) == ((Level("federal", 0, "", "Federation"),), (Branch("church"),))
    with pytest.raises(ValueError, match=r"levels\[1\]\.rank: a whole number is needed"):
        load_structure({"levels": [{"name": "x", "rank": "1"}]})


def test_what_the_directory_does_not_have_is_told():
    agencies = directory(Agency("X01", "x", "central"), Agency("LIST.A", "x", "central"), connections={})
    rules = (
        Rule("first", Action.CARRY),
        Rule(
            "second",
            Action.CARRY,
            tuple(
                Condition(fact, frozenset((value,)))
                for fact, value in (
                    (Fact.SENDER, "X02"),
                    (Fact.ADDRESSEE_WITHIN, "X01"),
                    (Fact.SENDER_LEVEL, "district"),
                    (Fact.LIST, "LIST.B"),
                    (Fact.RELATION, "self"),
                )
            ),
        ),
    )
    lists = {
        "LIST.A": DistributionList("LIST.A", members=("X03",), levels=frozenset(("district",))),
    }
    assert check_policy(Policy("p", rules, lists), agencies) == (
        "rule first: matches everything, so the rules after it are never asked",
        "rule second: sender X02 is not known",
        "rule second: sender_level district is not known",
        "rule second: list LIST.B is not known",
        "list LIST.A: member X03 is unknown",
        "list LIST.A: district is not defined",
        "list LIST.A: is also an agency's code, which hides it",
    )
