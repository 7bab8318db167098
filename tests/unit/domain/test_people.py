"""Logins, roles that stay, grants and mandates."""

from datetime import date, timedelta

import pytest

from docaxis.domain.people import Mandate, Role, is_login, may_become

DAY = date(2026, 11, 20)


@pytest.mark.parametrize("login", ["ha.ntt", "a", "ha.ntt@bnnmt", "van-thu_1", "1", "x" * 100])
def test_logins(login: str) -> None:
    assert is_login(login)


@pytest.mark.parametrize("login", ["", "Ha", "hà", "-a", "a.", "a b", "a\n", "x" * 101, "a/b", "<a>"])
def test_no_logins(login: str) -> None:
    assert not is_login(login)


def test_auditors_and_administrators_stay_what_they_are() -> None:
    reached = {role: {role} for role in Role}
    for _ in Role:
        for role, found in reached.items():
            reached[role] = found | {other for one in found for other in Role if may_become(one, other)}
    assert Role.ADMINISTRATOR not in reached[Role.AUDITOR]
    assert Role.AUDITOR not in reached[Role.ADMINISTRATOR]
    assert all(may_become(role, role) for role in Role)
    assert may_become(Role.CLERK, Role.OPERATOR)


def test_mandate() -> None:
    one = Mandate("15/QĐ-TTCP", DAY, DAY + timedelta(days=9), DAY + timedelta(days=30), frozenset({"H41"}))
    assert one.holds(DAY + timedelta(days=30))
    assert not one.holds(DAY + timedelta(days=31))
    assert one.covers({"G22", "H41"}, DAY)
    assert not one.covers({"G22"}, DAY)
    assert not one.covers({"H41"}, DAY - timedelta(days=1))
    assert not one.covers({"H41"}, DAY + timedelta(days=10))
    assert Mandate("", DAY, DAY, DAY).covers({"X"}, DAY)
