"""What `docaxis inbox` shows and keeps of statuses, recalls, reports and notices."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.flows import recalling
from adapters.passed_on import ReceivedRecall, ReceivedStatus
from docaxis.cli.inbox_folder import is_written
from docaxis.cli.inbox_words import Words
from docaxis.domain.receipt import Effect, Notice, Receipt
from docaxis.domain.report import Report, ReportAddressee
from tests.vectors import packages

NOW = datetime(2026, 1, 5, tzinfo=UTC)
KEY = "0123456789abcdef" * 2
RECEIPT = Receipt("r-1", "hub", "h41", "m", "sha256:", "accepted", NOW, NOW, "", "000.00.00.G22", "x")
STATUS = ReceivedStatus(packages.STATUS, b"<status/>", RECEIPT, b"<receipt/>")
REPORT = Report(
    "rep-1", "hub", "withdrawn", "G22", "G22,1", KEY, NOW, "", (ReportAddressee("H41", "h41", "withdrawn"),)
)
NOTICE = Notice("n-1", "hub", "H41", "G22,1", "12/QĐ-TTg", "G22", ("H41.01",), NOW, "rule")


def recall_of(act: str, *, written: bool) -> ReceivedRecall:
    effect = Effect("H41", act, "h41", KEY, "normal", 1)
    order = recalling(packages.DOCUMENT, "Sai phụ lục")
    unread, here = ((), (KEY,)) if written else ((KEY,), ())
    return ReceivedRecall(order, b"<recall/>", RECEIPT, b"<receipt/>", (effect,), unread, here)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak English."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


async def test_a_status_is_shown_and_kept_with_its_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = Words(tmp_path / "words", as_json=True)
    await words.status(STATUS)
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["author"], told["status"]) == ("status", "000.00.00.H41", "03")
    assert told["document_id"] == packages.STATUS.response_for.document_id
    folder = Path(told["folder"])
    assert (folder / "package.edxml").read_bytes() == b"<status/>"
    assert (folder / "receipt.xml").read_bytes() == b"<receipt/>"


async def test_the_same_message_again_is_kept_once(tmp_path: Path) -> None:
    words = Words(tmp_path / "words", as_json=True)
    await words.status(STATUS)
    await words.status(STATUS)
    assert len(list((tmp_path / "words").iterdir())) == 1


async def test_a_status_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await Words(tmp_path, as_json=False).status(STATUS)
    assert capsys.readouterr().out.startswith("03 accepted  000.00.00.H41  000.00.00.G22,2026/09/30,7816/VPCP-TTĐT")


@pytest.mark.parametrize(
    ("act", "written", "shown"),
    [
        ("withdrawing", False, "taken back, never fetched"),
        ("asked", True, "answer 15 or 16"),
        ("removed", True, "answer 15 or 16"),
        ("replaced", True, "a newer document replaces it"),
    ],
)
async def test_a_recall_says_whether_it_is_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], act: str, written: bool, shown: str
) -> None:
    received = recall_of(act, written=written)
    await Words(tmp_path / "a", as_json=False).recall(received)
    line = capsys.readouterr().out
    assert shown in line
    assert "Sai phụ lục" in line
    await Words(tmp_path / "b", as_json=True).recall(received)
    told = json.loads(capsys.readouterr().out)
    assert told["document_id"] == packages.DOCUMENT.header.document_id
    assert told["effects"] == [{"organ_id": "H41", "act": act}]
    assert (told["unread"], told["written"]) == (list(received.unread), list(received.written))


async def test_a_report_and_a_notice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = Words(tmp_path, as_json=True)
    await words.report(REPORT, b"<report/>")
    await words.notice(NOTICE, b"<notice/>")
    report, notice = map(json.loads, capsys.readouterr().out.splitlines())
    assert (report["kind"], report["report"], report["document_id"]) == ("report", "withdrawn", "G22,1")
    assert report["addressees"][0]["organ_id"] == "H41"
    assert report["sentence"]
    assert (notice["kind"], notice["document_id"]) == ("notice", "G22,1")
    assert (Path(report["folder"]) / "report.xml").read_bytes() == b"<report/>"
    assert (Path(notice["folder"]) / "notice.xml").read_bytes() == b"<notice/>"


async def test_what_a_subscription_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await Words(tmp_path, as_json=True).change({"first": 1, "next": 2, "changes": [{"kind": "status"}]}, b"{}")
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["changes"]) == ("changes", [{"kind": "status"}])
    assert (Path(told["folder"]) / "changes.json").read_bytes() == b"{}"


def test_a_folder_that_is_not_there_is_not_written(tmp_path: Path) -> None:
    assert not is_written(tmp_path, KEY)
