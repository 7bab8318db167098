"""`receipts`: a document's timeline out of the database."""

import asyncio
import json
from pathlib import Path

import pytest

from docaxis.backends.database import Database
from docaxis.backends.store import SqlStore
from docaxis.cli.trouble import ExitCode
from docaxis.hub.rows import Batch
from tests.cli.conftest import CONFIG, Run
from tests.integration.store_rows import SENDER, accept, document_key, event_row, submission_row
from tests.schema import newest

DOCUMENT = "H41,2026/01/05,12/QĐ-UBND"


@pytest.fixture
def kept(run: Run, tmp_path: Path) -> bytes:
    """Keep an accepted document, and one that was only ever refused; returns the first one's receipt."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "db").mkdir()
    return asyncio.run(_fill(f"sqlite+aiosqlite:///{tmp_path / 'db' / 'docaxis.db'}"))


async def _fill(url: str) -> bytes:
    await newest(url)
    database = Database(url)
    batch = Batch()
    key, refused = document_key(DOCUMENT), document_key("refused")
    row = accept(batch, key, 1)
    event = event_row("submission:rejected")
    batch.events.append(event)
    batch.submissions.append(submission_row(refused, "rejected", event.event_id)._replace(code="SIG.MISSING"))

    def compose(_: object) -> Batch:
        return batch

    try:
        await SqlStore(database).commit([key, refused], compose)
    finally:
        await database.close()
    return row.receipt


@pytest.mark.usefixtures("kept")
def test_the_table(run: Run) -> None:
    result = run("receipts", DOCUMENT)
    assert result.exit_code == 0, result.stderr
    assert "12/QĐ-UBND" in result.stdout
    assert "dispatched" in result.stdout
    assert "document:accepted" in result.stdout


@pytest.mark.usefixtures("kept")
def test_as_json(run: Run) -> None:
    (line,) = run("receipts", DOCUMENT, "--json").stdout.splitlines()
    told = json.loads(line)
    assert told["document"]["document_id"] == DOCUMENT
    assert [one["transport"] for one in told["deliveries"]] == ["dispatched", "dispatched"]
    assert told["events"][0]["kind"] == "document:accepted"
    assert len(told["events"][0]["leaf_hash"]) == 64
    assert told["submissions"][0]["outcome"] == "accepted"


def test_the_receipt_itself(run: Run, kept: bytes, tmp_path: Path) -> None:
    assert run("receipts", DOCUMENT, "--sender", SENDER, "--out", "receipt.xml").exit_code == 0
    assert (tmp_path / "receipt.xml").read_bytes() == kept
    assert run("receipts", DOCUMENT, "--out", "-").stdout_bytes == kept


@pytest.mark.usefixtures("kept")
def test_never_accepted(run: Run) -> None:
    result = run("receipts", "refused")
    assert result.exit_code == 0
    assert "never accepted" in result.stderr
    assert "SIG.MISSING" in result.stdout


@pytest.mark.usefixtures("kept")
def test_never_seen(run: Run) -> None:
    assert run("receipts", "nothing").exit_code == ExitCode.NOT_FOUND
    assert run("receipts", DOCUMENT, "--sender", "G22").exit_code == ExitCode.NOT_FOUND
