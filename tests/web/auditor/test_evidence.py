"""Evidence that is taken out can be checked by its own README, and every taking is an entry of the log."""

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from cryptography import x509

from docaxis.backends.tables import events, packages
from docaxis.cli import main
from docaxis.trust.certificate import fingerprint_of
from docaxis.web.auditor import exports
from tests.web.auditor.conftest import MANDATE, Log
from tests.web.desk import Answer, Desk


async def taken(desk: Desk, **form: str) -> Answer:
    answer = await desk.post("/exports/take", form)
    assert answer.status == 200, answer.text
    return answer


async def test_the_commands_of_the_read_me_compute_the_leaf_hash(desk: Desk, log: Log, tmp_path: Path) -> None:
    await desk.sign_in("auditor", mandate=MANDATE)
    answer = await taken(desk, asked="q=1/QĐ-TTg")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
        packed.extractall(tmp_path)
        names = packed.namelist()
    told = [json.loads(line) for line in (tmp_path / "entries.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["kind"] for one in told] == ["status:accepted", "document:accepted"]
    read_me = (tmp_path / "README.txt").read_text(encoding="utf-8")
    commands = [line.strip() for line in read_me.splitlines() if ".json" in line and line.startswith("    ")]
    assert len(commands) == 2
    for command in commands:
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path / "entries", capture_output=True, check=True)  # noqa: ASYNC221
        assert done.stdout.decode().strip().split("= ")[-1] == told[0]["leaf_hash"]
    assert any(name.startswith("receipts/") for name in names)
    (pem,) = (tmp_path / "certificates").iterdir()
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    assert fingerprint_of(certificate) == told[0]["certificate"] == f"sha256:{pem.stem}"
    receipt = (tmp_path / "receipts" / f"{told[0]['receipts'][0]}.xml").read_bytes()
    assert told[0]["leaf_hash"].encode() in receipt
    assert not [name for name in names if "edxml" in name.lower() or "attachment" in name]
    assert b"%PDF" not in answer.body


async def test_the_package_command_of_the_page_works(
    desk: Desk, log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sign_in("auditor", mandate=MANDATE)
    page = await desk.get(f"/log/{(await log.event('document:accepted')).hex}")
    command = page.text.split('<pre id="command-package" tabindex="0" translate="no"><code>')[1].split("</code>")[0]
    digest = await log.digest("1")
    (row,) = [row for row in await log.hub.rows(packages) if row.digest == digest]
    folder = tmp_path / "of-the-auditor"
    folder.mkdir()
    (folder / "goi-tin.edxml").write_bytes(row.body)
    (folder / "certs").symlink_to(log.country.folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", command.split())
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["verdict"] == "accepted"


async def test_every_taking_is_an_event_and_listed_for_who_took_it(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=MANDATE, login="one")
    zipped = await taken(desk, asked="kind=document:accepted")
    await taken(desk, entry=(await log.event("status:accepted")).hex, format="csv")
    recorded = [row for row in await log.hub.rows(events, events.c.event_id) if row.kind == "export:evidence"]
    bodies = [json.loads(row.canonical)["body"] for row in recorded]
    by_format = {body["format"]: body for body in bodies}
    assert (by_format["zip"]["entries"], by_format["csv"]["entries"]) == (2, 1)
    digest = f"sha256:{hashlib.sha256(zipped.body).hexdigest()}"
    assert by_format["zip"]["digest"] == digest
    assert {body["login"] for body in bodies} == {"one"}
    page = await desk.get("/exports")
    assert page.text.count("QĐ 88/QĐ-TTCP") == 3
    await desk.sign_in("auditor", mandate=MANDATE, login="two")
    page = await desk.get("/exports")
    assert "Chưa xuất chứng cứ nào" in page.text


async def test_csv_and_json_lines_hold_the_same(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=MANDATE)
    lines = (await taken(desk, asked="", format="jsonl")).text.splitlines()
    rows = list(csv.DictReader(io.StringIO((await taken(desk, asked="", format="csv")).body.decode("utf-8-sig"))))
    assert [json.loads(line)["event_id"] for line in lines] == [row["event_id"] for row in rows]
    assert len(rows) == 5
    assert (await desk.post("/exports/take", {"asked": "", "format": "exe"})).status == 400


async def test_an_export_that_is_cut_says_so(desk: Desk, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXPORTED_MOST", 2)
    await desk.sign_in("auditor", mandate=MANDATE)
    assert len((await taken(desk, asked="", format="jsonl")).text.splitlines()) == 2
    assert "chưa hết" in (await desk.get("/exports")).text
