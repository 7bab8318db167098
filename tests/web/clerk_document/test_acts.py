"""Acts on a document: the page of confirmation says what will happen, the form does it once, and the log says who did it."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from lxml import html

from docaxis.domain.status import StatusCode
from docaxis.hub.change_facts import Entry, Facts, Origin, Standing
from docaxis.hub.changes import changes_of
from docaxis.web.clerk.acts import recallable
from docaxis.web.clerk.acts_pages import LISTED_MAX
from docaxis.web.desk import DeskError
from tests.web.clerk_document.story import KEY, NOW, SENDER, FakeDesk, FakeDocuments, Story
from tests.web.desk import Desk

ARRIVED, REFUSED, ACCEPTED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED
ASSIGNED, PROCESSING, FINISHED = StatusCode.ASSIGNED, StatusCode.PROCESSING, StatusCode.FINISHED
ASKED, AGREED, DECLINED = StatusCode.RECALL_ASKED, StatusCode.AGREED, StatusCode.DECLINED


def at(act: str) -> str:
    return f"/documents/{KEY}/{act}"


@pytest.mark.parametrize(
    ("before", "act", "code", "reason"),
    [
        ((ARRIVED,), "accept", ACCEPTED, ""),
        ((ARRIVED,), "refuse", REFUSED, "Thiếu phụ lục"),
        ((ACCEPTED,), "assign", ASSIGNED, "Phòng 1"),
        ((ACCEPTED,), "progress", PROCESSING, ""),
        ((PROCESSING,), "finish", FINISHED, ""),
        ((ACCEPTED, ASKED), "agree", AGREED, ""),
        ((ACCEPTED, ASKED), "decline", DECLINED, "Đã dùng"),
    ],
)
async def test_an_addressee_reports(
    desk: Desk,
    story: Story,
    documents: FakeDocuments,
    web_desk: FakeDesk,
    before: tuple[StatusCode, ...],
    act: str,
    code: StatusCode,
    reason: str,
) -> None:
    story.to("H21", *before)
    await desk.sign_in("clerk", "H21")
    shown = await desk.get(at(act))
    assert shown.status == 200
    form = html.fromstring(shown.text).xpath(f"//form[@action='{at(act)}']")[0]
    assert form.get("method") == "post"
    assert "Việc sẽ xảy ra" in shown.text
    done = await desk.post(at(act), {"reason": reason})
    assert (done.status, done.location) == (303, f"/documents/{KEY}?sent=m-report")
    assert web_desk.reported == [("H21", code, reason)]
    assert documents.bodies("person:reported") == [
        {"login": "clerk-h21", "organ_id": "H21", "code": code.written, "messages": ["m-report"]}
    ]
    assert documents.recorded[0].document_key == KEY


async def test_a_wrong_form_is_shown_again_with_what_was_written(desk: Desk, story: Story, web_desk: FakeDesk) -> None:
    story.to("H21", ARRIVED)
    await desk.sign_in("clerk", "H21")
    again = await desk.post(at("refuse"), {"reason": "   "})
    assert again.status == 422
    assert "Ghi lý do; bên kia đọc đúng từng chữ." in again.text
    again = await desk.post(at("accept"), {"reason": "<i>" + "x" * 2000})
    assert again.status == 422
    assert "&lt;i&gt;xxx" in again.text
    web_desk.trouble = DeskError("Hộp thư đi chưa nối được với trục.", "The outbox is away.")
    again = await desk.post(at("refuse"), {"reason": "Thiếu phụ lục"})
    assert again.status == 422
    assert "Hộp thư đi chưa nối được với trục." in again.text
    assert "Thiếu phụ lục</textarea>" in again.text
    assert web_desk.reported == []


async def test_what_is_past_is_refused_in_three_parts(desk: Desk, story: Story, web_desk: FakeDesk) -> None:
    story.to("H21", ACCEPTED)
    await desk.sign_in("clerk", "H21")
    for answer in (await desk.get(at("refuse")), await desk.post(at("refuse"), {"reason": "x"})):
        assert answer.status == 409
        assert "Việc này không còn làm được với văn bản: 8712/CĐ-BNNMT" in answer.text
        assert "WEB.ACT_CLOSED" in answer.text
    web_desk.organ_ids = ()
    answer = await desk.post(at("finish"))
    assert (answer.status, web_desk.reported) == (409, [])
    assert "Việc này làm trên phần mềm của cơ quan." in answer.text


async def test_a_form_without_the_sessions_token_does_nothing(desk: Desk, story: Story, web_desk: FakeDesk) -> None:
    story.to("H21", ARRIVED)
    await desk.sign_in("clerk", "H21")
    answer = await desk.request("POST", at("accept"), data={"csrf": "x"}, headers={"Origin": "http://pages.test"})
    assert (answer.status, web_desk.reported) == (403, [])


async def test_a_recall_of_the_whole_is_an_order_and_of_some_is_asked_one_by_one(
    desk: Desk, story: Story, documents: FakeDocuments, web_desk: FakeDesk
) -> None:
    story.to("H21", ARRIVED).to("H15", transport="dispatched").to("H50", ASKED, transport="withdrawn")
    await desk.sign_in("clerk", SENDER)
    shown = await desk.get(at("recall"))
    assert "Cả 2 nơi nhận: văn bản không còn hiệu lực" in shown.text
    assert "1 nơi chưa lấy về." in shown.text
    done = await desk.post(at("recall"), {"extent": "all", "reason": "Sai căn cứ"})
    assert (done.status, done.location) == (303, f"/documents/{KEY}?sent=m-recall-0")
    assert web_desk.recalled == [((), "Sai căn cứ")]
    done = await desk.post(at("recall"), {"extent": "some", "to": "H15", "reason": "Gửi nhầm"})
    assert web_desk.recalled[1:] == [(("H15",), "Gửi nhầm")]
    assert [body["addressees"] for body in documents.bodies("person:recalled")] == [[], ["H15"]]
    # Who was withdrawn already, and who never was an addressee, cannot be chosen.
    for stranger in ("H50", "H99"):
        again = await desk.post(at("recall"), {"extent": "some", "to": stranger, "reason": "x"})
        assert (again.status, "Chọn ít nhất một nơi nhận." in again.text) == (422, True)
    assert (await desk.post(at("recall"), {"extent": "all", "reason": ""})).status == 422


async def test_the_address_of_one_copy_ticks_it(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED).to("H15", ARRIVED)
    await desk.sign_in("clerk", SENDER)
    shown = html.fromstring((await desk.get(at("recall"), params={"to": "H15"})).text)
    assert shown.xpath("//input[@checked]/@value") == ["some", "H15"]


def test_after_an_order_only_those_who_kept_it_are_asked_again():
    story = Story(state="recalled").to("H21", ASKED, DECLINED).to("H15", ASKED).to("H50", ASKED, AGREED)
    assert recallable(story.timeline()) == ("H21",)
    assert recallable(Story(state="replaced").to("H21").timeline()) == ()


async def test_too_many_addressees_are_not_listed(desk: Desk, story: Story) -> None:
    for number in range(LISTED_MAX + 1):
        story.to(f"X{number:04d}", ARRIVED)
    await desk.sign_in("clerk", SENDER)
    shown = await desk.get(at("recall"))
    assert "Quá nhiều nơi nhận để liệt kê." in shown.text
    assert 'value="X0000"' not in shown.text


async def test_reminding_is_recorded_once_an_hour_and_for_the_overdue_alone(
    desk: Desk, story: Story, documents: FakeDocuments
) -> None:
    story.to("H21", ARRIVED).to("H15").missed("H15").to("H50").missed("H50")
    await desk.sign_in("clerk", SENDER)
    assert "Cả 2 nơi quá hạn" in (await desk.get(at("remind"))).text
    assert (await desk.post(at("remind"), {"extent": "some", "to": "H21"})).status == 422
    done = await desk.post(at("remind"), {"extent": "some", "to": "H15"})
    assert (done.status, done.location) == (303, f"/documents/{KEY}")
    (body,) = documents.bodies("person:reminded")
    assert (body["addressees"], body["login"]) == ([["H15", "e-h15"]], "clerk-g10")
    again = await desk.post(at("remind"), {"extent": "some", "to": "H15"})
    assert (again.status, "WEB.REMINDED_ALREADY" in again.text) == (409, True)
    await desk.post(at("remind"), {"extent": "all"})
    assert [one["addressees"] for one in documents.bodies("person:reminded")][1:] == [[["H50", "e-h50"]]]
    # The addressee sees it.
    await desk.sign_in("clerk", "H15")
    assert "Nơi gửi nhắc" in (await desk.get(f"/documents/{KEY}")).text
    desk.clock.at += timedelta(hours=1)
    await desk.sign_in("clerk", SENDER)
    assert (await desk.post(at("remind"), {"extent": "all"})).status == 303


async def test_reminding_needs_no_web_endpoint(desk: Desk, story: Story, web_desk: FakeDesk) -> None:
    web_desk.organ_ids = ()
    story.to("H15").missed("H15")
    await desk.sign_in("clerk", SENDER)
    assert (await desk.post(at("remind"), {"extent": "all"})).status == 303
    assert (await desk.post(at("recall"), {"extent": "all", "reason": "x"})).status == 409


async def test_acts_of_the_other_side_do_not_exist(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED)
    await desk.sign_in("clerk", "H21")
    for act in ("remind", "recall"):
        assert (await desk.post(at(act), {"extent": "all", "reason": "x"})).status == 404
    await desk.sign_in("clerk", SENDER)
    for act in ("accept", "refuse", "agree"):
        assert (await desk.post(at(act), {"reason": "x"})).status == 404


async def test_a_reminder_reaches_the_addressees_subscribers(
    desk: Desk, story: Story, documents: FakeDocuments
) -> None:
    story.to("H15").missed("H15")
    await desk.sign_in("clerk", SENDER)
    await desk.post(at("remind"), {"extent": "all"})
    event = documents.recorded[-1]
    body = json.loads(event.canonical)["body"]
    entry = Entry(7, event.kind, event.at, event.leaf_hash.hex(), KEY, body)
    origin = Origin(KEY, "e-g10", SENDER, "id")
    facts = Facts(["e-h15"], [origin], [Standing(KEY, "H15", "e-h15", "urgent", 1, "dispatched")])
    ((endpoint, change),) = changes_of(entry, facts)
    assert (endpoint, change["type"], change["addressees"]) == (
        "e-h15", "person:reminded", [{"organ": "H15", "endpoint": "e-h15"}],
    )  # fmt: skip
    assert change["noticed_at"] == NOW.isoformat()
    assert "login" not in change
    assert isinstance(event.event_id, UUID)
