"""Laws for every directory, policy and header: routing is total, keeps the rules, and does not depend on order."""

from collections import Counter
from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from docaxis.domain.directory import Directory
from docaxis.domain.directory_csv import read_agencies, read_connections
from docaxis.domain.envelope import MessageHeader
from docaxis.domain.explain import explain
from docaxis.domain.organ import ORGAN_ID_LENGTH, parse_organ_id
from docaxis.domain.route import NoteKind, Route
from docaxis.domain.routing import check_sender, route
from docaxis.domain.rules import Action, Policy, Rule
from docaxis.domain.verdict import Reason, Rejection
from tests.routing_world import DAY, addressees, directories, header, headers, policies, when


@settings(max_examples=200)
@given(headers(), directories(), policies())
def test_every_package_is_routed_or_refused_with_a_place(
    sent: MessageHeader, agencies: Directory, policy: Policy
) -> None:
    found = route(sent, agencies, policy, DAY)
    if isinstance(found, Rejection):
        assert found.code.startswith("RTE.")
        assert "/MessageHeader/" in found.at.path
    else:
        assert found.addressees
        assert {note.kind for note in found.notes} <= set(NoteKind)


@settings(max_examples=200)
@given(headers(), directories(), policies())
def test_each_addressee_is_resolved_once_in_force_and_reachable(
    sent: MessageHeader, agencies: Directory, policy: Policy
) -> None:
    found = route(sent, agencies, policy, DAY)
    if isinstance(found, Route):
        assert max(Counter(one.organ_id for one in found.addressees).values()) == 1
        for one in found.addressees:
            agency = agencies.find(one.organ_id)
            assert agency is not None
            assert agency.in_force(DAY)
            assert agencies.serves(one.endpoint, one.organ_id, DAY)
            carrier = agencies.find(one.via or one.organ_id)
            assert carrier is not None
            assert carrier.in_force(DAY)
            assert agencies.endpoint_of(carrier.organ_id) == one.endpoint
        copies = found.copies
        assert sorted(code for codes in copies.values() for code in codes) == sorted(
            o.organ_id for o in found.addressees
        )


@settings(max_examples=200)
@given(headers(), directories(), policies(), st.sampled_from(("central", "provincial", "communal")))
def test_a_forbidden_level_is_never_crossed(
    sent: MessageHeader, agencies: Directory, policy: Policy, level: str
) -> None:
    ban = Rule("ban", Action.REFUSE, when(addressee_level=level))
    found = route(sent, agencies, Policy("banned", (ban, *policy.rules), policy.lists), DAY)
    if isinstance(found, Route):
        assert level not in {agencies.agencies[one.organ_id].level for one in found.addressees}


@settings(max_examples=200)
@given(headers(), directories(), policies(), st.randoms(use_true_random=False))
def test_the_order_of_addressees_changes_nothing(
    sent: MessageHeader, agencies: Directory, policy: Policy, shuffler: Random
) -> None:
    codes = [one.organ_id for one in sent.to]
    shuffled = list(codes)
    shuffler.shuffle(shuffled)
    first = route(sent, agencies, policy, DAY)
    second = route(
        header(sent.sender.organ_id, *shuffled, priority=int(sent.other_info.priority)), agencies, policy, DAY
    )
    assert isinstance(first, Route) == isinstance(second, Route)
    if isinstance(first, Route) and isinstance(second, Route):
        assert set(first.addressees) == set(second.addressees)
        assert _told(first) == _told(second)


def _told(found: Route) -> set[tuple[str, str, bool, str, frozenset[str]]]:
    return {(n.organ_id, n.endpoint, n.content, n.rule, frozenset(n.addressees)) for n in found.notices}


@settings(max_examples=200)
@given(headers(), directories(), policies())
def test_every_to_of_an_accepted_package_is_answered_for(
    sent: MessageHeader, agencies: Directory, policy: Policy
) -> None:
    found = route(sent, agencies, policy, DAY)
    if isinstance(found, Route):
        said = {one.addressed_as for one in found.addressees} | {one.from_list for one in found.addressees}
        said |= {note.about for note in found.notes}
        for one in sent.to:
            code = parse_organ_id(one.organ_id)
            assert code is not None
            # A list all of whose members were named besides leaves no trace of its own.
            assert code in said or policy.find_list(code) is not None


@settings(max_examples=200)
@given(headers(), directories(), policies())
def test_who_gets_the_document_gets_no_notice_of_it(sent: MessageHeader, agencies: Directory, policy: Policy) -> None:
    found = route(sent, agencies, policy, DAY)
    if isinstance(found, Route):
        reached = {one.organ_id for one in found.addressees}
        assert reached.isdisjoint(notice.organ_id for notice in found.notices)
        for notice in found.notices:
            assert set(notice.addressees) <= reached
            assert agencies.serves(notice.endpoint, notice.organ_id, DAY)


@settings(max_examples=200)
@given(headers(), directories(), policies())
def test_an_addressee_fares_in_company_as_it_does_alone(
    sent: MessageHeader, agencies: Directory, policy: Policy
) -> None:
    found = route(sent, agencies, policy, DAY)
    if isinstance(found, Route):
        for one in found.addressees:
            # A member of a list may meet a rule about lists, so it is asked with its list.
            code = one.from_list or one.addressed_as
            alone = route(
                header(sent.sender.organ_id, code, priority=int(sent.other_info.priority)), agencies, policy, DAY
            )
            assert isinstance(alone, Route)
            assert one in alone.addressees


@given(addressees, addressees, directories(), policies())
def test_the_explanation_says_what_routing_does(
    sender: str, addressee: str, agencies: Directory, policy: Policy
) -> None:
    found = route(header(sender, addressee), agencies, policy, DAY)
    told = explain(sender, addressee, agencies, policy, DAY)
    assert told
    assert all(one.lines() and one.to_dict() for one in told)
    delivered = {one.organ_id: (one.endpoint, one.via, one.rule) for one in told if not one.refusal}
    if isinstance(found, Route):
        assert delivered == {one.organ_id: (one.endpoint, one.via, one.rule) for one in found.addressees}
    else:
        assert found.code in {one.refusal for one in told} or found.code is Reason.RTE_NO_ADDRESSEE


@settings(max_examples=200)
@given(headers(), directories(), st.text(max_size=5))
def test_a_sender_is_let_in_only_by_an_endpoint_that_serves_it(
    sent: MessageHeader, agencies: Directory, endpoint: str
) -> None:
    for tried in (endpoint, *agencies.connections.values()):
        if check_sender(sent.sender.organ_id, tried, agencies, DAY) is None:
            code = parse_organ_id(sent.sender.organ_id)
            assert code is not None
            assert agencies.serves(tried, code, DAY)


@given(st.text(max_size=45))
def test_a_parsed_code_is_bounded_and_stays_what_it_is(text: str) -> None:
    code = parse_organ_id(text)
    if code is not None:
        assert 0 < len(code) <= ORGAN_ID_LENGTH
        assert code.isascii()
        assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
        assert parse_organ_id(code) == code


@given(st.text(alphabet='organ_id,nmelvbchsu\n"|2025-é', max_size=80))
def test_any_text_is_read_as_a_directory_or_refused_with_a_line(text: str) -> None:
    for body in (text, "organ_id,name,level,branch,source\n" + text, "organ_id,endpoint\n" + text):
        for read in (read_agencies, read_connections):
            problem = _problem_of(read, body)
            assert problem is None or problem.startswith("line ")


def _problem_of(read: Callable[[str], object], body: str) -> str | None:
    try:
        read(body)
    except ValueError as problem:
        return str(problem)
    return None
