"""`status send`, `recall`, `update`, `replace`, `reply`: the packages that they sign, and what they say without a broker."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from docaxis.cli import flows, status
from docaxis.cli.sending import Outgoing
from docaxis.cli.trouble import ExitCode
from docaxis.domain.envelope import BusinessDocType, Envelope, Receiver, ReplacementInfo, ResponseFor, StatusEnvelope
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.trust import xmldsig
from tests.cli.conftest import Run

ID = "G22,2026/01/05,12/QĐ-TTg"
DAY = datetime(2026, 1, 5, tzinfo=UTC).date()
EARLIER = ResponseFor("G22", "12/QĐ-TTg", DAY, ID)
DRAFT = """
to = ["H41"]
files = ["Quyết định.pdf"]
subject = "Quyết định đã sửa"
number = "13"
notation = "QĐ-TTg"
date = 2026-01-06
"""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Outgoing]:
    """Take what would be sent."""
    taken: list[Outgoing] = []

    def take(settings: Path, packages: Sequence[Outgoing], **_: Any) -> ExitCode:
        assert settings.exists()
        taken.extend(packages)
        return ExitCode.OK

    monkeypatch.setattr(flows, "send_all", take)
    monkeypatch.setattr(status, "send_all", take)
    return taken


def settings(folder: Path, pki: Path, organ: str, *, signing: bool = True) -> Path:
    """Write an endpoint's settings."""
    file = folder / f"{organ}.toml"
    name = organ.lower()
    table = f'[signing]\norgan_id = "{organ}"\nkey_file = "{pki}/{name}.key.pem"\n'
    table += f'certificate_file = "{pki}/{name}.cert.pem"\n'
    file.write_text(f"""
[endpoint]
id = "{name}"
queue_token = "t"
[broker]
url = "amqp://{name}@127.0.0.1:1/docaxis"
[hub]
url = "http://127.0.0.1:1"
certificate_file = "{pki}/hub.cert.pem"
[state]
dir = "state"
{table if signing else ""}""")
    return file


@pytest.fixture
def g22(tmp_path: Path, pki: Path) -> Path:
    """The settings of G22."""
    return settings(tmp_path, pki, "G22")


@pytest.fixture
def h41(tmp_path: Path, pki: Path) -> Path:
    """The settings of H41."""
    return settings(tmp_path, pki, "H41")


@pytest.fixture
def draft(tmp_path: Path, unsigned: Path) -> Path:
    """A draft with its file beside it, which the letter has left there."""
    assert (unsigned.parent / "Quyết định.pdf").exists()
    file = tmp_path / "new.toml"
    file.write_text(DRAFT)
    return file


def read(outgoing: Outgoing) -> Any:
    """Return what a signed package says; its signature must hold."""
    parsed = parse(outgoing.octets)
    assert isinstance(parsed, ParsedXml)
    assert isinstance(xmldsig.verify(parsed), xmldsig.SignedPackage)
    return read_envelope(parsed)


def test_status(run: Run, sent: list[Outgoing], h41: Path) -> None:
    result = run("status", "send", ID, "03", "--settings", h41, "--staff", "Lê C")
    assert result.exit_code == 0, result.stderr
    said = read(sent[0])
    assert isinstance(said, StatusEnvelope)
    assert (said.sender.organ_id, said.response_for, said.status_code) == ("H41", EARLIER, "03")
    assert said.timestamp is not None
    assert said.staff is not None
    assert said.staff.staff == "Lê C"
    assert sent[0].about == {"act": "status 03", "document_id": ID}


def test_status_of_an_original_takes_number_and_names(run: Run, sent: list[Outgoing], h41: Path, letter: Path) -> None:
    result = run("status", "send", ID, "2", "--reason", "Nhầm", "--original", letter, "--settings", h41)
    assert result.exit_code == 0, result.stderr
    assert (read(sent[0]).response_for, read(sent[0]).description) == (EARLIER, "Nhầm")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((ID, "02"), "needs a reason"),
        ((ID, "07"), "01 to 06"),
        ((ID, "13"), "docaxis recall"),
        (("5f3c", "03"), "cannot be told from its id"),
        ((ID, "03", "--sender", "H41"), "said by an addressee"),
        ((ID, "03", "--key", "only.pem"), "belong together"),
        ((ID, "03", "--as", "không"), "no agency code"),
    ],
)
def test_wrong_use_of_status(run: Run, sent: list[Outgoing], h41: Path, words: tuple[str, ...], told: str) -> None:
    result = run("status", "send", *words, "--settings", h41)
    assert result.exit_code == ExitCode.USAGE
    assert told in result.stderr
    assert not sent


def test_recall_from_all(run: Run, sent: list[Outgoing], g22: Path, letter: Path) -> None:
    result = run("recall", ID, "--original", letter, "--reason", "Sai phụ lục", "--settings", g22)
    assert result.exit_code == 0, result.stderr
    order = read(sent[0])
    assert order.header.document_id == f"{ID}/TH"
    assert [one.organ_id for one in order.header.to] == ["H41", "G12"]
    assert order.header.response_for == (EARLIER,)
    assert (order.business.doc_type, order.business.document_id) == (BusinessDocType.RECALL, ID)
    assert not order.attachments


def test_recall_from_some(run: Run, sent: list[Outgoing], g22: Path) -> None:
    result = run("recall", ID, "--to", "h41", "--to", "G12", "--reason", "Nhầm", "--settings", g22)
    assert result.exit_code == 0, result.stderr
    asked = [read(one) for one in sent]
    assert [(one.status_code, one.response_for.organ_id) for one in asked] == [("13", "H41"), ("13", "G12")]
    assert {one.sender.organ_id for one in asked} == {"G22"}


def test_wrong_use_of_recall(run: Run, sent: list[Outgoing], g22: Path, letter: Path) -> None:
    nothing = run("recall", ID, "--reason", "Nhầm", "--settings", g22)
    assert nothing.exit_code == ExitCode.USAGE
    assert "--original" in nothing.stderr
    another = run("recall", "another", "--original", letter, "--reason", "Nhầm", "--settings", g22)
    assert another.exit_code == ExitCode.USAGE
    assert f"original package is document “{ID}”" in another.stderr
    assert not sent


def test_update_of_a_draft(run: Run, sent: list[Outgoing], g22: Path, draft: Path) -> None:
    verb = ("update", draft, "--updates", ID, "--add", "H10", "--remove", "H41", "--reason", "Đổi nơi nhận")
    result = run(*verb, "--settings", g22)
    assert result.exit_code == 0, result.stderr
    made = read(sent[0])
    assert made.header.document_id == "G22,2026/01/06,13/QĐ-TTg"
    assert [one.organ_id for one in made.header.to] == ["H10"]
    assert (made.business.doc_type, made.business.document_id) == (BusinessDocType.UPDATE, ID)
    assert made.business.receivers == (Receiver("H41", "0"), Receiver("H10", "1"))
    assert made.attachments[0].content == b"%PDF-1.7 text"


def test_update_of_a_package_is_signed_anew(run: Run, sent: list[Outgoing], g22: Path, letter: Path) -> None:
    result = run("update", letter, "--updates", "an earlier one", "--settings", g22)
    assert result.exit_code == 0, result.stderr
    assert read(sent[0]).business.document_id == "an earlier one"
    own = run("update", letter, "--updates", ID, "--settings", g22)
    assert own.exit_code == ExitCode.USAGE
    assert "id of its own" in own.stderr


def test_a_package_that_is_a_flow_already_is_not_made_another(
    run: Run, sent: list[Outgoing], g22: Path, letter: Path, tmp_path: Path
) -> None:
    assert run("update", letter, "--updates", "an earlier one", "--settings", g22).exit_code == 0
    update = tmp_path / "update.edxml"
    update.write_bytes(sent.pop().octets)
    result = run("replace", update, "--replaces", "an earlier one", "--settings", g22)
    assert result.exit_code == ExitCode.USAGE
    assert "kind update already" in result.stderr
    assert not sent


def test_a_draft_whose_signature_is_broken_is_not_signed_over(
    run: Run, sent: list[Outgoing], g22: Path, letter: Path
) -> None:
    letter.write_bytes(letter.read_bytes().replace("Về việc thử".encode(), "Về việc gì".encode()))
    result = run("update", letter, "--updates", "an earlier one", "--settings", g22)
    assert result.exit_code == ExitCode.VERIFICATION_FAILED
    assert "SIG." in result.stderr
    assert not sent


def test_replace(run: Run, sent: list[Outgoing], g22: Path, draft: Path, letter: Path) -> None:
    result = run("replace", draft, "--replaces", ID, "--replaces", "older", "--original", letter, "--settings", g22)
    assert result.exit_code == 0, result.stderr
    business = read(sent[0]).business
    assert business.doc_type is BusinessDocType.REPLACE
    assert business.replacements == (ReplacementInfo(ID, ("H41", "G12")), ReplacementInfo("older"))
    stray = run("replace", draft, "--replaces", "older", "--original", letter, "--settings", g22)
    assert stray.exit_code == ExitCode.USAGE


def test_reply(run: Run, sent: list[Outgoing], h41: Path, draft: Path) -> None:
    draft.write_text(DRAFT.replace('"H41"', '"G12"'))
    result = run("reply", draft, "--to-document", ID, "--sender", "G22", "--settings", h41)
    assert result.exit_code == 0, result.stderr
    made = read(sent[0])
    assert made.header.sender.organ_id == "H41"
    assert made.header.response_for == (EARLIER,)
    assert [one.organ_id for one in made.header.to] == ["G12", "G22"]


def test_a_large_file_of_a_draft_travels_by_reference(
    run: Run, sent: list[Outgoing], h41: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.planning.INLINE_BYTES_MAX", 4)
    assert run("reply", draft, "--to-document", ID, "--settings", h41).exit_code == 0
    assert isinstance(made := read(sent[0]), Envelope)
    ((reference, file),) = sent[0].files
    assert made.attachments[0].blob == reference
    assert file.read_bytes() == b"%PDF-1.7 text"


@pytest.mark.parametrize(("content", "told"), [('to = ["H41"]', "subject"), (DRAFT.replace(".pdf", ".doc"), "no such")])
def test_a_draft_that_cannot_be_sent(
    run: Run, sent: list[Outgoing], h41: Path, draft: Path, content: str, told: str
) -> None:
    draft.write_text(content)
    result = run("reply", draft, "--to-document", ID, "--settings", h41)
    assert result.exit_code != 0
    assert told in result.stderr
    assert not sent


def test_without_a_key_nothing_is_sent(run: Run, sent: list[Outgoing], tmp_path: Path, pki: Path) -> None:
    bare = settings(tmp_path, pki, "H41", signing=False)
    result = run("status", "send", ID, "03", "--settings", bare)
    assert result.exit_code == ExitCode.USAGE
    assert "[signing]" in result.stderr
    keys = ("--key", pki / "h41.key.pem", "--cert", pki / "h41.cert.pem")
    for words in (keys, (*keys, "--as", "H41.01")):
        assert run("status", "send", ID, "03", "--settings", bare, *words).exit_code == 0
    assert [read(one).sender.organ_id for one in sent] == ["H41", "H41.01"]
    hub = ("--key", pki / "hub.key.pem", "--cert", pki / "hub.cert.pem")
    nameless = run("status", "send", ID, "03", "--settings", bare, *hub)
    assert nameless.exit_code == ExitCode.USAGE
    assert "does not name one agency" in nameless.stderr
    assert run("status", "send", ID, "03", "--settings", tmp_path / "none.toml").exit_code == ExitCode.NOT_FOUND
