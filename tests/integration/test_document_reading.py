"""What the pages of one document read: real packages of a real hub, their files, and what is verified of them."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.document_reading import DocumentReading, SubmissionReading
from docaxis.backends.queries import Queries
from docaxis.backends.tables import deliveries
from docaxis.domain.calendar import WorkingCalendar
from docaxis.domain.deadline import DeadlinePolicy
from docaxis.domain.envelope import Attachment, BlobReference
from docaxis.hub.acts import act
from docaxis.hub.verification import Grounds
from docaxis.trust.certificate import fingerprint_of
from tests.integration.flow_hub import FlowHub
from tests.simulator import SENDER, endpoint_of

LARGE = b"%PDF-1.7 " + b"x" * 300_000


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture
async def reading(hub: FlowHub, database_url: str, blobs: FolderBlobs) -> AsyncIterator[DocumentReading]:
    def grounds(at: datetime) -> Grounds:
        return Grounds(hub.snapshot.trust, at, hub.snapshot.directory, hub.snapshot.policy)

    async with AsyncExitStack() as stack:
        queries = await stack.enter_async_context(Queries(database_url))
        submissions = await stack.enter_async_context(SubmissionReading(database_url))
        policy = DeadlinePolicy(WorkingCalendar())
        seals = (hub.country.hub.certificate,)
        yield DocumentReading(queries, submissions, blobs, hub.database, policy, grounds, seals)


async def test_a_document_its_act_and_its_answer(hub: FlowHub, reading: DocumentReading) -> None:
    receipt = await hub.send()
    key = UUID(receipt.receipt_id)
    timeline = await reading.document(key)
    named = await reading.named(key)
    assert timeline is not None
    assert timeline.document == named
    answered = await reading.answer(receipt.message_id, SENDER)
    assert answered is not None
    assert answered.submission_id == key
    assert await reading.answer(receipt.message_id, "H01") is None
    assert await reading.answer("m-unknown", SENDER) is None
    event = await reading.event_of(key)
    assert event is not None
    assert event.leaf_hash.hex() == receipt.event_hash
    for nothing in (await reading.document(UUID(int=1)), await reading.named(UUID(int=1)), await reading.submission(UUID(int=1)),
                    await reading.event_of(UUID(int=1))):  # fmt: skip
        assert nothing is None
    assert set(reading.dues(timeline.document)) == {"receipt"}
    assert set(reading.dues(replace(timeline.document, priority=9))) == {"receipt"}


async def test_how_many_stand_before_a_copy_in_the_line(hub: FlowHub, reading: DocumentReading) -> None:
    await hub.send(1, to=("H01",))
    hub.window = 0
    for number in range(2, 5):
        await hub.send(number, to=("H01",))
    waiting = sorted(row.sequence for row in await hub.rows(deliveries) if row.state == "waiting")
    assert [await reading.ahead(endpoint_of("H01"), "normal", sequence) for sequence in waiting] == [0, 1, 2]
    assert await reading.ahead(endpoint_of("H01"), "urgent", waiting[-1]) == 0


async def test_what_a_package_says_and_its_files(hub: FlowHub, reading: DocumentReading, blobs: FolderBlobs) -> None:
    digest = f"sha256:{hashlib.sha256(LARGE).hexdigest()}"
    await blobs.write(digest, LARGE)
    envelope = hub.country.envelope()
    files = (
        Attachment("a1", "../công văn.pdf", "application/pdf", content=b"%PDF-1.4 nho"),
        Attachment("a2", "lớn.pdf", blob=BlobReference(digest, len(LARGE))),
        Attachment("a3", "hỏng.txt", content=b"PK\x03\x04 no zip"),
        Attachment("a4", "mất.pdf", blob=BlobReference("sha256:" + "0" * 64, 5)),
    )
    octets = hub.country.signed(replace(envelope, attachments=files))
    large = f"sha256:{hashlib.sha256(octets).hexdigest()}"
    await blobs.write(large, octets)
    package = await reading.package(large)
    assert package is not None
    assert [(one.name, one.size_bytes, one.by_reference, one.trouble) for one in package.attachments] == [
        ("công văn.pdf", 12, False, ""),
        ("lớn.pdf", len(LARGE), True, ""),
        ("hỏng.txt", 11, False, "PKG.ATTACHMENT_DAMAGED"),
        ("mất.pdf", 5, True, ""),
    ]
    issued = hub.country.issued(SENDER).certificate
    assert package.certificate is not None
    assert package.certificate.fingerprint == fingerprint_of(issued)

    async def content(content_id: str) -> tuple[str, str, bytes] | None:
        file = await reading.attachment(large, content_id)
        if file is None:
            return None
        taken = b"".join([chunk async for chunk in file.chunks])
        assert len(taken) == file.size_bytes
        return file.name, file.content_type, taken

    assert await content("a1") == ("công văn.pdf", "application/pdf", b"%PDF-1.4 nho")
    assert await content("a2") == ("lớn.pdf", "application/octet-stream", LARGE)
    assert await content("a3") == ("hỏng.txt", "application/zip", b"PK\x03\x04 no zip")
    assert await content("a4") is None
    assert await content("a5") is None
    assert await reading.package("sha256:" + "1" * 64) is None
    broken = b"<no package/>"
    at = f"sha256:{hashlib.sha256(broken).hexdigest()}"
    await blobs.write(at, broken)
    unread = await reading.package(at)
    assert unread is not None
    assert unread.trouble.startswith("PKG.")
    assert await reading.attachment(at, "a1") is None


async def test_a_package_is_verified_step_by_step(hub: FlowHub, reading: DocumentReading) -> None:
    octets = hub.country.signed(hub.country.envelope())
    whole = await reading.check(octets, hub.now)
    assert (whole.kind, whole.verdict, {step.outcome for step in whole.steps}) == ("package", "accepted", {"held"})
    assert (whole.sender, whole.signer and whole.signer.fingerprint) == (
        SENDER, fingerprint_of(hub.country.issued(SENDER).certificate),
    )  # fmt: skip

    async def failed(body: bytes, at: datetime = hub.now) -> tuple[str, list[tuple[str, str]]]:
        report = await reading.check(body, at)
        assert report.verdict == "rejected", report
        return report.code, [(step.name, step.outcome) for step in report.steps if step.outcome != "held"]

    later = ("chain", "not-checked"), ("time", "not-checked"), ("parties", "not-checked")
    assert await failed(octets.replace(b"G22", b"G12", 1)) == (
        "SIG.HASH_FAILURE", [("digest", "failed"), ("signature", "not-checked"), *later],
    )  # fmt: skip
    assert await failed(b"no xml") == ("PKG.NOT_WELL_FORMED", [("well-formed", "failed")])
    assert (await failed(b"<other/>"))[1][0] == ("schema", "failed")
    code, left = await failed(octets, hub.now.replace(year=hub.now.year + 40))
    assert (code, left[0]) == ("SIG.EXPIRED", ("time", "failed"))


async def test_a_receipt_is_verified_against_the_seal_and_the_log(hub: FlowHub, reading: DocumentReading) -> None:
    receipt = await hub.send()
    submission = await reading.submission(UUID(receipt.receipt_id))
    assert submission is not None
    found = await reading.check(submission.receipt, hub.now)
    assert (found.kind, found.verdict, found.known) == ("receipt", "accepted", True)
    assert (found.sender, found.document_id, found.event_hash) == (SENDER, receipt.document_id, receipt.event_hash)
    seal = await reading.seal(submission.receipt)
    assert seal is not None
    assert seal.digest == f"sha256:{hashlib.sha256(submission.receipt).hexdigest()}"
    altered = await reading.check(submission.receipt.replace(b"accepted", b"rejected"), hub.now)
    assert (altered.verdict, [step.outcome for step in altered.steps]) == (
        "rejected",
        ["held", "failed", "not-checked"],
    )
    assert await reading.seal(b"<x/>") is None


async def test_a_sealed_receipt_that_the_log_does_not_have_is_not_believed(
    hub: FlowHub, reading: DocumentReading
) -> None:
    composed = await hub.commit(hub.package(hub.country.envelope(1)))
    given = composed.outgoing[-1].receipt
    assert given is not None
    forged = hub.country.seal.sign(_without_signature(given).replace("<MessageId>m-", "<MessageId>n-"))
    report = await reading.check(forged, hub.now)
    assert (report.verdict, report.known, report.steps[-1].outcome) == ("rejected", False, "failed")


def _without_signature(receipt: bytes) -> str:
    text = receipt.decode()
    start, end = text.index("<ds:Signature"), text.index("</ds:Signature>") + len("</ds:Signature>")
    return text[:start] + text[end:]


async def test_acts_of_persons_are_written_into_the_log(
    hub: FlowHub, reading: DocumentReading, database: Database
) -> None:
    receipt = await hub.send()
    key = UUID(receipt.receipt_id)
    event = act("person:reminded", hub.now, {"login": "a", "addressees": [["H01", "e-h01"]]}, key)
    await reading.record(event)
    timeline = await reading.document(key)
    assert timeline is not None
    assert event.event_id in {one.event_id for one in timeline.events}
    async with database.engine.begin() as connection:
        pending = (await connection.exec_driver_sql("SELECT count(*) FROM log_pending")).scalar_one()
    assert pending == 2
