"""The page of one document: the matrix to its sender, the own copy to an addressee, and nothing to anybody else."""

import csv
import io
import re
from datetime import timedelta

from lxml import html

from docaxis.domain.status import StatusCode
from docaxis.hub.views.timeline import LinkView
from tests.web.clerk_document.story import ACCEPTED_AT, KEY, LATER, SENDER, FakeDesk, FakeDocuments, Story, submission
from tests.web.desk import Answer, Desk

ARRIVED, REFUSED, ACCEPTED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED
ASKED = StatusCode.RECALL_ASKED
ADDRESS = f"/documents/{KEY.hex}"


def page(answer: Answer) -> html.HtmlElement:
    assert answer.status == 200, answer.text
    return html.fromstring(answer.text)


def text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


async def test_the_matrix_of_a_sender(desk: Desk, story: Story, documents: FakeDocuments) -> None:
    story.to("G22", ARRIVED, ACCEPTED).to("H21", ARRIVED, REFUSED, words="Thiếu <b>Phụ lục II</b>").to("H15").missed(
        "H15"
    )
    story.to("H50", ASKED, transport="withdrawn", words="Gửi nhầm.").to("H48", transport="waiting")
    documents.due = {"receipt": LATER}
    await desk.sign_in("clerk", SENDER)
    shown = page(await desk.get(ADDRESS))
    assert [text(h) for h in shown.xpath("//h1")] == ["8712/CĐ-BNNMT"]
    (table,) = shown.xpath("//table[@class='matrix']")
    assert "ngày 20/11/2026" in text(table.xpath("caption")[0])
    assert [text(th) for th in table.xpath(".//thead//th[@scope='colgroup']")] == [
        "Vận chuyển (trục ký)", "Nghiệp vụ (nơi nhận ký)",
    ]  # fmt: skip
    heads = [text(th) for th in table.xpath(".//thead/tr[2]/th[@scope='col']")]
    assert heads[:3] == ["Đã chuyển", "Đã lấy về", "01 Đã đếnhạn 17:00"]
    groups = [text(th) for th in table.xpath(".//th[@scope='rowgroup']")]
    assert groups[0] == "Trung ương 1 nơi nhận, 1 đã tiếp nhận"
    assert groups[1] == "Cấp tỉnh 4 nơi nhận, 0 đã tiếp nhận, 1 quá hạn, 1 từ chối, 1 chờ đường truyền, 1 đã thu hồi"
    rows = {row.xpath(".//span[@class='code']")[0].text: row for row in table.xpath(".//tr[th[@scope='row']]")}
    assert [
        len(row.xpath("td")) + sum(int(td.get("colspan", 1)) - 1 for td in row.xpath("td")) for row in rows.values()
    ] == [7] * 5
    (late,) = rows["H15"].xpath(".//td[contains(@class, 'cell-unattributed') or contains(@class, 'cell-late')]//a")
    assert (
        late.get("aria-label") == "Ủy ban nhân dân tỉnh Đắk Lắk, 01 Đã đến, quá hạn 4 giờ 32 phút, hạn 20/11/2026 10:00"
    )
    assert text(late) == "quá hạn 4 giờ 32 phút"
    (refused,) = rows["H21"].xpath(".//td[contains(@class, 'cell-refused')]//a")
    assert (text(refused), refused.get("href")) == ("02 từ chối 08:13", f"/documents/{KEY}/to/H21#step-02")
    assert "Thu hồi lúc 08:14 khi chưa lấy về. Gửi nhầm." in text(rows["H50"])
    assert "chờ 380 gói" in text(rows["H48"])
    times = rows["G22"].xpath(".//time")
    assert (times[0].text, times[0].get("datetime")) == ("08:03", "2026-11-20T01:03:03+00:00")
    assert "<b>Phụ lục" not in (await desk.get(ADDRESS)).text


async def test_figures_filter_and_the_search_keeps_them(desk: Desk, story: Story) -> None:
    story.to("G22", ARRIVED, ACCEPTED).to("H21", ARRIVED, REFUSED)
    await desk.sign_in("clerk", SENDER)
    shown = page(await desk.get(ADDRESS))
    figures = {text(a): a.get("href") for a in shown.xpath("//ul[@class='figures']//a")}
    assert figures["1/2đã tiếp nhận"].endswith("state=accepted")
    assert figures["1 từ chối"].endswith("state=refused")
    shown = page(await desk.get(ADDRESS, params={"state": "refused"}))
    assert [span.text for span in shown.xpath("//tbody//th//span[@class='code']")] == ["H21"]
    assert shown.xpath("//input[@name='state']/@value") == ["refused"]
    shown = page(await desk.get(ADDRESS, params={"q": "khong co"}))
    assert "Không có nơi nhận nào như vậy" in text(shown)
    assert (await desk.get(ADDRESS, params={"state": "không có", "open": "x' onload='"})).status == 200


async def test_the_phone_form_lists_what_needs_attention_and_the_levels(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED, REFUSED, words="Thiếu phụ lục").to("G22", ARRIVED, ACCEPTED)
    await desk.sign_in("clerk", SENDER)
    shown = page(await desk.get(ADDRESS))
    (listed,) = shown.xpath("//ul[@class='attention']")
    assert "UBND tỉnh Gia Lai" in text(listed)
    assert "02 từ chối 08:13" in text(listed)
    assert [text(dd) for dd in shown.xpath("//dl[contains(@class, 'facts-ends')]//dd")] == [
        "1/1 đã tiếp nhận", "0/1 đã tiếp nhận",
    ]  # fmt: skip


async def test_english_keeps_names_and_reasons_in_vietnamese(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED, REFUSED, words="Thiếu phụ lục")
    await desk.sign_in("clerk", SENDER)
    shown = page(await desk.get(ADDRESS, params={"lang": "en"}))
    assert "02 refused 08:13" in text(shown)
    assert shown.xpath("//tbody//th/a[@lang='vi']")[0].text == "UBND tỉnh Gia Lai"
    assert "Provincial" in text(shown.xpath("//th[@scope='rowgroup']")[0])
    assert not re.search("nơi nhận|đã tiếp nhận|Vận chuyển", text(shown.xpath("//main")[0]))


async def test_an_addressee_sees_its_own_copy_and_what_to_do(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED).to("H15", ARRIVED, REFUSED, words="bí mật của Đắk Lắk")
    await desk.sign_in("clerk", "H21")
    answer = await desk.get(ADDRESS)
    shown = page(answer)
    assert not shown.xpath("//table[@class='matrix']")
    assert "bí mật của Đắk Lắk" not in answer.text
    assert "1 nơi khác cùng nhận" in text(shown)
    (todo,) = shown.xpath("//aside")
    assert todo.xpath(".//a[contains(@class, 'button-primary')]/@href") == [f"/documents/{KEY}/accept"]
    assert "Bộ Nông nghiệp và Môi trường" in text(shown)


async def test_what_is_to_be_done_elsewhere_has_no_button(desk: Desk, story: Story, web_desk: FakeDesk) -> None:
    web_desk.organ_ids = ()
    story.to("H21", ARRIVED)
    await desk.sign_in("clerk", "H21")
    shown = page(await desk.get(ADDRESS))
    assert "Việc này làm trên phần mềm của cơ quan." in text(shown)
    assert not shown.xpath("//main//a[contains(@class, 'button-primary')]")
    await desk.sign_in("clerk", SENDER)
    shown = page(await desk.get(ADDRESS))
    assert not shown.xpath(f"//a[@href='/documents/{KEY}/recall']")


async def test_foreign_documents_do_not_exist(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED).to("H48", transport="waiting").to("H50", ASKED, transport="withdrawn")
    addresses = [ADDRESS] + [
        f"{ADDRESS}/{rest}"
        for rest in ("to/H21", "package", "package/octets", "files/c1", "receipt", "receipt.pdf", "receipt.xml", "table.csv",
                     "accept", "recall", "remind", f"entries/{story.events[0].event_id.hex}")
    ]  # fmt: skip
    # A stranger; one whose copy has not left the hub; one whose copy was taken back before anybody had it.
    for organ_id in ("H04", "H48", "H50"):
        await desk.sign_in("clerk", organ_id)
        for address in addresses:
            assert (await desk.get(address)).status == 404, (organ_id, address)
    await desk.sign_in("clerk", SENDER)
    for address in ("/documents/x", f"/documents/{KEY.hex[:-1]}2", f"{ADDRESS}/to/H99", f"{ADDRESS}/entries/zz"):
        assert (await desk.get(address)).status == 404, address


async def test_an_addressee_reaches_nothing_of_the_others(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED).to("H15", ARRIVED)
    spanning = story.event(
        "copies:dispatched", ACCEPTED_AT + timedelta(hours=1), {"dispatched": [["ff" * 16, ["e-x"]]]}
    )
    theirs = story.event("deadline:missed", ACCEPTED_AT, {"addressees": [["H15", "e-h15"]], "kind": "receipt"}, KEY)
    await desk.sign_in("clerk", "H21")
    for rest in ("to/H15", "recall", "remind", "table.csv", "receipt.xml", f"entries/{theirs.event_id.hex}",
                 f"entries/{spanning.event_id.hex}"):  # fmt: skip
        assert (await desk.get(f"{ADDRESS}/{rest}")).status == 404, rest
    assert (await desk.get(f"{ADDRESS}/to/H21")).status == 200


async def test_the_table_as_csv_holds_every_row_and_stands_in_the_log(
    desk: Desk, story: Story, documents: FakeDocuments
) -> None:
    for number in range(500):
        story.to(f"X{number:03d}", ARRIVED)
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(f"{ADDRESS}/table.csv")
    assert answer.body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert len(rows) == 501
    assert rows[1][:4] == ["X000", "X000", "", "waiting"]
    assert rows[1][6] == "20/11/2026 08:12:03"
    assert documents.bodies("export:document-table") == [{"login": "clerk-g10", "organ_id": SENDER, "rows": 500}]


async def test_what_came_of_what_was_sent(desk: Desk, story: Story, documents: FakeDocuments) -> None:
    story.to("H21", ARRIVED)
    refused = submission(story.document, outcome="rejected", code="FLW.NOT_ACTIVE", message_id="m-2")
    documents.answers = {"m-1": submission(story.document), "m-2": refused}
    await desk.sign_in("clerk", SENDER)
    said = text(page(await desk.get(ADDRESS, params={"sent": "m-1,m-2,m-3,<script>"})))
    assert "Trục đã ghi lúc 20/11/2026 08:02:03." in said
    assert "Trục chưa chấp nhận việc vừa gửi." in said
    assert "chờ trục trả biên nhận. Tải lại m-3" in said
    assert "script" not in said


async def test_related_documents_are_links_where_the_hub_has_them(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED)
    story.links.append(LinkView("by", "reply", KEY, "H21", "H21,2026/11/20,5/UBND", ACCEPTED_AT))
    story.links.append(LinkView("of", "reply", None, "H99", "trên giấy", ACCEPTED_AT))
    await desk.sign_in("clerk", SENDER)
    (listed,) = page(await desk.get(ADDRESS)).xpath("//section[@id='ties']")
    assert len(listed.xpath(".//a")) == 1
    assert "Trả lời cho trên giấy" in text(listed)


async def test_an_addressee_learns_of_no_strangers_reply(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED).to("H15", ARRIVED)
    story.links.append(LinkView("by", "reply", KEY, "H15", "bí mật của H15", ACCEPTED_AT))
    story.links.append(LinkView("by", "reply", KEY, "H21", "trả lời của H21", ACCEPTED_AT))
    story.links.append(LinkView("by", "update", KEY, SENDER, "bản cập nhật", ACCEPTED_AT))
    await desk.sign_in("clerk", "H21")
    answer = await desk.get(ADDRESS)
    assert "bí mật của H15" not in answer.text
    (listed,) = page(answer).xpath("//section[@id='ties']")
    assert [text(a) for a in listed.xpath(".//a")] == ["trả lời của H21"]
    assert "Được cập nhật bằng bản cập nhật" in text(listed)


async def test_who_sends_to_itself_sees_both_sides(desk: Desk, story: Story) -> None:
    story.to(SENDER, ARRIVED).to("H21", ARRIVED)
    await desk.sign_in("clerk", SENDER)
    (own,) = page(await desk.get(ADDRESS)).xpath("//a[text()='Bản gửi cho chính cơ quan']/@href")
    assert own == f"/documents/{KEY}?as=addressee"
    assert "Báo đã tiếp nhận" in (await desk.get(f"/documents/{KEY}/accept")).text
    assert page(await desk.get(own)).xpath("//aside//a[contains(@class, 'button-primary')]")


async def test_other_roles_have_no_such_page(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED)
    for role in ("auditor", "operator", "administrator"):
        await desk.sign_in(role)
        assert (await desk.get(ADDRESS)).status == 404


async def test_the_tab_is_that_of_the_side_one_stands_on(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED).to(SENDER, ARRIVED)

    async def tab(path: str) -> list[str]:
        return [text(one) for one in page(await desk.get(path)).xpath("//nav[@class='tabs']/a[@aria-current='page']")]

    await desk.sign_in("clerk", SENDER)
    for path in (ADDRESS, f"{ADDRESS}/to/H21", f"{ADDRESS}/package", f"{ADDRESS}/receipt"):
        assert await tab(path) == ["Đã gửi"], path
    assert await tab(f"{ADDRESS}?as=addressee") == ["Đã nhận"]
    await desk.sign_in("clerk", "H21")
    for path in (ADDRESS, f"{ADDRESS}/to/H21", f"{ADDRESS}/package", f"{ADDRESS}/accept"):
        assert [one.partition(" ")[0] + " nhận" for one in await tab(path)] == ["Đã nhận"], path


async def test_titles_begin_with_the_heading(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED)
    await desk.sign_in("clerk", SENDER)
    entry = story.events[0].event_id.hex
    for path in (
        ADDRESS,
        f"{ADDRESS}/package",
        f"{ADDRESS}/receipt",
        f"{ADDRESS}/entries/{entry}",
        f"{ADDRESS}/to/H21",
    ):
        shown = page(await desk.get(path))
        (title,), (heading,) = shown.xpath("//title"), shown.xpath("//h1")
        assert text(title).casefold().startswith(text(heading).casefold()), path
