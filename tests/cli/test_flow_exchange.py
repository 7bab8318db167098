"""The flows from the command line against a hub of its own process: what each party sees of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from docaxis.cli.trouble import ExitCode
from tests.cli.conftest import Run

ID = "G22,2026/01/05,12/QĐ-TTg"
DRAFT = """
to = ["{to}"]
files = ["Quyết định.pdf"]
subject = "Quyết định {number}"
number = "{number}"
notation = "QĐ-TTg"
date = 2026-01-06
"""

pytestmark = [pytest.mark.broker, pytest.mark.slow]


class Desk:
    """One agency's command line, run in this process: a process for each of the many commands takes too long."""

    def __init__(self, run: Run, pki: Path, organ: str) -> None:
        self.run = run
        name = organ.lower()
        self.settings = ("--settings", f"{name}/endpoint.toml")
        self.key = ("--as", organ, "--key", pki / f"{name}.key.pem", "--cert", pki / f"{name}.cert.pem")

    def says(self, *words: object, code: ExitCode = ExitCode.OK) -> dict[str, Any]:
        """Send something signed, and return the hub's answer."""
        done = self.run(*words, *self.settings, *self.key, "--json")
        assert done.exit_code == code, done.stdout + done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def hears(self, kind: str) -> dict[str, Any]:
        """Fetch until something of a kind has come, and return it."""
        for _ in range(10):
            done = self.run("inbox", *self.settings, "--json")
            assert done.exit_code == 0, done.stderr
            for line in done.stdout.splitlines():
                told: dict[str, Any] = json.loads(line)
                if told["kind"] == kind:
                    return told
        raise AssertionError(f"no {kind} came")


def acts(answer: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["organ_id"]: (one["act"], one["status"]) for one in answer["effects"]}


@pytest.fixture
def desks(run: Run, exchange: Path, letter: Path, pki: Path) -> tuple[Desk, Desk, Desk]:
    """G22, which has sent a letter; H41, which has fetched it; and G12, which has not, and has no key."""
    assert exchange.is_dir()
    g22, h41, g12 = (Desk(run, pki, organ) for organ in ("G22", "H41", "G12"))
    assert run("send", letter, *g22.settings).exit_code == 0
    assert h41.hears("document")["document_id"] == ID
    for _ in range(50):
        done = run("receipts", ID, "--json")
        assert done.exit_code == 0, done.stderr
        states = {one["organ_id"]: one["transport"] for one in json.loads(done.stdout)["deliveries"]}
        if states["H41"] == "fetched":
            break
    assert states == {"H41": "fetched", "G12": "dispatched"}
    return g22, h41, g12


def test_status_and_recall(desks: tuple[Desk, Desk, Desk], letter: Path, exchange: Path) -> None:
    g22, h41, g12 = desks
    assert acts(h41.says("status", "send", ID, "03")) == {"H41": ("advanced", "03")}
    heard = g22.hears("status")
    assert (heard["author"], heard["status"], heard["document_id"]) == ("H41", "03", ID)
    assert acts(h41.says("status", "send", ID, "01")) == {"H41": ("recorded", "03")}

    order = g22.says("recall", ID, "--original", letter, "--reason", "Sai phụ lục")
    assert acts(order) == {"H41": ("asked", "03"), "G12": ("withdrawing", "")}
    assert order["document_id"] == f"{ID}/TH"

    unread = g12.hears("recall")
    assert (len(unread["unread"]), unread["written"], unread["reason"]) == (1, [], "Sai phụ lục")
    assert [file.name for file in (exchange / "g12" / "inbox").iterdir()] == ["words"]
    assert g22.hears("report")["report"] == "withdrawn"

    asked = h41.hears("recall")
    assert (asked["unread"], len(asked["written"])) == ([], 1)
    h41.says("status", "send", ID, "15")
    assert g22.hears("status")["status"] == "15"

    again = g22.says(
        "recall", ID, "--original", letter, "--reason", "Vẫn sai", "--id", "another", code=ExitCode.REFUSED
    )
    assert again["code"] == "FLW.NOT_ACTIVE"


def test_reply_update_and_replace(desks: tuple[Desk, Desk, Desk], exchange: Path) -> None:
    g22, h41, g12 = desks

    def draft(number: str, to: str) -> Path:
        file = exchange / f"{number}.toml"
        file.write_text(DRAFT.format(number=number, to=to))
        return file

    h41.says("reply", draft("7", "G12"), "--to-document", ID)
    assert g22.hears("document")["document_id"] == "H41,2026/01/06,7/QĐ-TTg"

    update = g22.says("update", draft("13", "G12"), "--updates", ID, "--remove", "H41", "--reason", "Bỏ nơi nhận")
    assert [one["organ_id"] for one in update["addressees"] if one["rule"] != "recall"] == ["G12"]
    assert acts(update) == {"H41": ("removed", "")}
    assert h41.hears("recall")["reason"] == "Bỏ nơi nhận"

    unknown = g22.says("recall", "G22,2026/01/05,99/X", "--to", "H41", "--reason", "Không có", code=ExitCode.REFUSED)
    assert unknown["code"] == "FLW.DOCUMENT_UNKNOWN"

    replacement = g22.says("replace", draft("14", "G12"), "--replaces", ID)
    assert replacement["outcome"] == "accepted"
    late = g22.says("recall", ID, "--to", "H41", "--reason", "Muộn", code=ExitCode.REFUSED)
    assert late["code"] == "FLW.NOT_ACTIVE"
    stranger = h41.says("replace", draft("15", "G22"), "--replaces", ID, code=ExitCode.REFUSED)
    assert stranger["code"] in {"FLW.NOT_SENDER", "FLW.DOCUMENT_UNKNOWN"}
    assert g12.hears("document")
