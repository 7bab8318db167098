"""What the control queue brings: believed only by the hub's word, handed over once, and a withdrawal before all else."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.client import Client
from adapters.delivery import Delivery, SetAside
from adapters.passed_on import ReceivedRecall, ReceivedStatus
from adapters.settings import SettingsError, SigningSettings
from docaxis.domain import wire
from docaxis.domain.envelope import StatusEnvelope
from docaxis.domain.receipt import ReceiptAddressee
from docaxis.domain.report import Report
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from tests.adapters.desk import package, signed, write_key
from tests.adapters.self_signed import new_seal
from tests.adapters.standin import ENDPOINT, ORGAN, SENDER, StandInHub, until
from tests.adapters.words import DOCUMENT, KEY, OTHER_KEY, effect, request, status
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.broker


@dataclass
class Office:
    """Writes down what the client hands over."""

    written: list[str] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    statuses: list[ReceivedStatus] = field(default_factory=list)
    recalls: list[ReceivedRecall] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    async def write(self, delivery: Delivery) -> None:
        self.written.append(delivery.document_key)

    async def refuse(self, aside: SetAside) -> None:
        self.aside.append(aside)

    async def notice(self, notice, _octets) -> None:
        self.notices.append(notice.notice_id)

    async def status(self, received: ReceivedStatus) -> None:
        self.statuses.append(received)

    async def recall(self, received: ReceivedRecall) -> None:
        self.recalls.append(received)

    async def report(self, report: Report, _octets) -> None:
        self.reports.append(report)

    async def receive(self, client: Client, **more) -> int:
        return await client.receive_waiting(
            self.write, self.refuse, self.notice, status=self.status, recall=self.recall, report=self.report, **more
        )


async def test_a_status_is_handed_over_with_its_proof_and_once(hub: StandInHub, tmp_path: Path):
    octets = status("03", "Đã vào sổ")
    proof = hub.receipt("m", wire.digest_of(octets), addressees=(ReceiptAddressee(SENDER, ENDPOINT, "status"),))
    office = Office()
    for _ in range(2):
        await hub.pass_on(octets, proof=proof)
        async with Client(hub.settings(state_dir=tmp_path)) as client:
            await office.receive(client)
    [received] = office.statuses
    assert (received.octets, received.receipt_octets) == (octets, proof)
    assert (received.status.status_code, received.status.description) == ("03", "Đã vào sổ")
    assert not office.recalls
    assert not office.aside
    assert await hub.depth("control") == 0


async def test_large_ones_come_by_digest(hub: StandInHub):
    octets, office = status("06"), Office()
    await hub.pass_on(octets, effect("advanced"), claim=True, proof_as_blob=True)
    async with Client(hub.settings()) as client:
        await office.receive(client)
    assert [one.octets for one in office.statuses] == [octets]


async def test_what_the_hub_does_not_vouch_for_is_set_aside(hub: StandInHub):
    octets, office = request(), Office()
    digest = wire.digest_of(octets)
    withdrawing = effect("withdrawing")
    stranger = StandInHub(hub.amqp_url, seal=new_seal("stranger"))
    await hub.pass_on(octets, proof=stranger.receipt("m", digest, effects=(withdrawing,)))
    await hub.pass_on(octets, proof=hub.receipt("m", "sha256:" + "0" * 64, effects=(withdrawing,)))
    await hub.pass_on(octets, withdrawing, outcome="rejected", code="PKG.SCHEMA")
    await hub.pass_on(octets, effect("withdrawing", endpoint="else"))
    await hub.pass_on(octets, proof=b"")
    await hub.pass_on(b"<nonsense/>", effect("advanced"))
    key = await hub.deliver(b"<one/>", key=KEY)
    async with Client(hub.settings()) as client:
        assert await office.receive(client) == 1
    assert office.written == [key]
    assert [one.reason.partition(":")[0] for one in office.aside] == [
        "not sealed by the hub",
        "the receipt is about another package",
        "a package that the hub has rejected",
        "the receipt does not name this endpoint",
        "no delivery note",
        "the package cannot be read",
    ]
    assert not office.recalls
    assert not hub.withdrawn
    assert await hub.depth("control") == 0


async def test_an_unread_copy_is_given_back_and_never_written(hub: StandInHub, tmp_path: Path):
    """Sent, taken back, and only then the endpoint comes: nothing is ever written, whenever the copy comes."""
    await hub.deliver(b"<one/>", key=KEY)
    await hub.deliver(b"<two/>", key=OTHER_KEY, lane="urgent", sequence=9)
    await hub.pass_on(request(), effect("withdrawing"), effect("withdrawing", "c" * 32, "urgent", 10))
    office = Office()
    async with Client(hub.settings(state_dir=tmp_path)) as client:
        assert await office.receive(client) == 1
        await until(lambda: len(hub.withdrawn) == 3)
    assert office.written == [OTHER_KEY]
    # Told when it was marked, and once more when the copy itself came.
    assert sorted(hub.withdrawn) == [("normal", 1), ("normal", 1), ("urgent", 10)]
    assert hub.fetched == [("urgent", 9)]
    [recall] = office.recalls
    assert (recall.unread, recall.written) == ((KEY, "c" * 32), ())
    assert (recall.document_id, recall.reason) == (DOCUMENT, "Gửi nhầm")
    # The other copy comes a day later, as the hub publishes again.
    await hub.deliver(b"<three/>", key="c" * 32, lane="urgent", sequence=10)
    async with Client(hub.settings(state_dir=tmp_path)) as client:
        assert await office.receive(client) == 0
        await until(lambda: len(hub.withdrawn) == 4)
    assert office.written == [OTHER_KEY]
    assert [await hub.depth(kind) for kind in ("control", "urgent", "normal")] == [0, 0, 0]


async def test_a_written_copy_is_not_given_back_but_a_clerk_is_asked(hub: StandInHub):
    await hub.deliver(b"<one/>", key=KEY)
    office = Office()
    async with Client(hub.settings()) as client:
        assert await office.receive(client) == 1
        await hub.pass_on(request(), effect("withdrawing"), effect("asked", OTHER_KEY))
        assert await office.receive(client) == 0
    [recall] = office.recalls
    assert (recall.unread, recall.written) == ((), (KEY, OTHER_KEY))
    assert not hub.withdrawn


async def test_a_withdrawal_between_two_batches_holds_for_the_second(hub: StandInHub):
    office = Office()
    for key in (KEY, OTHER_KEY):
        await hub.deliver(b"<one/>", key=key)

    async def write(delivery: Delivery) -> None:
        await office.write(delivery)
        await hub.pass_on(request(), effect("withdrawing", OTHER_KEY, sequence=2))

    async with Client(hub.settings()) as client:
        await client.receive_waiting(write, most=1)
    assert office.written == [KEY]


async def test_a_copy_that_somebody_may_have_is_not_called_unread(hub: StandInHub):
    """The process died between the writing and the record: only the receiver can tell, and its word counts."""
    await hub.deliver(b"<one/>", key=KEY)
    await hub.pass_on(request(), effect("withdrawing"))
    office = Office()

    async def seen(document_key: str) -> bool:
        return document_key == KEY

    async with Client(hub.settings()) as client:
        assert await office.receive(client, seen=seen) == 1
    assert office.written == [KEY]
    assert office.recalls[0].written == (KEY,)
    assert not hub.withdrawn


async def test_while_a_proof_cannot_be_fetched_the_lanes_wait(hub: StandInHub):
    await hub.deliver(b"<one/>", key=KEY)
    await hub.pass_on(request(), effect("withdrawing"), proof_as_blob=True)
    hub.http_status = 401
    office = Office()
    async with Client(hub.settings()) as client:
        with pytest.raises(TimeoutError):
            await client.receive_waiting(office.write, patience_s=3)
        hub.http_status = 0
        assert await office.receive(client) == 0
    assert office.written == []
    assert len(office.recalls) == 1


async def test_a_proof_that_stays_missing_is_given_up(hub: StandInHub):
    await hub.deliver(b"<one/>", key=KEY)
    await hub.pass_on(request(), effect("withdrawing"), proof_as_blob=True)
    hub.blobs.clear()
    office = Office()
    async with Client(hub.settings()) as client:
        assert await office.receive(client) == 1
    assert "404" in office.aside[0].reason


async def test_reports_and_notices_are_told_apart(hub: StandInHub, tmp_path: Path):
    office = Office()
    for _ in range(2):
        await hub.report("r1")
        await hub.notify("n1")
        async with Client(hub.settings(state_dir=tmp_path)) as client:
            await office.receive(client)
    assert [(one.report_id, one.kind) for one in office.reports] == [("r1", "overdue")]
    assert office.notices == ["n1"]


async def test_the_client_reports_a_status(hub: StandInHub, tmp_path: Path):
    body = signed(package(number="5"))
    await hub.deliver(body, key=KEY)
    deliveries: list[Delivery] = []

    async def write(delivery: Delivery) -> None:
        deliveries.append(delivery)

    async with Client(hub.settings()) as client:
        await client.receive_waiting(write)
        with pytest.raises(SettingsError):
            await client.report_status(deliveries[0], "03")
    signing = SigningSettings(ORGAN, *write_key(tmp_path))
    async with Client(hub.settings(signing=signing)) as client:
        message_id = await client.report_status(deliveries[0], "02", "Sai nơi nhận")
        assert (await client.receipt_for(message_id, PATIENCE_S)).receipt.outcome == "accepted"
    [sent] = hub.statuses
    assert sent.lane == "normal"
    read = read_envelope(parse(sent.body))  # type: ignore[arg-type]
    assert isinstance(read, StatusEnvelope)
    assert (read.sender.organ_id, read.status_code, read.description) == (ORGAN, "02", "Sai nơi nhận")
    assert (read.response_for.organ_id, read.response_for.document_id) == (SENDER, deliveries[0].note.document_id)


async def test_a_request_to_give_back_travels_in_the_urgent_lane(hub: StandInHub):
    async with Client(hub.settings()) as client:
        await client.send(request())
        await client.send(status("03"))
        await until(lambda: len(hub.statuses) == 2)
    assert {(one.lane, b">13<" in one.body) for one in hub.statuses} == {("urgent", True), ("normal", False)}
