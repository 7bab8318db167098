"""Writing and sending with a desk that writes down what it is asked, and the hub's answers put straight into the store."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData, web
from sqlalchemy import insert

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.registry import Registry
from docaxis.backends.tables import submissions
from docaxis.desk.uploads import Uploads
from docaxis.domain.status import StatusCode
from docaxis.hub.ids import new_id
from docaxis.hub.views.documents import DocumentView
from docaxis.web.compose import sending
from docaxis.web.compose.ports import UPLOADS
from docaxis.web.desk import DESK, DeskError, Letter
from tests.web.desk import BEGIN, Desk

PDF = b"%PDF-1.7\n1 0 obj << /Type /Page >>\n"
SIGNED_PDF = PDF + b"/Type /Sig /ByteRange [0 840 960 240]"


@dataclass
class FakeDesk:
    """Serves G22 and H41; `letters` are those that it was given; the next one meets `trouble`."""

    letters: list[Letter] = field(default_factory=list)
    trouble: DeskError | None = None
    answer: Callable[[str], Any] | None = None

    def serves(self, organ_id: str) -> bool:
        return organ_id in {"G22", "H41"}

    async def send(self, letter: Letter) -> str:
        if self.trouble is not None:
            raise self.trouble
        self.letters.append(letter)
        message_id = f"message-{len(self.letters)}"
        if self.answer is not None:
            await self.answer(message_id)
        return message_id

    async def report(self, organ_id: str, document: DocumentView, code: StatusCode, reason: str = "") -> str:
        raise AssertionError

    async def recall(self, document: DocumentView, addressees: Sequence[str], reason: str) -> Sequence[str]:
        raise AssertionError


@pytest.fixture(scope="session")
def filled_file(filled_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped agencies, some of them connected, each by an endpoint of its own."""
    file = tmp_path_factory.mktemp("connected") / "filled.db"
    shutil.copy(filled_file, file)
    asyncio.run(_connect(f"sqlite+aiosqlite:///{file}"))
    return file


async def _connect(url: str) -> None:
    database = Database(url)
    try:
        registry = Registry(database.engine)
        for code in ("G22", "H01", "H05", "H41"):
            await registry.add_endpoint(f"e-{code.lower()}", code, BEGIN)
            await registry.connect(f"e-{code.lower()}", [code])
    finally:
        await database.close()


@pytest.fixture
def fake() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def desk_ports(fake: FakeDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[web.AppKey[Any], Any]:
    monkeypatch.setattr(sending, "ANSWER_WAIT_S", 0.0)
    monkeypatch.setattr(sending.answer_of, "__defaults__", (0.0,))
    return {DESK: fake, UPLOADS: Uploads(FolderBlobs(tmp_path / "blobs"), 1_000_000, 3)}


async def decide(desk: Desk, message_id: str, outcome: str, code: str = "", detail: str = "") -> Any:
    """Put the hub's decision on a message into the store."""
    at: datetime = BEGIN
    key = new_id(at)
    async with desk.database.engine.begin() as connection:
        await connection.execute(
            insert(submissions).values(
                submission_id=key, endpoint="e-g22", message_id=message_id, digest=f"sha256:{message_id}", lane="normal",
                outcome=outcome, code=code, detail=detail, place="", sender="G22", document_id="", received_at=at,
                decided_at=at, event_id=key, receipt=b"",
            )
        )  # fmt: skip
    return key


def form(desk: Desk, *fields: tuple[str, str], files: Sequence[tuple[str, bytes]] = (), **texts: str) -> FormData:
    """Return a form as the browser makes it: of a whole document unless told otherwise."""
    filled = {
        "number": "12", "notation": "CV-VP", "promulgated_on": "2026-11-20", "subject": "V/v thử", "priority": "1",
        "type_name": "Công văn", "signer_name": "Nguyễn Văn An", "kind": "new",
    } | texts  # fmt: skip
    # Browsers write names of files as they are.
    data = FormData(quote_fields=False)
    data.add_field("csrf", desk.form_token)
    for name, value in [*filled.items(), *fields]:
        data.add_field(name, value)
    for name, content in files:
        data.add_field("files", content, filename=name, content_type="application/octet-stream")
    return data
