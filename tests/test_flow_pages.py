"""The pages of docs/flows: every XML example is what our writer makes and our reader reads; every code and command exists.

An example that begins with the root is a whole package (unsigned); any other stands in one, indented less.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters import flows
from docaxis.domain.envelope import (
    Code,
    DocumentType,
    Envelope,
    MessageHeader,
    Organization,
    PromulgationInfo,
    StatusEnvelope,
)
from docaxis.domain.status import NAMES, StatusCode
from docaxis.domain.verdict import Reason
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.edxml.status_writer import write_status
from docaxis.edxml.writer import write_envelope

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "flows"
MOST_LINES = 110

OFFICE, NGHE_AN, CAO_BANG = (
    Organization("G22", "Văn phòng Chính phủ"),
    Organization("H41", "UBND tỉnh Nghệ An"),
    Organization("H10", "UBND tỉnh Cao Bằng"),
)
LETTER = Envelope(
    MessageHeader(
        sender=OFFICE,
        to=(NGHE_AN, CAO_BANG),
        document_id="G22,2026/01/05,12/QĐ-TTg",
        subject="Quyết định về kế hoạch năm 2026",
        code=Code("12", "QĐ-TTg"),
        promulgation_info=PromulgationInfo("Hà Nội", date(2026, 1, 5)),
        document_type=DocumentType("2", "", "Quyết định"),
    )
)
EARLIER = flows.earlier_document(LETTER.header.document_id, original=LETTER)
AT = datetime(2026, 1, 5, 3, 20, tzinfo=UTC)


def later(number: str, sender: Organization = OFFICE, to: tuple[Organization, ...] = (NGHE_AN,)) -> Envelope:
    """Return another document, with an id of its own."""
    header = replace(
        LETTER.header, sender=sender, to=to, code=Code(number, "QĐ-TTg"),
        document_id=f"{sender.organ_id},2026/01/06,{number}/QĐ-TTg",
    )  # fmt: skip
    return Envelope(header)


EXAMPLES: dict[str, Envelope | StatusEnvelope] = {
    "status": flows.status_of(EARLIER, StatusCode.ACCEPTED, NGHE_AN, AT, reason="Đã vào sổ văn bản đến số 45"),
    "reply": flows.replying(later("7", NGHE_AN, (OFFICE,)), EARLIER),
    "recall": flows.recalling(LETTER, "Sai số liệu trong phụ lục"),
    "update": flows.updating(
        later("13"), EARLIER.document_id, added=("H13",), removed=("H10",), reason="Điều chỉnh nơi nhận"
    ),
    "replace": flows.replacing(
        later("14"), [flows.replaced_document(EARLIER.document_id, LETTER)], reason="Sửa Điều 3"
    ),
}
ASKED = flows.status_of(EARLIER, StatusCode.RECALL_ASKED, OFFICE, AT, reason="Gửi nhầm nơi nhận", addressee="H41")


PAGES = [FOLDER / f"{name}.md" for name in EXAMPLES]


def written(package: Envelope | StatusEnvelope) -> str:
    octets = write_status(package) if isinstance(package, StatusEnvelope) else write_envelope(package)
    return octets.decode().partition("\n")[2].rstrip()


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_is_of_our_writer_and_is_read(page):
    wholes = [written(EXAMPLES[page.stem]), written(ASKED)]
    examples = [block.rstrip() for block in blocks(page, "xml")]
    assert examples
    for example in examples:
        if example.startswith("<edXML "):
            assert example in wholes, "expected one of:\n" + "\n\n".join(wholes)
            continue
        places = [whole for whole in wholes if example in dedented(whole, example)]
        assert places, f"{page.name}: not in\n{wholes[0]}\n\n{example}"
    for whole in wholes:
        parsed = parse(whole.encode())
        assert isinstance(parsed, ParsedXml)
        assert isinstance(read_envelope(parsed), Envelope | StatusEnvelope)


def dedented(whole: str, example: str) -> str:
    """Return the lines of a package moved left until the example's first line stands at the margin."""
    first = example.partition("\n")[0]
    depth = next((len(line) - len(line.lstrip()) for line in whole.splitlines() if line.strip() == first), 0)
    return "\n".join(line[depth:] if not line[:depth].strip() else line for line in whole.splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_code_exists(page):
    text = page.read_text(encoding="utf-8")
    codes = set(re.findall(r"`((?:PKG|SIG|RTE|FLW)\.[A-Z_]+)`", text))
    assert codes <= {reason.value for reason in Reason}
    assert any(code.startswith("FLW.") for code in codes) or page.stem == "reply"
    assert len(text.splitlines()) <= MOST_LINES


def test_the_page_of_statuses_names_each_code_as_the_code_does():
    rows = re.findall(
        r"^\| (\d\d) \| (.*?) \| (.*?) \|", (FOLDER / "status.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == [(code.written, *NAMES[code]) for code in StatusCode]
