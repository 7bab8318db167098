"""Figures and rows for the operator's pages, made up."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert

from docaxis.backends.database import Database
from docaxis.backends.tables import quarantine
from docaxis.hub.ids import new_id
from docaxis.hub.views.operating import (
    Board,
    BrokerView,
    CertificateEnd,
    Disk,
    EndpointView,
    InboxLook,
    QueueView,
    TrafficPoint,
)
from tests.web.desk import BEGIN


class FakeOperation:
    """A board that was measured somewhere else."""

    def __init__(self) -> None:
        self.now = busy_board()

    def board(self) -> Board:
        return self.now

    async def inbox(self, endpoint: str) -> list[InboxLook] | None:
        return None if endpoint == "lang-son" else [InboxLook("urgent", 0, 1), InboxLook("normal", 12, 1)]


def busy_board() -> Board:
    """Return a board with something of everything."""
    minute = timedelta(minutes=1)
    return Board(
        since=BEGIN - timedelta(hours=3),
        looked_at=BEGIN,
        broker=BrokerView(is_own=True),
        accepted_rate=84.2,
        dispatched_rate=673.0,
        rate_s=300.0,
        latency_p95_s=0.9,
        latency_base=2000,
        log_at=BEGIN - 2 * minute,
        log_size=4_817_203,
        disk=Disk(61 << 30, 39 << 30),
        quarantined=2,
        queues=(
            QueueView("ingress", "docaxis.ingress.urgent.v1", "urgent", 0, "flowing", None, False, 11.4, 11.4, 300, 0, (4, 0)),
            QueueView("ingress", "docaxis.ingress.normal.v1", "normal", 38, "flowing", 0.4, True, 72.8, 72.9, 300, 2, (30, 38)),
            QueueView("fetched", "docaxis.fetched.v1", "", 0, "flowing", history=(0, 0)),
            QueueView("trial", "docaxis.quarantine.v1", "", None, "unseen"),
            QueueView("outbox", "outbox", "", 3, "flowing", 0.2, history=(1, 3)),
            QueueView("log", "log", "", 12, "standing", 400.0, history=(1, 12)),
            QueueView("deferred", "deferred", "", 7, "held", 660.0, history=(7, 7), resumes_at=BEGIN + 8 * minute),
            QueueView("inbox", "inbox.ea-sup", "ea-sup", 1000, "full", 11160.0, False, 0.4, 0.0, 300, None, (10, 1000), 380),
            QueueView("inbox", "inbox.da-nang", "da-nang", 204, "flowing", 3.0, False, 14.1, 14.0, 300, None, (200, 204)),
        ),
        endpoints=(
            EndpointView("da-nang", "Trục Đà Nẵng", ("H17",), BEGIN - timedelta(days=90), None, BEGIN, BEGIN, 204),
            EndpointView("ea-sup", "Xã Ea Súp", ("H15",), BEGIN - 130_000 * minute, None, None, BEGIN - 180 * minute, 1000, 380),
            EndpointView("lang-son", "Lạng Sơn", (), BEGIN - timedelta(days=9), BEGIN),
        ),
        certificates=(
            CertificateEnd("signer", "Sở Xây dựng", BEGIN + timedelta(days=6), "sha256:1", "H37"),
            CertificateEnd("seal", "Trục", BEGIN + timedelta(days=412), "sha256:2"),
        ),
        signers_seen=1234,
        traffic=tuple(
            TrafficPoint(BEGIN - timedelta(minutes=30 * n), 1800, 1800 * (n % 9), n) for n in range(47, -1, -1)
        ),
    )  # fmt: skip


async def set_aside(
    database: Database, reason: str = "RuntimeError: a fault", message_id: str = "m-1", at: datetime = BEGIN
) -> UUID:
    """Put a message into quarantine; its octets are a secret that no page may show."""
    event_id = new_id(at)
    async with database.engine.begin() as connection:
        await connection.execute(
            insert(quarantine).values(
                event_id=event_id, origin="normal", endpoint="da-nang", message_id=message_id,
                body=b"<edXML>SECRET SUBJECT</edXML>", reason=reason, quarantined_at=at,
            )
        )  # fmt: skip
    return event_id
