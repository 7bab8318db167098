"""Writing and sending without a script: each step keeps what was typed, and only what is in order is sent."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from docaxis.backends.people_tables import drafts
from docaxis.backends.tables import events, lanes
from docaxis.domain.envelope import Priority
from docaxis.domain.people import Grant
from docaxis.web.desk import DeskError
from tests.integration.clerk_rows import World
from tests.web.compose.conftest import PDF, SIGNED_PDF, FakeDesk, decide, form
from tests.web.desk import Desk

FILE = [("Công văn.pdf", SIGNED_PDF)]
TO = ("to", "H01")


async def ready(desk: Desk, organ_id: str = "G22") -> str:
    """Sit down as a clerk; returns the address of a new draft."""
    await desk.sign_in("clerk", organ_id)
    return f"/compose/{uuid4()}"


async def test_a_blank_form_offers_lists_and_usual_addressees(desk: Desk) -> None:
    world = World()
    for number in range(3):
        world.document(f"d-{number}", {"H05": (), "H01": ()} if number else {"H05": ()}, sender="G22")
    await world.write(desk.database)
    await ready(desk)
    page = await desk.get("/compose")
    assert page.status == 200
    assert "Soạn và gửi văn bản" in page.text
    assert "Tất cả các tỉnh, thành phố" in page.text
    assert page.text.index('name="add" value="H05"') < page.text.index('name="add" value="H01"')
    assert "Chưa chọn nơi nhận" in page.text
    assert "chỉ niêm phong gói tin khi chuyển" in page.text
    english = await desk.get("/compose?lang=en")
    assert "only seals the package for the way" in english.text
    async with desk.database.engine.connect() as connection:
        assert (await connection.execute(select(drafts.c.draft_id))).all() == []


async def test_an_agency_with_its_own_software_is_told_so(desk: Desk) -> None:
    draft = await ready(desk, "H26")
    assert "Cơ quan này gửi bằng phần mềm của mình" in (await desk.get("/compose")).text
    assert (await desk.post(f"{draft}/step", form(desk))).status == 404


async def test_each_step_keeps_all_that_was_typed(desk: Desk) -> None:
    draft = await ready(desk)
    step = f"{draft}/step"
    done = await desk.post(step, form(desk, ("find", "ubnd ha noi"), ("find-now", "1"), ("due_on", "2026-12-01")))
    assert done.status == 303
    assert done.location.endswith("#part-to")
    page = await desk.get(done.location.partition("#")[0])
    assert 'name="add" value="H26"' in page.text
    assert "01/12/2026" in page.text
    assert "V/v thử" in page.text
    # Ticked ones are added, those that were offered and not ticked are not.
    done = await desk.post(step, form(desk, ("offered", "H01"), ("offered", "H05"), ("add", "H01"), ("add-now", "1")))
    page = await desk.get(done.location)
    assert "Gửi tới 1 nơi nhận" in page.text
    done = await desk.post(step, form(desk, TO, ("list", "LIST.PROVINCES"), ("upload", "1"), files=FILE))
    page = await desk.get(done.location.partition("#")[0])
    assert "Công văn.pdf" in page.text
    assert "Tệp có chữ ký số, trục chưa kiểm" in page.text
    assert 'aria-pressed="true"' in page.text
    done = await desk.post(step, form(desk, TO, ("to", "H05"), ("drop-to", "H01")))
    page = await desk.get(done.location)
    assert 'name="to" value="H05"' in page.text
    assert 'name="to" value="H01"' not in page.text
    done = await desk.post(step, form(desk, TO, ("clear-to", "1")))
    assert "Chưa chọn nơi nhận" in (await desk.get(done.location.partition("#")[0])).text


async def test_a_whole_draft_is_sent_once_and_leads_to_what_became_of_it(desk: Desk, fake: FakeDesk) -> None:
    draft = await ready(desk)
    whole = [TO, ("to", "H05"), ("send", "1")]
    first, second = await asyncio.gather(
        *(desk.post(f"{draft}/step", form(desk, *whole, files=FILE)) for _ in range(2))
    )
    assert {first.status, second.status} <= {303, 404}
    assert len(fake.letters) == 1
    (letter,) = fake.letters
    assert (letter.sender, letter.number, letter.notation, letter.to) == ("G22", "12", "CV-VP", ("H01", "H05"))
    assert (letter.priority, letter.signer_name, letter.kind) == (Priority.URGENT, "Nguyễn Văn An", "new")
    assert [one.name for one in letter.files] == ["Công văn.pdf"]
    page = await desk.get(f"{draft}/sent")
    assert "trục chưa trả lời" in page.text
    key = await decide(desk, "message-1", "accepted")
    assert (await desk.get(f"{draft}/sent")).location in {f"/documents/{key}", ""}
    assert (await desk.get(draft)).location == f"{draft}/sent"
    assert (await desk.post(f"{draft}/step", form(desk, *whole))).location == f"{draft}/sent"
    async with desk.database.engine.connect() as connection:
        sent = (await connection.scalars(select(events.c.canonical).where(events.c.kind == "person:send"))).all()
    assert len(sent) == 1
    assert b'"message-1"' in sent[0]


async def test_a_refusal_comes_back_to_the_form_with_its_sentence(desk: Desk, fake: FakeDesk) -> None:
    async def refuse(message_id: str) -> None:
        await decide(desk, message_id, "rejected", "SIG.REVOKED", "thẻ mất")

    fake.answer = refuse
    draft = await ready(desk)
    done = await desk.post(f"{draft}/step", form(desk, TO, ("send", "1"), files=FILE))
    assert (done.status, done.location) == (303, draft)
    page = await desk.get(draft)
    assert "Chưa được chấp nhận" in page.text
    assert "SIG.REVOKED" in page.text
    assert "thu hồi" in page.text.casefold()
    fake.answer = None
    again = await desk.post(f"{draft}/step", form(desk, TO, ("send", "1")))
    assert again.location == f"{draft}/sent"
    first, second = fake.letters
    assert first.unique == second.unique == draft.rpartition("/")[2].replace("-", "")


async def test_what_is_missing_is_told_at_its_field_and_nothing_is_sent(desk: Desk, fake: FakeDesk) -> None:
    draft = await ready(desk)
    wrong = {"subject": " ", "promulgated_on": "31/31/2026", "due_on": "2020-01-01"}
    page = await desk.post(f"{draft}/step", form(desk, ("to", "H99.99"), ("send", "1"), **wrong))  # type: ignore[arg-type]
    assert page.status == 422
    for words in ("Chưa ghi trích yếu", "Ngày ban hành chưa đúng", "Hạn trả lời phải là", "Chưa có tệp nào", "H99.99"):
        assert words in page.text
    assert page.text.count('aria-invalid="true"') >= 3
    assert fake.letters == []
    # A town that nobody connected cannot be reached; the others can.
    page = await desk.post(f"{draft}/step", form(desk, TO, ("to", "H26"), ("due_on", ""), ("send", "1"), files=FILE))
    assert page.status == 422
    assert "không gửi được" in page.text
    fake.trouble = DeskError("chưa tới được trục", "the hub cannot be reached")
    page = await desk.post(f"{draft}/step", form(desk, TO, ("send", "1")))
    assert page.status == 422
    assert "Chưa tới được trục." in page.text
    fake.trouble = None
    assert (await desk.post(f"{draft}/step", form(desk, TO, ("send", "1")))).status == 303


async def test_a_number_that_is_in_use_and_a_line_that_waits(desk: Desk) -> None:
    world = World()
    world.document("G22,2026/11/20,12/CV-VP", {"H01": ()}, sender="G22", number="12", notation="CV-VP")
    await world.write(desk.database)
    async with desk.database.engine.begin() as connection:
        await connection.execute(
            insert(lanes).values(
                endpoint="e-h01", lane="normal", next_sequence=9, dispatched=0, dispatched_bytes=0, fetched=0,
                fetched_bytes=0, waiting=3,
            )
        )  # fmt: skip
    draft = await ready(desk)
    page = await desk.post(f"{draft}/step", form(desk, TO, ("send", "1"), files=FILE))
    assert page.status == 422
    assert "Số 12/CV-VP đã dùng trong năm 2026" in page.text
    assert "1 nơi đang chờ" in page.text
    assert "Hạn tiếp nhận tính theo độ khẩn: 20/11/2026" in page.text


async def test_files_are_looked_at_before_they_are_kept(desk: Desk) -> None:
    draft = await ready(desk)
    for name, content, words in (
        ("virus.exe", b"MZ", "Không nhận tệp virus.exe"),
        ("a.pdf", b"MZ no pdf", "không đúng với đuôi"),
        ("a.pdf", b"", "rỗng"),
        ("a.pdf", PDF + bytes(1_000_001), "lớn hơn"),
    ):
        page = await desk.post(f"{draft}/step", form(desk, files=[(name, content)]))
        assert page.status == 422, name
        assert words in page.text
    three = [(f"{number}.pdf", PDF + bytes([number])) for number in range(4)]
    page = await desk.post(f"{draft}/step", form(desk, files=three))
    assert "nhiều nhất 3 tệp" in page.text
    assert "Không thấy chữ ký số" in page.text
    macro = [("bang.xlsx", b"PK\x03\x04" + b"[Content_Types].xml xl/ xl/vbaProject.bin")]
    other = f"/compose/{uuid4()}"
    done = await desk.post(
        f"{other}/step", form(desk, files=[*macro, ("cu.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9)])
    )
    page = await desk.get(done.location)
    assert "Có macro" in page.text
    assert "chưa xem được macro" in page.text
    done = await desk.post(f"{other}/step", form(desk, files=[("../../cu.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")]))
    assert done.status == 422
    assert "cùng tên cu.doc" in done.text


async def test_a_reply_an_update_and_a_replacement_begin_from_the_earlier_document(desk: Desk, fake: FakeDesk) -> None:
    world = World()
    received = world.document("in", {"G22": ()}, sender="H41", number="7", notation="BC-SO")
    sent = world.document("out", {"H01": (), "H05": ()}, sender="G22", number="12", notation="CV-VP", subject="V/v đê")
    foreign = world.document("foreign", {"H01": ()}, sender="H41")
    await world.write(desk.database)
    await ready(desk)
    page = await desk.get(f"/compose?reply={received}")
    assert "Soạn văn bản trả lời" in page.text
    assert 'name="to" value="H41"' in page.text
    page = await desk.get(f"/compose?update={sent}&to=H01")
    assert "V/v đê" in page.text
    assert 'name="removed" value="H05"' in page.text
    page = await desk.get(f"/compose?replace={sent}")
    assert 'name="to" value="H05"' in page.text
    for query in (f"reply={foreign}", f"update={received}", "replace=none", f"update={uuid4()}"):
        assert (await desk.get(f"/compose?{query}")).status == 404, query
    draft = f"/compose/{uuid4()}"
    fields = [TO, ("earlier", sent.hex), ("removed", "H05"), ("send", "1")]
    page = await desk.post(f"{draft}/step", form(desk, *fields, kind="update"))
    assert page.status == 422
    assert "Chưa ghi lý do" in page.text
    assert (await desk.post(f"{draft}/step", form(desk, *fields, kind="update", reason="Sai"))).status == 303
    (letter,) = fake.letters
    assert (letter.kind, letter.earlier, letter.removed, letter.reason) == ("update", (sent,), ("H05",), "Sai")
    # A form cannot smuggle in what this agency never had.
    page = await desk.post(
        f"/compose/{uuid4()}/step", form(desk, TO, ("earlier", foreign.hex), ("send", "1"), kind="reply")
    )
    assert page.status == 422


async def test_a_new_draft_becomes_a_reply_by_the_number_of_what_came(desk: Desk) -> None:
    world = World()
    received = world.document("in", {"G22": ()}, sender="H41", number="7", notation="BC-SO", subject="V/v đê điều")
    world.document("other", {"G22": ()}, sender="H41", number="8", notation="BC-SO")
    foreign = world.document("foreign", {"H01": ()}, sender="H41", number="7", notation="BC-SO")
    await world.write(desk.database)
    step = f"{await ready(desk)}/step"
    done = await desk.post(step, form(desk, ("answers", "7 bc so"), ("find-answer", "1")))
    page = await desk.get(done.location.partition("#")[0])
    assert f'value="{received.hex}"' in page.text
    assert foreign.hex not in page.text
    done = await desk.post(step, form(desk, ("answers", "7 bc so"), ("answer", received.hex)))
    page = await desk.get(done.location.partition("#")[0])
    assert "Soạn văn bản trả lời" in page.text
    assert 'name="to" value="H41"' in page.text
    assert (await desk.post(step, form(desk, ("answer", foreign.hex)))).status == 404
    fields = [("earlier", received.hex), ("drop-earlier", received.hex)]
    done = await desk.post(step, form(desk, *fields, kind="reply"))
    assert "Soạn và gửi văn bản" in (await desk.get(done.location)).text
    done = await desk.post(step, form(desk, ("answers", "không có")))
    assert "Không có văn bản đã nhận nào khớp" in (await desk.get(done.location)).text


async def test_drafts_are_their_writers_alone(desk: Desk) -> None:
    draft = await ready(desk)
    assert (await desk.post(f"{draft}/step", form(desk, TO))).status == 303
    assert "Nháp đang dở" in (await desk.get("/compose")).text
    await desk.sign_in("clerk", "G22", login="other")
    assert (await desk.get(draft)).status == 404
    assert (await desk.post(f"{draft}/step", form(desk, TO))).status == 404
    assert (await desk.post(f"{draft}/discard", {})).status == 404
    assert "Nháp đang dở" not in (await desk.get("/compose")).text
    await desk.sign_in("clerk", "H41", grants=[Grant("G22")])
    assert (await desk.get(draft)).status == 404
    await desk.sign_in("clerk", "G22")
    assert (await desk.post(f"{draft}/discard", {})).location == "/compose"
    assert (await desk.get(draft)).status == 404
    assert (await desk.get("/compose/no-id")).status == 404


async def test_the_search_finds_without_marks_by_code_and_level(desk: Desk) -> None:
    await ready(desk)
    part = await desk.get("/compose/agencies?find=ha+noi&level=provincial")
    assert part.status == 200
    assert "<html" not in part.text
    assert 'value="H26"' in part.text
    assert 'value="H26"' in (await desk.get("/compose/agencies?find=h26")).text
    assert "Không có cơ quan nào khớp" in (await desk.get("/compose/agencies?find=zzz&lang=vi")).text
    assert (await desk.get("/compose/agencies")).text.strip() == ""


async def test_a_draft_left_behind_while_it_was_sent_is_opened_again(desk: Desk) -> None:
    draft = await ready(desk)
    await desk.post(f"{draft}/step", form(desk, TO, files=FILE))
    async with desk.database.engine.begin() as connection:
        this = drafts.c.draft_id == UUID(draft.rpartition("/")[2])
        await connection.execute(drafts.update().where(this).values(message_id="sending", changed_at=desk.clock.at))
    assert (await desk.post(f"{draft}/reopen", {})).status == 303
    assert (await desk.get(draft)).location == f"{draft}/sent"
    desk.clock.at = desk.clock.at + timedelta(minutes=5)
    assert "Chưa biết văn bản đã gửi hay chưa" in (await desk.get(f"{draft}/sent")).text
    assert (await desk.post(f"{draft}/reopen", {})).location == draft
    assert (await desk.get(draft)).status == 200
