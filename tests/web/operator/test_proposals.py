"""What needs a second person: nobody approves their own proposal, and approval makes the change and records it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import FormData
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from docaxis.backends.registry import Registry
from docaxis.backends.tables import events, log_pending
from docaxis.config import Config
from docaxis.trust.certificate import fingerprint_of, read_certificates
from docaxis.web.operator.ports import PROPOSALS
from tests import certificates
from tests.web.desk import Desk

REASON = "theo công văn 12/VP của nơi cấp"
PRINT = "sha256:" + "ab" * 32
BINDING = {"fingerprint": PRINT, "how": "named", "organ_ids": "H41 H42", "reason": REASON}


async def acts(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    async with desk.database.engine.begin() as connection:
        rows = await connection.execute(
            select(events.c.kind, events.c.canonical)
            .join(log_pending, log_pending.c.event_id == events.c.event_id)
            .order_by(log_pending.c.pending_id)
        )
        found = [(row.kind, json.loads(row.canonical)["body"]) for row in rows]
        return [one for one in found if one[0].startswith("proposal:")]


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def remove(folder: Path) -> None:
    folder.rmdir()


async def proposed(desk: Desk) -> str:
    (one,) = await desk.app[PROPOSALS].waiting()
    return one.proposal_id.hex


@pytest.fixture
def anchors(desk_config: Config) -> Path:
    return desk_config.trust.anchors_dir


async def test_a_binding_is_proposed_by_one_and_approved_by_another(desk: Desk):
    registry = Registry(desk.database.engine)
    first = await desk.sign_in("operator", login="minh", name="Lê Minh Đức")
    done = await desk.post("/propose/binding", BINDING)
    assert (done.status, done.location) == (303, "/proposals?done=proposed")
    key = await proposed(desk)
    assert await registry.signer_bindings() == {}

    own = await desk.get(f"/proposals/{key}")
    assert "Người đề nghị không tự duyệt được" in own.text
    assert "Duyệt và làm" not in own.text
    refused = await desk.post(f"/proposals/{key}/approve", {"reason": REASON})
    assert refused.status == 409
    assert "OPERATOR.OWN_PROPOSAL" in refused.text
    assert await registry.signer_bindings() == {}

    await desk.sign_in("administrator", login="lan", name="Trần Thị Lan")
    assert "Lê Minh Đức" in (await desk.get("/proposals")).text
    assert (await desk.post(f"/proposals/{key}/approve", {"reason": ""})).status == 422
    done = await desk.post(f"/proposals/{key}/approve", {"reason": "đã gọi điện hỏi lại"})
    assert done.location == "/proposals?done=approved"
    assert await registry.signer_bindings() == {PRINT: frozenset({"H41", "H42"})}
    assert [(kind, told["login"]) for kind, told in await acts(desk)] == [
        ("proposal:made", "minh"), ("proposal:approved", "lan"),
    ]  # fmt: skip
    again = await desk.post(f"/proposals/{key}/approve", {"reason": "đã gọi điện hỏi lại"})
    assert again.status == 409
    assert "OPERATOR.PROPOSAL_OVER" in again.text
    (decided,) = await desk.app[PROPOSALS].decided(10)
    assert (decided.proposed_by, decided.decided_name, decided.outcome) == (first.person_id, "Trần Thị Lan", "approved")
    page = await desk.get("/proposals?lang=en")
    assert "approved" in page.text


async def test_a_declined_and_a_withdrawn_proposal_change_nothing(desk: Desk):
    registry = Registry(desk.database.engine)
    await desk.sign_in("operator", login="minh")
    await desk.post("/propose/binding", BINDING)
    withdrawn = await desk.post(f"/proposals/{await proposed(desk)}/decline", {"reason": "ghi nhầm mã cơ quan"})
    assert withdrawn.location == "/proposals?done=withdrawn"
    await desk.post("/propose/binding", BINDING)
    key = await proposed(desk)
    await desk.sign_in("operator", login="lan")
    declined = await desk.post(f"/proposals/{key}/decline", {"reason": "không có công văn"})
    assert declined.location == "/proposals?done=declined"
    assert (await desk.post(f"/proposals/{key}/approve", {"reason": "đổi ý, duyệt"})).status == 409
    assert await registry.signer_bindings() == {}
    assert [kind for kind, _ in await acts(desk)] == [
        "proposal:made", "proposal:withdrawn", "proposal:made", "proposal:declined",
    ]  # fmt: skip


async def test_a_signer_is_shut_out_and_forgotten_again(desk: Desk):
    registry = Registry(desk.database.engine)
    bound: dict[str, dict[str, frozenset[str]]] = {"nobody": {PRINT: frozenset()}, "forget": {}}
    for how, expected in bound.items():
        await desk.sign_in("operator", login="minh")
        assert (await desk.post("/propose/binding", BINDING | {"how": how})).status == 303
        key = await proposed(desk)
        await desk.sign_in("operator", login="lan")
        assert (await desk.post(f"/proposals/{key}/approve", {"reason": REASON})).status == 303
        assert await registry.signer_bindings() == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"fingerprint": "ab"},
        {"fingerprint": "zz" * 32},
        {"organ_ids": ""},
        {"organ_ids": "NOBODY"},
        {"organ_ids": "H41 !!"},
        {"reason": "ngắn"},
        {"how": "forget"},
    ],
)
async def test_a_wrong_binding_is_shown_again(desk: Desk, changed: dict[str, str]):
    await desk.sign_in("operator")
    page = await desk.post("/propose/binding", BINDING | changed)
    assert page.status == 422
    assert "aria-invalid" in page.text
    assert await desk.app[PROPOSALS].waiting() == []


async def upload(desk: Desk, octets: bytes) -> Any:
    form = FormData()
    form.add_field("csrf", desk.form_token)
    form.add_field("file", octets, filename="anchor.pem", content_type="application/x-pem-file")
    return await desk.post("/propose/anchor/read", form)


async def test_an_anchor_is_shown_before_it_is_proposed_and_written_when_approved(desk: Desk, anchors: Path):
    root = certificates.authority("Root of the trial")
    pem = root.certificate.public_bytes(Encoding.PEM)
    fingerprint = fingerprint_of(root.certificate)
    await desk.sign_in("operator", login="minh")
    shown = await upload(desk, pem)
    assert shown.status == 200
    assert "Root of the trial" in shown.text
    assert await desk.app[PROPOSALS].waiting() == []
    done = await desk.post("/propose/anchor", {"pem": pem.decode(), "reason": REASON})
    assert done.status == 303
    key = await proposed(desk)
    assert files(anchors) == []
    assert "Root of the trial" in (await desk.get(f"/proposals/{key}")).text

    await desk.sign_in("administrator", login="lan")
    assert (await desk.post(f"/proposals/{key}/approve", {"reason": REASON})).status == 303
    (file,) = files(anchors)
    assert [fingerprint_of(one) for one in read_certificates(file.read_bytes())] == [fingerprint]
    told = dict(await acts(desk))["proposal:approved"]
    assert told["content"]["fingerprint"] == fingerprint
    assert "pem" not in told["content"]
    assert "Root of the trial" in (await desk.get("/proposals")).text

    known = await upload(desk, pem)
    assert known.status == 422
    assert "Chứng thư này đã là neo tin cậy" in known.text

    # Beside another one in its file, it alone goes when its removal is approved.
    other = certificates.authority("Another root")
    file.write_bytes(pem + other.certificate.public_bytes(Encoding.PEM))
    assert (await desk.post("/propose/removal", {"fingerprint": fingerprint, "reason": REASON})).status == 303
    key = await proposed(desk)
    await desk.sign_in("operator", login="minh")
    assert (await desk.post(f"/proposals/{key}/approve", {"reason": REASON})).status == 303
    (file,) = files(anchors)
    assert read_certificates(file.read_bytes()) == [other.certificate]


async def test_what_is_no_authority_is_no_anchor(desk: Desk):
    root = certificates.authority("Root of the trial")
    signer = certificates.leaf(root)
    await desk.sign_in("operator")
    page = await upload(desk, signer.public_bytes(Encoding.PEM))
    assert page.status == 422
    assert "CA:TRUE" in page.text
    forced = await desk.post("/propose/anchor", {"pem": signer.public_bytes(Encoding.PEM).decode(), "reason": REASON})
    assert forced.status == 422
    for octets in (b"", b"nothing", b"\x00" * 70_000, root.certificate.public_bytes(Encoding.PEM) * 2):
        assert (await upload(desk, octets)).status == 422
    assert await desk.app[PROPOSALS].waiting() == []


async def test_a_folder_that_cannot_be_written_leaves_the_proposal_waiting(desk: Desk, anchors: Path):
    root = certificates.authority("Root of the trial")
    await desk.sign_in("operator", login="minh")
    await desk.post("/propose/anchor", {"pem": root.certificate.public_bytes(Encoding.PEM).decode(), "reason": REASON})
    key = await proposed(desk)
    remove(anchors)
    await desk.sign_in("operator", login="lan")
    page = await desk.post(f"/proposals/{key}/approve", {"reason": REASON})
    assert page.status == 503
    assert "OPERATOR.ANCHORS_FOLDER" in page.text
    assert await proposed(desk) == key
    assert [kind for kind, _ in await acts(desk)] == ["proposal:made"]


async def test_retention_is_decided_by_two(desk: Desk):
    await desk.sign_in("operator", login="minh")
    for days in ("", "0", "364", "36501", "-5", "1e3", "9" * 50, "٤٠٠"):
        assert (await desk.post("/propose/retention", {"days": days, "reason": REASON})).status == 422
    assert (await desk.post("/propose/retention", {"days": "3650", "reason": REASON})).status == 303
    key = await proposed(desk)
    assert await desk.app[PROPOSALS].retention_days() is None
    await desk.sign_in("administrator", login="lan")
    shown = await desk.get(f"/proposals/{key}")
    assert (shown.status, "chưa ai quyết định" in shown.text) == (200, True)
    assert (await desk.post(f"/proposals/{key}/approve", {"reason": REASON})).status == 303
    assert await desk.app[PROPOSALS].retention_days() == 3650
    assert "3.650" in (await desk.get("/configuration")).text


async def test_unknown_proposals_are_not_there(desk: Desk):
    await desk.sign_in("operator")
    for key in (uuid4().hex, "x"):
        assert (await desk.get(f"/proposals/{key}")).status == 404
        assert (await desk.post(f"/proposals/{key}/approve", {"reason": REASON})).status == 404
    assert (await desk.get("/propose/removal?fingerprint=x")).status == 404
    assert (await desk.post("/propose/removal", {"fingerprint": "x", "reason": REASON})).status == 404


async def test_others_see_no_proposals(desk: Desk):
    for role in ("clerk", "auditor"):
        await desk.sign_in(role)
        for path in ("/proposals", "/propose/anchor", "/propose/binding", "/propose/retention"):
            assert (await desk.get(path)).status == 404
        assert (await desk.post("/propose/binding", BINDING)).status == 404
