"""The way of one copy: its stops, the thing to do now, and the proof of each stop."""

from datetime import timedelta

import pytest
from lxml import html

from docaxis.domain.status import StatusCode
from docaxis.hub.views.package import AttachmentView, PackageView
from docaxis.web.clerk.acts import open_to_addressee
from docaxis.web.clerk.delivery_advice import Advice, advice_to_addressee, advice_to_sender, lacks_annex, reading_of
from docaxis.web.clerk.delivery_stops import Stop, stops
from docaxis.web.clerk.matrix_rows import RowMaker
from tests.web.clerk_document.story import (
    ACCEPTED_AT,
    DUE_AT,
    KEY,
    LATER,
    NOW,
    SENDER,
    FakeDesk,
    FakeDocuments,
    Story,
)  # fmt: skip
from tests.web.desk import Desk

ARRIVED, REFUSED, ACCEPTED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED
ASKED, AGREED, DECLINED = StatusCode.RECALL_ASKED, StatusCode.AGREED, StatusCode.DECLINED
ADDRESS = f"/documents/{KEY}/to/H21"


def way(story: Story, dues=None) -> tuple[Stop, ...]:
    timeline = story.timeline()
    copy = timeline.deliveries[0]
    row = RowMaker(timeline, dues or {"receipt": DUE_AT}, NOW).row(copy, "UBND tỉnh Gia Lai")
    return stops(timeline, copy, row, NOW)


def advice(story: Story) -> Advice | None:
    timeline = story.timeline()
    copy = timeline.deliveries[0]
    return advice_to_sender(timeline, copy, RowMaker(timeline, {"receipt": DUE_AT}, NOW).row(copy, "x"))


def test_stops_in_order_of_time_and_then_what_is_to_come():
    story = Story().to("H21", ARRIVED)
    found = way(story, {"receipt": LATER})
    assert [(stop.band, stop.kind, stop.name) for stop in found] == [
        ("transport", "done", "submitted"),
        ("transport", "done", "accepted"),
        ("transport", "done", "dispatched"),
        ("transport", "done", "fetched"),
        ("business", "done", "01"),
        ("business", "due", "due-03"),
    ]
    assert [stop.at for stop in found[:-1]] == sorted(stop.at for stop in found[:-1] if stop.at)
    assert (found[1].count, found[4].who, found[-1].at) == (1, "H21", None)


def test_each_stop_names_the_act_that_proves_it():
    story = Story().to("H21", ARRIVED)
    copy = story.copies[0]
    others = story.event(
        "copies:fetched", ACCEPTED_AT, {"fetched": [["e-h21", "normal", 1, 9], ["e-h22", "urgent", 1, 9]]}
    )
    dispatched = story.event("copies:dispatched", copy.dispatched_at or NOW, {"dispatched": [[KEY.hex, ["e-h21"]]]})
    fetched = story.event("copies:fetched", NOW, {"fetched": [["e-h21", "urgent", 1, 4]]})
    proofs = {stop.name: stop.event for stop in way(story)}
    assert (proofs["dispatched"], proofs["fetched"]) == (dispatched, fetched)
    assert others not in proofs.values()
    assert proofs["01"] is not None
    assert proofs["01"].kind == "status:accepted"
    assert proofs["submitted"] == proofs["accepted"] == story.events[0]


def test_a_refusal_is_quoted_and_a_miss_has_its_cause():
    found = way(Story().to("H21", ARRIVED, REFUSED, words="Thiếu Phụ lục II").missed("H21", done=True))
    by_name = {stop.name: stop for stop in found}
    assert (by_name["02"].kind, by_name["02"].quote) == ("refused", "Thiếu Phụ lục II")
    missed = by_name["missed-receipt"]
    assert (missed.kind, missed.who, missed.span) == ("late", "addressee", timedelta(minutes=1))


def test_reminders_recalls_and_endings_are_stops():
    story = Story().to("H21", ASKED, transport="withdrawn", words="Gửi nhầm")
    story.event("person:reminded", NOW - timedelta(hours=1), {"addressees": [["H21", "e-h21"]]}, KEY)
    story.event("person:reminded", NOW, {"addressees": [["H15", "e-h15"]]}, KEY)
    gone = story.event("copies:withdrawn", NOW, {"withdrawn": [["H21", "e-h21", "urgent", 1]]}, KEY)
    found = way(story)
    assert [stop.name for stop in found] == ["submitted", "accepted", "dispatched", "13", "withdrawn", "reminded"]
    assert found[4].event == gone
    assert way(Story().to("H21", transport="waiting"))[2] == Stop("transport", "held", "waiting", who="e-h21")


def test_an_entry_that_cannot_be_read_proves_nothing():
    story = Story().to("H21", ARRIVED)
    story.events = [
        type(one)(one.event_id, one.kind, one.at, one.document_key, b"[]", b"", None) for one in story.events
    ]
    assert {stop.name: stop.event for stop in way(story)}["01"] is None


@pytest.mark.parametrize(
    ("reason", "case"),
    [
        ("Thiếu Phụ lục II nêu tại mục 3 của công điện.", "missing"),
        ("không mở được tệp", "missing"),
        ("Văn bản không thuộc thẩm quyền", "not-ours"),
        ("Gửi nhầm, thiếu dấu", "not-ours"),
        ("Sai số ký hiệu", "refused"),
        ("", "refused"),
    ],
)
def test_what_a_reason_speaks_of(reason, case):
    assert reading_of(reason) == case


def test_the_extent_of_an_update_is_all_who_hold_the_package():
    story = (
        Story().to("H21", REFUSED, words="Thiếu phụ lục").to("G22", ACCEPTED).to("H50", ASKED, transport="withdrawn")
    )
    story.to("H15", ARRIVED, ASKED, AGREED).to("H48", transport="waiting")
    found = advice(story)
    assert found is not None
    assert (found.case, found.primary, found.concerns, found.reason) == ("missing", "update", 3, "Thiếu phụ lục")
    assert found.others == ("reply", "recall")


def test_advice_about_time_and_recall():
    def case(story: Story) -> tuple[str, str] | None:
        found = advice(story)
        return (found.case, found.primary) if found else None

    assert case(Story().to("H21", transport="dispatched").missed("H21")) == ("not-fetched", "remind")
    assert case(Story().to("H21").missed("H21")) == ("silent", "remind")
    assert case(Story().to("H21", ACCEPTED).missed("H21", kind="reply")) == ("reply", "remind")
    assert case(Story().to("H21").missed("H21", attributable=False)) == ("unattributed", "")
    assert case(Story().to("H21", ACCEPTED, ASKED, DECLINED, words="Đã dùng")) == ("declined", "reply")
    assert case(Story().to("H21", ACCEPTED, ASKED)) == ("asked", "")
    assert case(Story().to("H21", ACCEPTED)) is None
    assert case(Story().to("H21", ACCEPTED, ASKED, AGREED)) is None
    assert case(Story(state="recalled").to("H21", REFUSED)) is None


def test_what_an_addressee_can_say():
    def offered(story: Story) -> tuple[str, ...]:
        timeline = story.timeline()
        return open_to_addressee(timeline, timeline.deliveries[0])

    assert offered(Story().to("H21")) == ("accept", "refuse")
    assert offered(Story().to("H21", ARRIVED, REFUSED)) == ("accept",)
    assert offered(Story().to("H21", ACCEPTED)) == ("assign", "progress", "finish")
    assert offered(Story().to("H21", ACCEPTED, ASKED)) == ("agree", "decline", "assign", "progress", "finish")
    assert offered(Story().to("H21", ACCEPTED, ASKED, DECLINED))[0] == "agree"
    assert offered(Story().to("H21", ACCEPTED, ASKED, AGREED)) == ()
    assert offered(Story(state="recalled").to("H21", ACCEPTED, ASKED)) == ("agree", "decline")
    assert offered(Story().to("H21", ASKED, transport="withdrawing")) == ()
    story = Story().to("H21", ASKED, words="Gửi nhầm").timeline()
    found = advice_to_addressee(story, story.deliveries[0], ("agree", "decline"))
    assert found == Advice("recall-asked", "agree", ("decline",), "Gửi nhầm", kind="late")


async def test_the_page_of_a_refusal(desk: Desk, story: Story, documents: FakeDocuments) -> None:
    story.to("H21", ARRIVED, REFUSED, words="Thiếu Phụ lục II nêu tại mục 3.").to("G22", ACCEPTED)
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(ADDRESS)
    assert answer.status == 200, answer.text
    shown = html.fromstring(answer.text)
    assert shown.xpath("//h1")[0].text_content().strip() == "UBND tỉnh Gia Lai từ chối 8712/CĐ-BNNMT"
    (todo,) = shown.xpath("//aside")
    said = " ".join(todo.text_content().split())
    assert "Thiếu Phụ lục II nêu tại mục 3." in said
    assert "8712_CD-BNNMT.pdf, 1,1 MB" in said
    assert "Không có tệp nào tên là phụ lục." in said
    assert "Bản cập nhật tới cả 2 nơi còn hiệu lực" in said
    assert todo.xpath(".//a[contains(@class, 'button-primary')]/@href") == [f"/compose?update={KEY}"]
    assert todo.xpath(".//a[not(@class)]/@href") == ["/compose?to=H21", f"/documents/{KEY}/recall?to=H21"]
    assert [li.get("class") for li in shown.xpath("//ol[@class='timeline']/li")][
        -1
    ] == "stop stop-business stop-refused"
    # The box comes right after the title in the source.
    assert answer.text.index("<aside") < answer.text.index('class="timeline"')
    assert "Phạm Thị Hương Giang, 0269 0000 000" in shown.text_content()
    (link,) = [a.get("href") for a in shown.xpath("//li[contains(@class, 'stop-refused')]//a")]
    entry = await desk.get(link)
    assert entry.status == 200
    assert story.events[2].leaf_hash.hex()[:4] in entry.text
    assert "status:accepted" in entry.text


async def test_acts_on_many_documents_are_shown_by_place_and_hash_alone(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED)
    spanning = story.event("copies:dispatched", ACCEPTED_AT, {"dispatched": [["ff" * 16, ["e-secret"]]]})
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(f"/documents/{KEY}/entries/{spanning.event_id.hex}")
    assert answer.status == 200
    assert "e-secret" not in answer.text
    assert "ff" * 16 not in answer.text


async def test_an_addressee_is_not_told_whom_else_an_act_names(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED)
    story.events.clear()
    accepted = story.event("document:accepted", ACCEPTED_AT, {"addressees": [["H99", "e-h99"]]}, KEY)
    await desk.sign_in("clerk", "H21")
    answer = await desk.get(f"/documents/{KEY}/entries/{accepted.event_id.hex}")
    assert answer.status == 200
    assert "H99" not in answer.text


async def test_without_a_web_endpoint_there_are_words_in_place_of_buttons(
    desk: Desk, story: Story, web_desk: FakeDesk
) -> None:
    web_desk.organ_ids = ()
    story.to("H21", ARRIVED, REFUSED, words="Gửi nhầm")
    await desk.sign_in("clerk", SENDER)
    shown = html.fromstring((await desk.get(ADDRESS)).text)
    (todo,) = shown.xpath("//aside")
    assert "Việc này làm trên phần mềm của cơ quan." in todo.text_content()
    assert not todo.xpath(".//a")


def test_an_annex_is_looked_for_by_name():
    def package(name: str) -> PackageView:
        return PackageView("d", 1, attachments=(AttachmentView("1", name, "", "", 1, "d", by_reference=False),))

    assert lacks_annex("Thiếu phụ lục II", package("cong_van.pdf"))
    assert not lacks_annex("Thiếu phụ lục II", package("Phụ lục I.docx"))
    assert not lacks_annex("Sai số", package("cong_van.pdf"))
