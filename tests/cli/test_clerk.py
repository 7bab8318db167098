"""`documents`, `overdue`, and the bands of `receipts`, out of a database."""

import asyncio
import json
from pathlib import Path

import pytest

from docaxis.backends.database import Database
from docaxis.backends.migrate import upgrade
from docaxis.cli import receipts as command
from docaxis.cli.trouble import ExitCode
from docaxis.domain.status import StatusCode
from tests.cli.conftest import CONFIG, Run
from tests.integration.clerk_rows import World

ARRIVED, REFUSED, ASKED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.RECALL_ASKED


@pytest.fixture
def kept(run: Run, tmp_path: Path) -> str:
    """Keep some documents; returns the address of their database."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "db").mkdir()
    url = f"sqlite+aiosqlite:///{tmp_path / 'db' / 'docaxis.db'}"
    world = World()
    late = world.document("late", {"H01": (ARRIVED, ASKED), "H02": (), "H03": (REFUSED,)})
    world.miss(late, "H02", cause="endpoint-away")
    answer = world.document("answer", {"H41": ()}, sender="H01", number="7", notation="CV-SNV", finished=True)
    world.link(answer, "reply", late, "H41", "late")
    asyncio.run(_write(url, world))
    return url


async def _write(url: str, world: World) -> None:
    await upgrade(url)
    database = Database(url)
    try:
        await world.write(database)
    finally:
        await database.close()


def listed(run: Run, *words: str) -> list[str]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return [json.loads(line)["document_id"] for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("kept")
def test_documents_by_each_question(run: Run) -> None:
    assert listed(run, "documents") == ["answer", "late"]
    assert listed(run, "documents", "12", "qd", "ubnd") == listed(run, "documents", "12/QĐ-UBND") == ["late"]
    assert listed(run, "documents", "--sender", "000.00.00.H41") == []
    assert listed(run, "documents", "--sender", "h41") == ["late"]
    assert listed(run, "documents", "--number", "7/cv") == ["answer"]
    assert listed(run, "documents", "--unfinished", "--sender", "H41") == ["late"]
    assert listed(run, "documents", "--unfinished", "--received-by", "H02") == ["late"]
    assert listed(run, "documents", "--received-by", "H41") == ["answer"]
    assert listed(run, "documents", "--refused") == listed(run, "documents", "--recalled") == ["late"]
    assert listed(run, "documents", "--limit", "1") == ["answer"]


@pytest.mark.usefixtures("kept")
def test_documents_for_people(run: Run) -> None:
    shown = run("documents", "--unfinished", "--sender", "H41", "--lang", "vi").stdout
    assert "1 đã đến, 1 từ chối tiếp nhận, 1 đã chuyển" in shown
    assert "QUÁ HẠN" in run("overdue", "--lang", "vi").stdout
    assert "nội dung 02" in run("documents", "--refused", "--lang", "en").stdout
    assert run("documents", "--limit", "1", "--lang", "en").stderr == "there are more; raise --limit\n"
    assert run("documents", "khong", "--lang", "vi").stderr == "không có văn bản nào\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--unfinished",),
        ("--unfinished", "--refused"),
        ("x", "--number", "1"),
        ("--refused", "--received-by", "H01"),
        ("--limit", "0"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_documents_asked_wrongly(run: Run, words: tuple[str, ...]) -> None:
    assert run("documents", *words).exit_code == ExitCode.USAGE


@pytest.mark.usefixtures("kept")
def test_overdue(run: Run) -> None:
    (line,) = run("overdue", "--json").stdout.splitlines()
    told = json.loads(line)
    assert (told["document_id"], told["organ_id"], told["kind"], told["cause"]) == (
        "late",
        "H02",
        "receipt",
        "endpoint-away",
    )
    assert told["late_hours"] > 0
    shown = run("overdue", "--sender", "H41", "--addressee", "H02", "--lang", "en").stdout
    assert "endpoint away" in shown
    assert listed(run, "overdue", "--sender", "G22") == listed(run, "overdue", "--addressee", "H01") == []


@pytest.mark.usefixtures("kept")
def test_the_timeline_in_both_languages(run: Run) -> None:
    english, vietnamese = (run("receipts", "late", "--lang", lang).stdout for lang in ("en", "vi"))
    for told in ("01 arrived", "13 recall asked", "02 refused", "receipt +", "h; open; endpoint away", "fetched"):
        assert told in english
    assert "had it before the recall: H01" in english
    assert "is replied to by H01 answer" in english
    for told in ("01 đã đến", "13 yêu cầu lấy lại", "báo nhận +", "chưa xong; đầu nối mất kết nối", "đã lấy về"):
        assert told in vietnamese


@pytest.mark.usefixtures("kept")
def test_the_timeline_as_json(run: Run) -> None:
    told = json.loads(run("receipts", "late", "--json").stdout)
    assert [(one["organ_id"], one["transport"], one["status"], one["recall"]) for one in told["deliveries"]] == [
        ("H01", "fetched", 1, 13),
        ("H02", "dispatched", None, None),
        ("H03", "fetched", 2, None),
    ]
    assert told["misses"][0]["late_hours"] > 0
    assert (told["links"][0]["direction"], told["links"][0]["document_id"]) == ("by", "answer")
    # The 01 of one agency and the 02 of another came in the same moment.
    assert [one["code"] for one in told["statuses"]] in ([1, 2, 13], [2, 1, 13])


def test_watching_shows_it_again_when_it_has_changed(run: Run, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def pause(_seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            world = World(count=50)
            again = world.document("late", {"H09": ()}, sender="G22")
            assert again
            await _write(kept, world)
        if looks == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "_pause", pause)
    result = run("receipts", "late", "--watch", "--json")
    assert result.exit_code == 130
    documents = [json.loads(line)["document"]["from"] for line in result.stdout.splitlines()]
    assert documents == ["H41", "H41", "G22"]


@pytest.mark.usefixtures("kept")
def test_watching_and_writing_at_once_is_refused(run: Run) -> None:
    assert run("receipts", "late", "--watch", "--out", "-").exit_code == ExitCode.USAGE
