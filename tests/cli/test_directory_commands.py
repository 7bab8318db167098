"""`agency` and `route`: the directory by its files and by the database."""

import json
from pathlib import Path

from docaxis.cli.trouble import ExitCode
from tests.cli.conftest import Run

COLUMNS = "organ_id,name,level,branch,parent,source\n"


def test_import_show_and_list(configured: Run) -> None:
    shown = json.loads(configured("agency", "show", "000.00.00.G22", "--json").stdout)
    assert shown["organ_id"] == "G22"
    assert shown["name"] == "Văn phòng Chính phủ"
    assert shown["endpoint"] is None
    found = configured("agency", "list", "--search", "thanh hoa", "--level", "provincial", "--json")
    assert [json.loads(line)["organ_id"] for line in found.stdout.splitlines()] == ["H56"]
    table = configured("agency", "list", "--branch", "party")
    assert "A01" in table.stdout
    assert "agencies" in table.stderr
    assert configured("agency", "show", "NOBODY").exit_code == ExitCode.NOT_FOUND


def test_import_of_a_file(configured: Run, tmp_path: Path) -> None:
    csv = tmp_path / "more.csv"
    csv.write_text("\ufeff" + COLUMNS + "H41.99,Xã Thử,communal,government,H41,demo\n", encoding="utf-8")
    tried = configured("agency", "import", csv, "--dry-run")
    assert tried.exit_code == 0
    assert configured("agency", "show", "H41.99").exit_code == ExitCode.NOT_FOUND
    assert configured("agency", "import", csv).exit_code == 0
    shown = configured("agency", "show", "H41.99", "--json")
    assert json.loads(shown.stdout)["ancestors"] == ["H41"]


def test_what_the_hub_could_not_load_is_not_imported(configured: Run, tmp_path: Path) -> None:
    csv = tmp_path / "bad.csv"
    csv.write_text(COLUMNS + "X1,Không cha,communal,government,NOWHERE,demo\n", encoding="utf-8")
    result = configured("agency", "import", csv)
    assert result.exit_code == ExitCode.FAILED
    assert "nothing imported: X1: parent NOWHERE is unknown" in result.stderr
    csv.write_text("organ_id,nmae\n", encoding="utf-8")
    assert "line 1" in configured("agency", "import", csv).stderr
    assert configured("agency", "import").exit_code == ExitCode.USAGE
    assert configured("agency", "import", "--shipped", "atlantis").exit_code == ExitCode.NOT_FOUND


def test_without_configuration_or_database(run: Run, tmp_path: Path) -> None:
    assert run("agency", "list").exit_code == ExitCode.NOT_FOUND
    (tmp_path / "config.toml").write_text('[store]\nurl = "sqlite:///none.db"\n')
    result = run("agency", "list")
    assert result.exit_code == ExitCode.NOT_FOUND
    assert "db upgrade" in result.stderr
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "config.toml").write_text("[sotre]\n")
    wrong = run("agency", "list")
    assert wrong.exit_code == ExitCode.FAILED
    assert "sotre" in wrong.stderr


def test_route_explain_offline(run: Run) -> None:
    result = run("route", "explain", "--from", "G22", "--to", "000.00.00.H41", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["organ_id"], told["rule"]) == ("H41", "centre-and-provinces-direct")
    people = run("route", "explain", "--from", "G22", "--to", "H41")
    assert "match centre-and-provinces-direct" in people.stdout
    everybody = run("route", "explain", "--from", "G22", "--to", "LIST.PROVINCES", "--json")
    assert len(everybody.stdout.splitlines()) == 34


def test_route_explain_says_why_not(run: Run) -> None:
    assert run("route", "explain", "--from", "G22", "--to", "X99").exit_code == ExitCode.NOT_FOUND
    assert run("route", "explain", "--from", "G22", "--to", "G22").exit_code == ExitCode.REFUSED
    both = run("route", "explain", "--from", "G22", "--to", "H41", "--config", "c.toml", "--directory", "vietnam-2024")
    assert both.exit_code == ExitCode.USAGE
    assert (
        run("route", "explain", "--from", "G22", "--to", "H41", "--directory", "nowhere").exit_code
        == ExitCode.NOT_FOUND
    )


def test_route_explain_by_the_database(configured: Run) -> None:
    result = configured("route", "explain", "--from", "G22", "--to", "H41", "--config", "config.toml", "--json")
    assert result.exit_code == ExitCode.REFUSED
    assert json.loads(result.stdout)["refusal"] == "RTE.NOT_CONNECTED"
