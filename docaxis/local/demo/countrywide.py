"""The story of a dispatch to all provinces: most take it at once, one refuses it, two keep silent after it has arrived."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from adapters.flows import earlier_document, status_of
from docaxis.domain.envelope import Organization, Priority
from docaxis.domain.status import StatusCode
from docaxis.edxml.status_writer import write_status
from docaxis.local.demo.cast import PROVINCES, endpoint_of
from docaxis.local.demo.troupe import Document, Troupe

SENDER, AT = "G12", "g12"
REFUSES, REASON = "H14", "Gói tin thiếu Phụ lục 2 mà văn bản nhắc tới"
SILENT = ("H38", "H52", "H27")
"""Their systems have fetched it and say nothing."""
ARRIVED_ONLY = ("H12", "H61")
TAKE_IT_SLOWLY = ("H05", "H13", "H19")
"""Of the second document, which may wait, these have said something by now."""


async def countrywide(troupe: Troupe) -> None:
    """Play it; raises StoryBroken."""
    urgent = troupe.desk.draft(
        SENDER,
        ("LIST.PROVINCES",),
        "1107/CĐ-BTC",
        "Khẩn trương rà soát dự phòng ngân sách ứng phó bão số 5",
        Priority.IMMEDIATE_TIMED,
    )
    dispatch = await troupe.send_envelope(urgent)
    plan = await troupe.send(SENDER, ("LIST.PROVINCES",), "1108/BTC-NSNN", "V/v xây dựng dự toán ngân sách năm sau")
    for organ_id in PROVINCES:
        await troupe.delivered(dispatch, endpoint_of(organ_id))
        await troupe.delivered(plan, endpoint_of(organ_id))
    talking = [organ_id for organ_id in PROVINCES if organ_id not in SILENT]
    await asyncio.gather(*(_answer(troupe, dispatch, organ_id) for organ_id in talking))
    await asyncio.gather(*(_say(troupe, plan, organ_id, StatusCode.ACCEPTED) for organ_id in TAKE_IT_SLOWLY))
    expected = sorted(["01"] * len(talking) + ["02"] + ["03"] * (len(talking) - 1 - len(ARRIVED_ONLY)))
    await troupe.until(
        lambda: sorted(troupe.heard(AT, dispatch)) == expected, "the ministry did not hear all provinces"
    )
    await troupe.until(lambda: troupe.reported(AT, dispatch, "overdue"), "the ministry did not hear who is late")


async def _answer(troupe: Troupe, document: Document, organ_id: str) -> None:
    """Say that it has arrived, then what is done with it."""
    await _say(troupe, document, organ_id, StatusCode.ARRIVED)
    if organ_id == REFUSES:
        await _say(troupe, document, organ_id, StatusCode.REFUSED, REASON)
    elif organ_id not in ARRIVED_ONLY:
        await _say(troupe, document, organ_id, StatusCode.ACCEPTED)


async def _say(troupe: Troupe, document: Document, organ_id: str, code: StatusCode, reason: str = "") -> None:
    """Report a status as a province whose receipts nobody here waits for."""
    earlier = earlier_document(document.envelope.header.document_id, original=document.envelope)
    status = status_of(earlier, code, Organization(organ_id), datetime.now(UTC), reason=reason)
    paper = await asyncio.to_thread(troupe.desk.sign_status, organ_id, write_status(status))
    agency = troupe.stage.agencies[endpoint_of(organ_id)]
    await agency.send(paper.octets, uuid4().hex, Priority.NORMAL)
