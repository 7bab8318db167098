"""`person`: accounts, passwords from where they are safe, grants, mandates, roles; every change an event."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from docaxis.backends.database import Database
from docaxis.backends.people.accounts import SqlAccounts
from docaxis.backends.people.passwords import Passwords
from docaxis.backends.people.reading import PeopleReading
from docaxis.cli.trouble import ExitCode
from docaxis.domain.people import Person
from docaxis.web.people.link import read_link
from tests.cli.conftest import Run

PASSWORD = b"con ngua dung pin ghim\n"


@pytest.fixture
def people(configured: Run) -> Run:
    """The command line with a clerk."""
    done = configured(
        "person", "add", "ha.ntt", "--role", "clerk", "--agency", "000.00.00.H41", "--name", "Nguyễn Thị Thu Hà",
        "--password-stdin", stdin=PASSWORD,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    return configured


def shown(run: Run, login: str = "ha.ntt") -> dict[str, object]:
    done = run("person", "show", login, "--json")
    assert done.exit_code == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def by_password(folder: Path, password: str) -> Person | None:
    async def ask() -> Person | None:
        url = f"sqlite+aiosqlite:///{folder / 'db' / 'docaxis.db'}"
        database = Database(url)
        async with PeopleReading(url) as reading:
            found = await SqlAccounts(database, reading, Passwords()).by_password("ha.ntt", password)
        await database.close()
        return found

    return asyncio.run(ask())


def acts(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "db" / "docaxis.db") as connection:
        rows = connection.execute("SELECT kind, canonical FROM events ORDER BY event_id").fetchall()
    return [(kind, json.loads(canonical)["body"].get("by", "")) for kind, canonical in rows]


def test_added_shown_and_listed(people: Run, tmp_path: Path) -> None:
    one = shown(people)
    assert (one["role"], one["agency"], one["password"], one["passkeys"]) == ("clerk", "H41", True, 0)
    assert by_password(tmp_path, "con ngua dung pin ghim")
    listed = people("person", "list")
    assert "ha.ntt" in listed.stdout
    assert [json.loads(line)["login"] for line in people("person", "list", "--json").stdout.splitlines()] == ["ha.ntt"]
    assert "Nguyễn Thị Thu Hà" in people("person", "show", "ha.ntt").stdout
    ((kind, by),) = acts(tmp_path)
    assert kind == "person:added"
    assert by.startswith("cli")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("Ha.NTT", "--role", "clerk", "--agency", "H41", "--name", "x"), ExitCode.USAGE),
        (("x", "--role", "king", "--name", "x"), ExitCode.USAGE),
        (("x", "--role", "clerk", "--name", "x"), ExitCode.USAGE),
        (("x", "--role", "clerk", "--agency", "H99", "--name", "x"), ExitCode.NOT_FOUND),
        (("x", "--role", "clerk", "--agency", "no code!", "--name", "x"), ExitCode.USAGE),
        (("x", "--role", "operator", "--name", " "), ExitCode.USAGE),
        (("x", "--role", "operator", "--name", "x", "--language", "fr"), ExitCode.USAGE),
        (("ha.ntt", "--role", "operator", "--name", "x"), ExitCode.FAILED),
    ],
)
def test_what_is_no_account(people: Run, words: tuple[str, ...], code: ExitCode) -> None:
    assert people("person", "add", *words).exit_code == code


def test_password_is_never_an_argument(people: Run, tmp_path: Path) -> None:
    """v5.0.0-13.3.1: secrets come by standard input or a file, and a weak one is not taken."""
    assert people("person", "password", "ha.ntt").exit_code == ExitCode.USAGE
    assert people("person", "password", "ha.ntt", "new-password-of-mine").exit_code == ExitCode.USAGE
    weak = people("person", "password", "ha.ntt", "--password-stdin", stdin=b"matkhau12345\n")
    assert weak.exit_code == ExitCode.REFUSED
    own = people("person", "password", "ha.ntt", "--password-stdin", stdin=b"nguyenthithuha1\n")
    assert own.exit_code == ExitCode.REFUSED
    file = tmp_path / "new"
    file.write_text("muoi hai con giap an xoai\n")
    assert people("person", "password", "ha.ntt", "--password-file", file).exit_code == 0
    assert by_password(tmp_path, "muoi hai con giap an xoai")
    assert by_password(tmp_path, "con ngua dung pin ghim") is None
    both = people("person", "password", "ha.ntt", "--password-file", file, "--password-stdin", stdin=PASSWORD)
    assert both.exit_code == ExitCode.USAGE


def test_shut_out_and_let_in(people: Run, tmp_path: Path) -> None:
    assert people("person", "disable", "ha.ntt").exit_code == 0
    assert shown(people)["disabled_at"]
    assert by_password(tmp_path, "con ngua dung pin ghim") is None
    assert people("person", "link", "ha.ntt").exit_code == ExitCode.REFUSED
    assert people("person", "enable", "ha.ntt").exit_code == 0
    assert shown(people)["disabled_at"] is None
    assert people("person", "disable", "nobody").exit_code == ExitCode.NOT_FOUND


def test_grants(people: Run, tmp_path: Path) -> None:
    assert people("person", "grant", "ha.ntt", "H26", "--with-subordinates").exit_code == 0
    assert shown(people)["grants"] == [{"agency": "H26", "with_subordinates": True}]
    assert "H26 and beneath" in people("person", "show", "ha.ntt").stdout
    assert people("person", "grant", "ha.ntt", "H99").exit_code == ExitCode.NOT_FOUND
    assert people("person", "revoke", "ha.ntt", "H26").exit_code == 0
    assert people("person", "revoke", "ha.ntt", "H26").exit_code == ExitCode.NOT_FOUND
    assert [kind for kind, _ in acts(tmp_path)] == ["person:added", "person:granted", "person:revoked"]


def test_mandates(people: Run) -> None:
    assert people("person", "add", "kt", "--role", "auditor", "--name", "Lan").exit_code == 0
    words = ("--decision", "15/QĐ-TTCP", "--from", "2026-01-01", "--to", "2026-12-31", "--until", "2027-03-31")
    assert people("person", "mandate", "kt", *words, "--agency", "H41", "--agency", "G22").exit_code == 0
    assert shown(people, "kt")["mandate"] == {
        "decision": "15/QĐ-TTCP", "from": "2026-01-01", "to": "2026-12-31", "until": "2027-03-31",
        "agencies": ["G22", "H41"],
    }  # fmt: skip
    assert "15/QĐ-TTCP, 2026-01-01 to 2026-12-31" in people("person", "show", "kt").stdout
    assert people("person", "mandate", "kt", *words[:-2]).exit_code == ExitCode.USAGE
    assert people("person", "mandate", "kt", *words, "--to", "2025-01-01").exit_code == ExitCode.USAGE
    assert people("person", "mandate", "kt", *words, "--agency", "H99").exit_code == ExitCode.NOT_FOUND
    assert people("person", "mandate", "ha.ntt", *words).exit_code == ExitCode.REFUSED
    assert people("person", "mandate", "kt", "--end").exit_code == 0
    assert shown(people, "kt")["mandate"] is None


def test_roles(people: Run) -> None:
    assert people("person", "role", "ha.ntt", "operator").exit_code == 0
    assert people("person", "role", "ha.ntt", "administrator").exit_code == 0
    refused = people("person", "role", "ha.ntt", "auditor")
    assert refused.exit_code == ExitCode.REFUSED
    assert "make another account" in refused.stderr
    assert people("person", "grant", "ha.ntt", "H26").exit_code == ExitCode.REFUSED


def test_link(people: Run, tmp_path: Path) -> None:
    done = people("person", "link", "ha.ntt")
    assert done.exit_code == 0, done.stderr
    address = done.stdout.strip()
    assert address.startswith("http://localhost:8480/sign-in/link/")
    key = tmp_path / "var" / "web.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert read_link(key.read_bytes(), address.rpartition("/")[2], datetime.now(UTC))
