"""Help, shortcuts and theme, accessibility, the page of all parts, and pages of errors."""

import json
from urllib.parse import unquote

import pytest

from docaxis.config import Config
from tests.web.conftest import config_in
from tests.web.desk import Desk


@pytest.mark.parametrize("path", ["/help", "/accessibility"])
async def test_open_pages_need_no_session(desk: Desk, path):
    page = await desk.get(path)
    assert page.status == 200
    assert page.text.count("<h1") == 1


async def test_shortcuts_need_one(desk: Desk):
    assert (await desk.get("/shortcuts")).status == 303


async def test_theme_and_shortcuts_are_kept(desk: Desk):
    await desk.sign_in("clerk")
    before = (await desk.get("/shortcuts")).text
    assert 'data-theme="auto"' in before
    assert 'data-keys="on"' in before
    done = await desk.post("/shortcuts", {"theme": "dark"})
    assert (done.status, done.location) == (303, "/shortcuts?kept=1")
    after = (await desk.get("/shortcuts?kept=1", {"Accept-Language": "vi"})).text
    assert 'data-theme="dark"' in after
    assert 'data-keys="off"' in after
    assert "Đã giữ lựa chọn." in after
    await desk.post("/shortcuts", {"theme": "light", "keys": "on"})
    again = (await desk.get("/help")).text
    assert 'data-theme="light"' in again
    assert 'data-keys="on"' in again


async def test_the_language_outlives_a_change_of_theme(desk: Desk):
    await desk.sign_in("clerk")
    await desk.get("/help?lang=en")
    await desk.post("/shortcuts", {"theme": "dark", "keys": "on"})
    assert json.loads(unquote(_unquoted(desk.cookie("docaxis-view"))))["lang"] == "en"
    assert '<html lang="en"' in (await desk.get("/help", {"Accept-Language": "vi"})).text


@pytest.mark.parametrize("form", [{}, {"theme": "neon"}, {"theme": ""}])
async def test_another_theme_is_refused(desk: Desk, form):
    await desk.sign_in("clerk")
    assert (await desk.post("/shortcuts", form)).status == 400


async def test_whoever_is_in_can_leave_from_every_page(desk: Desk):
    await desk.sign_in("clerk")
    page = await desk.get("/help")
    assert 'method="post" action="/sign-out"' in page.text
    assert desk.form_token in page.text


async def test_parts_are_shown_on_test_data(desk: Desk):
    await desk.sign_in("operator")
    page = await desk.get("/components")
    assert page.status == 200
    assert "style=" not in page.text


async def test_errors_have_three_parts_and_a_code(desk: Desk):
    page = await desk.get("/nowhere", {"Accept-Language": "vi"})
    assert page.status == 404
    for part in ("Điều gì đã xảy ra", "Cần làm gì", "Mã để báo hỗ trợ", "WEB.NOT_FOUND", page.headers["X-Request-Id"]):
        assert part in page.text
    english = await desk.get("/nowhere", {"Accept-Language": "en"})
    assert "What happened" in english.text


class TestInEarnest:
    """Where the data is real there is no page of invented parts, and no mark of test data."""

    @pytest.fixture
    def desk_config(self, tmp_path) -> Config:
        return config_in(tmp_path, {"DOCAXIS__WEB__TEST_DATA": "false"})

    async def test_parts_are_not_there(self, desk: Desk):
        await desk.sign_in("clerk")
        assert (await desk.get("/components")).status == 404

    async def test_no_mark_of_test_data(self, desk: Desk):
        await desk.sign_in("clerk")
        page = await desk.get("/help")
        assert "test-mark" not in page.text
        assert "foot-test" not in page.text


def _unquoted(cookie: str) -> str:
    return cookie.strip('"').replace("\\054", ",").replace('\\"', '"')
