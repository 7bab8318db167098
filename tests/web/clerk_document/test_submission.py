"""A package that was refused or put off: who may see that, and what the page says is to be done."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from docaxis.backends.directory_files import shipped
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.desk import DESK
from docaxis.web.site import SITE, Site
from tests.web.clerk_document.story import KEY, SENDER, FakeDesk, FakeDocuments, submission
from tests.web.desk import ORIGIN, Clock, Desk

ONE = UUID(int=77)
ADDRESS = f"/submissions/{ONE}"


@pytest.fixture
def desk_ports(documents: FakeDocuments, web_desk: FakeDesk) -> Mapping[web.AppKey[Any], Any]:
    directory, policy = shipped()
    connected = replace(directory, connections={SENDER: "e-g10", "H21": "e-h21"})
    site = Site("docaxis", ORIGIN, Clock(), lambda: connected, lambda: policy)
    return {DOCUMENTS: documents, DESK: web_desk, SITE: site}


def put(documents: FakeDocuments, **changed: Any) -> None:
    facts = {"outcome": "rejected", "code": "RTE.ADDRESSEE_UNKNOWN", "detail": "H99", **changed}
    documents.submissions[ONE] = submission(documents.story.document, submission_id=ONE, **facts)


async def test_a_refusal_has_its_sentence_its_place_and_what_to_do(desk: Desk, documents: FakeDocuments) -> None:
    put(documents, place="edXML/To[3]/OrganId (line 12)")
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(ADDRESS)
    assert answer.status == 200
    for part in ("Trục chưa chấp nhận gói tin này", "H99", "edXML/To[3]/OrganId (line 12)", "RTE.ADDRESSEE_UNKNOWN",
                 "Gói bị trả không tới nơi nhận nào.", "m-1"):  # fmt: skip
        assert part in answer.text, part


async def test_a_deferred_one_needs_nothing(desk: Desk, documents: FakeDocuments) -> None:
    put(documents, outcome="deferred", code="SIG.TRY_LATER", retry_at=documents.story.document.accepted_at)
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(ADDRESS)
    assert "Chưa cần làm gì: trục tự xét lại. Lần tới lúc 20/11/2026 08:02." in answer.text


async def test_a_code_of_another_version_is_shown_as_it_is(desk: Desk, documents: FakeDocuments) -> None:
    put(documents, code="NEW.CODE", detail="x")
    await desk.sign_in("clerk", SENDER)
    assert "NEW.CODE x" in (await desk.get(ADDRESS)).text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        # Anybody may write a sender's name: what came through another endpoint is not this agency's.
        ({"endpoint": "e-h21"}, 404),
        ({"sender": "H21"}, 404),
        # What could not be read names nobody, so the endpoint alone tells whose it is.
        ({"sender": "", "document_id": ""}, 200),
        ({"sender": "", "endpoint": "e-h21"}, 404),
    ],
)
async def test_whose_it_is(desk: Desk, documents: FakeDocuments, changed: dict[str, str], status: int) -> None:
    put(documents, **changed)
    await desk.sign_in("clerk", SENDER)
    assert (await desk.get(ADDRESS)).status == status
    assert (await desk.get(f"/submissions/{UUID(int=1)}")).status == 404


async def test_what_became_a_document_leads_to_it(desk: Desk) -> None:
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(f"/submissions/{KEY}")
    assert (answer.status, answer.location) == (303, f"/documents/{KEY}")
    await desk.sign_in("clerk", "H04")
    assert (await desk.get(f"/submissions/{KEY}")).status == 404
