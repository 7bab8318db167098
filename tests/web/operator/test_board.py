"""The board, the queues, the endpoints and the levels, as pages."""

from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from docaxis.backends.registry import Registry
from docaxis.hub.views.operating import Board, BrokerView, CertificateEnd, QueueView
from tests.web.desk import BEGIN, Desk
from tests.web.operator.rows import FakeOperation, set_aside


async def test_the_head_says_what_is_stuck_and_what_wants_an_eye(desk: Desk):
    await desk.sign_in("operator")
    page = await desk.get("/board")
    assert page.status == 200
    assert "<h1>2 chỗ đang kẹt. 4 việc cần để mắt.</h1>" in page.text
    assert "Mục chờ vào nhật ký đứng yên 6 phút." in page.text
    assert "Hộp thư Xã Ea Súp đầy." in page.text
    assert "1 chứng thư hết hạn trong 6 ngày." in page.text
    assert "84,2" in page.text
    assert "4.817.203" in page.text
    assert "61" in page.text
    assert "đầy, 380 gói chờ ngoài" in page.text
    assert "tự quyết lại 14:40" in page.text
    english = await desk.get("/board?lang=en")
    assert "<h1>2 places are stuck. 4 things to keep an eye on.</h1>" in english.text
    assert "full, 380 packages outside" in english.text
    assert "84.2" in english.text


async def test_a_board_without_figures_says_so_and_does_not_fail(desk: Desk, operation: FakeOperation):
    operation.now = Board(BEGIN, BEGIN, BrokerView(is_own=True))
    await desk.sign_in("operator")
    page = await desk.get("/board")
    assert page.status == 200
    assert "Không có gì kẹt. Không có việc nào cần để mắt." in page.text
    assert "Trang mới bắt đầu đo từ 14:32:00" in page.text
    assert "hình có sau vài phút" in page.text


async def test_what_kind_of_broker_it_is_is_said_in_words_and_nobody_learns_where(desk: Desk, operation: FakeOperation):
    await desk.sign_in("operator")
    for path in ("/board", "/board/figures", "/queues"):
        page = await desk.get(path)
        assert "RabbitMQ riêng, 1 nút" in page.text
        assert "amqp" not in page.text
    operation.now = replace(operation.now, broker=BrokerView(is_own=False, nodes=3))
    assert "RabbitMQ của cơ quan, 3 nút" in (await desk.get("/board")).text
    assert "The organisation&#39;s RabbitMQ, 3 nodes" in (await desk.get("/board?lang=en")).text


async def test_only_certificates_that_end_within_thirty_days_are_listed(desk: Desk, operation: FakeOperation):
    await desk.sign_in("operator")
    page = await desk.get("/board")
    assert "6 ngày" in page.text
    assert "412 ngày" not in page.text
    later = (
        CertificateEnd("anchor", "Gốc", BEGIN + timedelta(days=900), "sha256:3"),
        CertificateEnd("seal", "Trục thử", BEGIN + timedelta(days=412), "sha256:2"),
        CertificateEnd("crl", "Gốc", BEGIN + timedelta(days=2), "sha256:4"),
    )
    operation.now = replace(operation.now, certificates=later)
    page = await desk.get("/board")
    assert "Không có chứng thư nào hết hạn trong 30 ngày." in page.text
    assert "Sớm nhất: con dấu của trục" in page.text
    assert "hết hạn 06/01/2028." in page.text
    operation.now = replace(operation.now, certificates=())
    assert "Sớm nhất" not in (await desk.get("/board")).text


async def test_the_part_that_is_fetched_again_is_no_whole_page(desk: Desk):
    await desk.sign_in("operator")
    part = await desk.get("/board/figures")
    assert part.status == 200
    assert "<html" not in part.text
    assert "2 chỗ đang kẹt" in part.text


async def test_the_chart_has_its_numbers_in_a_table(desk: Desk):
    await desk.sign_in("operator")
    page = await desk.get("/board")
    assert page.text.count("<polyline class=") == 2
    assert page.text.count("</td></tr>") > 48


async def test_what_cannot_be_read_is_named(desk: Desk, operation: FakeOperation):
    operation.now = replace(operation.now, missing=("broker", "store"))
    await desk.sign_in("operator")
    page = await desk.get("/board")
    assert "Máy chủ hàng chờ không trả lời: số gói ở cửa vào là của lần đo trước." in page.text
    assert "Không đọc được kho dữ liệu." in page.text


async def test_queues_are_filtered_and_found_without_marks(desk: Desk):
    await desk.sign_in("operator")
    everything = await desk.get("/queues")
    assert "1 hộp thư đầy hoặc không ai lấy" in everything.text
    found = await desk.get("/queues?q=da+nang")
    assert "Hộp thư Trục Đà Nẵng" in found.text
    assert "Xã Ea Súp" not in found.text
    full = await desk.get("/queues?state=full")
    assert "Xã Ea Súp" in full.text
    assert "Trục Đà Nẵng" not in full.text
    assert "Không có hộp thư nào khớp" in (await desk.get("/queues?q=khong-co")).text


async def test_thousands_of_queues_come_a_page_at_a_time(desk: Desk, operation: FakeOperation):
    inboxes = tuple(QueueView("inbox", f"inbox.{n:04}", f"{n:04}", 0, "flowing") for n in range(3411))
    operation.now = replace(operation.now, queues=inboxes)
    await desk.sign_in("operator")
    first = await desk.get("/queues")
    assert first.text.count("inbox.0") == 100
    assert "after=100" in first.text
    last = await desk.get("/queues?after=3400")
    assert last.text.count("inbox.3") == 11
    assert "after=3500" not in last.text
    for odd in ("-1", "x", "9" * 30, ""):
        assert (await desk.get(f"/queues?after={odd}")).status == 200


async def test_endpoints_and_one_of_them(desk: Desk):
    await desk.sign_in("operator")
    page = await desk.get("/endpoints")
    assert "1 trên 3 đầu mối im lặng" in page.text
    silent = await desk.get("/endpoints?which=silent")
    assert "Xã Ea Súp" in silent.text
    assert "Trục Đà Nẵng" not in silent.text
    assert "đã khóa" in (await desk.get("/endpoints?which=disabled")).text
    one = await desk.get("/endpoints/ea-sup")
    assert '<h1><span lang="vi">Xã Ea Súp</span> im lặng</h1>' in one.text
    assert "UBND tỉnh Đắk Lắk" in one.text or "H15" in one.text
    assert "Máy chủ hàng chờ không trả lời." in (await desk.get("/endpoints/lang-son")).text
    assert (await desk.get("/endpoints/nobody")).status == 404


async def test_levels_show_what_is_connected_of_how_many(desk: Desk):
    registry = Registry(desk.database.engine)
    await registry.add_endpoint("da-nang", "Trục Đà Nẵng", BEGIN)
    await desk.sign_in("operator")
    page = await desk.get("/connections")
    assert page.status == 200
    assert "0 / 34" in page.text
    assert "cơ quan đã nối" in page.text


@pytest.mark.parametrize("path", ["/board", "/queues", "/endpoints", "/connections", "/quarantine"])
async def test_only_operators_come_here(desk: Desk, path: str):
    for role in ("clerk", "auditor", "administrator"):
        await desk.sign_in(role)
        assert (await desk.get(path)).status == 404
    await desk.sign_out()
    assert (await desk.get(path)).status == 303


async def test_no_page_of_an_operator_shows_content(desk: Desk):
    event_id = await set_aside(desk.database)
    await desk.sign_in("operator")
    for path in ("/board", "/quarantine", f"/quarantine/{event_id.hex}", "/queues", "/endpoints"):
        page = await desk.get(path)
        assert page.status == 200
        assert "SECRET" not in page.text


async def test_an_open_board_does_not_grow_old_unseen(desk: Desk, operation: FakeOperation):
    operation.now = replace(operation.now, looked_at=BEGIN + timedelta(seconds=5))
    await desk.sign_in("operator")
    assert "14:32:05" in (await desk.get("/board/figures")).text


async def test_a_whole_country_is_shown_in_little_time(desk: Desk, operation: FakeOperation):
    template = operation.now.endpoints[1]
    inboxes = tuple(
        QueueView("inbox", f"inbox.{n}", str(n), n, "flowing", history=tuple(range(61))) for n in range(3411)
    )
    endpoints = tuple(replace(template, endpoint_id=str(n), unfetched=n % 3) for n in range(3411))
    operation.now = replace(operation.now, queues=(*operation.now.queues, *inboxes), endpoints=endpoints)
    await desk.sign_in("operator")
    for path in ("/board", "/board/figures", "/queues", "/endpoints", "/connections", "/directory?q=ubnd"):
        spent = []
        for _ in range(3):
            before = process_time()
            assert (await desk.get(path)).status == 200
            spent.append(process_time() - before)
        assert min(spent) < 0.3, path
