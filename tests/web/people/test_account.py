"""One's own account: the password, the language; and the one-time address that leads to it."""

import re
from datetime import timedelta

import pytest

from docaxis.domain.people import Person, Role
from docaxis.hub.ids import new_id
from docaxis.web.people.agent import device_of
from docaxis.web.people.link import make_link, read_link
from docaxis.web.people.ports import ACCOUNTS, CHANGES
from tests.web.desk import BEGIN, Desk

OLD, NEW = "con ngựa đúng pin ghim", "mười hai con giáp ăn xoài"
KEY = b"k" * 32


async def with_password(desk: Desk) -> Person:
    person = await desk.sign_in("clerk")
    await desk.app[ACCOUNTS].set_password(person, OLD, BEGIN, "test")
    return person


async def test_password_is_changed_with_the_old_one(desk: Desk) -> None:
    """v5.0.0-6.2.2, v5.0.0-6.2.3, v5.0.0-7.4.3: old and new are asked for, and the other sessions end."""
    person = await with_password(desk)
    other = desk.cookie("docaxis")
    await desk.sit_down(person)
    wrong = await desk.post("/account/password", {"old": "sai mật khẩu này", "new": NEW})
    assert wrong.status == 422
    assert "Mật khẩu hiện tại không đúng." in wrong.text
    done = await desk.post("/account/password", {"old": OLD, "new": NEW})
    assert done.location == "/account?done=password"
    assert "Đã đổi mật khẩu." in (await desk.get(done.location)).text
    assert await desk.app[ACCOUNTS].by_password(person.login, OLD) is None
    assert await desk.app[ACCOUNTS].by_password(person.login, NEW)
    desk.cookies({"docaxis": other})
    assert (await desk.get("/account")).status == 303


@pytest.mark.parametrize("weak", ["ngắn", "matkhau123456", "aaaaaaaaaaaaaaa", "NguyenThiThuHa1", "x" * 201])
async def test_weak_passwords_are_not_taken(desk: Desk, weak: str) -> None:
    """v5.0.0-6.2.1, v5.0.0-6.2.4, v5.0.0-6.2.11: long enough, not among the common ones, not one's own name."""
    await with_password(desk)
    answer = await desk.post("/account/password", {"old": OLD, "new": weak})
    assert answer.status == 422
    assert 'id="new-error"' in answer.text
    assert f'value="{weak}"' not in answer.text


async def test_password_may_be_of_any_signs_and_long(desk: Desk) -> None:
    """v5.0.0-6.2.5, v5.0.0-6.2.8, v5.0.0-6.2.9: no rules of composition, nothing cut, 64 and more characters."""
    person = await with_password(desk)
    new = "một câu rất dài không có chữ hoa, số hay dấu lạ nào cả để thử xem 密码 " + "dài " * 20
    assert (await desk.post("/account/password", {"old": OLD, "new": new})).status == 303
    assert await desk.app[ACCOUNTS].by_password(person.login, new)
    assert await desk.app[ACCOUNTS].by_password(person.login, new[:-1]) is None


async def test_password_fields_are_for_password_managers(desk: Desk) -> None:
    """v5.0.0-6.2.6, v5.0.0-6.2.7: fields of the kind password, which may be pasted into."""
    await with_password(desk)
    page = (await desk.get("/account")).text
    for name, kind in (("old", "current-password"), ("new", "new-password")):
        assert re.search(rf'<input id="{name}" name="{name}" type="password" autocomplete="{kind}"', page)
    assert "onpaste" not in page


async def test_first_password_wants_a_fresh_session(desk: Desk) -> None:
    person = await desk.sign_in("clerk")
    for _ in range(2):
        desk.clock.at += timedelta(minutes=8)
        await desk.get("/account")
    answer = await desk.post("/account/password", {"new": NEW})
    assert answer.location.startswith("/sign-in?again=1")
    await desk.sit_down(person)
    assert (await desk.post("/account/password", {"new": NEW})).status == 303
    assert await desk.app[ACCOUNTS].by_password(person.login, NEW)


async def test_language_is_kept(desk: Desk) -> None:
    await desk.sign_in("clerk")
    assert (await desk.post("/account/language", {"language": "en"})).status == 303
    page = await desk.get("/account")
    assert '<html lang="en"' in page.text
    assert "Sign in again" not in page.text
    assert "Open sessions of this account" in page.text
    assert (await desk.post("/account/language", {"language": "fr"})).status == 400


async def test_link_lets_in_once(desk: Desk) -> None:
    """v5.0.0-6.4.1: what an administrator gives is random, of one day, used once, and no password."""
    person = Person(new_id(BEGIN), "moi", "Người Mới", Role.CLERK, "H41")
    assert await desk.app[ACCOUNTS].add(person, BEGIN, "test")
    text, _ = make_link(KEY, person.person_id, desk.clock.at)
    page = await desk.get(f"/sign-in/link/{text}")
    assert "Người Mới" in page.text
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    done = await desk.post("/sign-in/link", {"csrf": token, "link": text})
    assert (done.status, done.location) == (303, "/account")
    page = await desk.get("/account")
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    assert 'name="old"' not in page.text
    assert (await desk.post("/account/password", {"csrf": token, "new": NEW})).status == 303
    await desk.sign_out()
    page = await desk.get(f"/sign-in/link/{text}")
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    again = await desk.post("/sign-in/link", {"csrf": token, "link": text})
    assert again.status == 410
    assert "WEB.LINK_OVER" in again.text


async def test_link_that_replaces_a_lost_password(desk: Desk) -> None:
    person = await with_password(desk)
    text, _ = make_link(KEY, person.person_id, desk.clock.at)
    answer = await desk.post("/sign-in/link", {"link": text})
    assert answer.status == 303
    page = await desk.get("/account")
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    assert (await desk.post("/account/password", {"csrf": token, "new": NEW})).status == 303
    assert await desk.app[ACCOUNTS].by_password(person.login, NEW)


async def test_links_that_open_nothing(desk: Desk) -> None:
    person = await desk.sign_in("clerk")
    good, _ = make_link(KEY, person.person_id, desk.clock.at)
    foreign, _ = make_link(b"x" * 32, person.person_id, desk.clock.at)
    nobody, _ = make_link(KEY, new_id(BEGIN), desk.clock.at)
    for wrong in (foreign, nobody, good[:-2], "x", "A" * 88, "é"):
        assert (await desk.get(f"/sign-in/link/{wrong}")).status == 410, wrong
        assert (await desk.post("/sign-in/link", {"link": wrong})).status == 410, wrong
    await desk.app[CHANGES].disable(person, desk.clock.at, "test")
    assert (await desk.get(f"/sign-in/link/{good}")).status == 410


def test_link_is_over_after_a_day() -> None:
    text, ends_at = make_link(KEY, new_id(BEGIN), BEGIN)
    assert ends_at == BEGIN + timedelta(hours=24)
    assert read_link(KEY, text, ends_at - timedelta(seconds=1))
    assert read_link(KEY, text, ends_at) is None


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
         ("Chrome", "Windows")),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604", ("Safari", "iPhone")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/130 Chrome/124 Safari/537.36", ("Cốc Cốc", "Windows")),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_devices_are_named(agent: str, device: tuple[str, str]) -> None:
    assert device_of(agent) == device
