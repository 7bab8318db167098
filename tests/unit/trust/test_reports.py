"""What the hub says of itself is its own canonical form, reads back as it was, and says it to people."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from docaxis.domain.report import Cause, Report, ReportAddressee, ReportKind
from docaxis.domain.report_sentences import report_sentence
from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.reports import REPORT_NAMESPACE, read_report, write_report
from docaxis.trust.seal import Seal
from docaxis.trust.sealed import NotSealed

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=8) | st.text(
    "<>&\"'{}\r\n\t đ", max_size=8
)
late = st.builds(ReportAddressee, words, words, words, st.sampled_from(get_args(Cause)), st.booleans())
written = st.builds(
    Report,
    *[words, words, st.sampled_from(get_args(ReportKind)), words, words, words],
    noticed_at=st.just(AT),
    event_hash=words,
    addressees=st.lists(late, max_size=4).map(tuple),
    duty=st.sampled_from(["", "receipt", "reply"]),
    due_at=st.none() | st.just(AT),
    detail=words,
)
ONE = Report(
    "r1",
    "hub",
    "overdue",
    "H41",
    "d{sender}1",
    "00",
    AT,
    "ab",
    (ReportAddressee("H41.01", "e", "dispatched"),),
    "receipt",
    AT,
)
NAMES = ("ReportId", "Hub", "Sender", "DocumentId", "Document")


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    issued = DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create().issue(kind="hub")
    return Seal(issued.key, issued.chain)


@given(report=written)
def test_reads_back_as_it_was(seal: Seal, report: Report) -> None:
    octets = write_report(report, seal)
    assert etree.tostring(etree.fromstring(octets), method="c14n", exclusive=True, with_comments=False) == octets
    assert read_report(octets, seal.certificate) == report


def test_altered_report_is_not_read(seal: Seal) -> None:
    octets = write_report(ONE, seal)
    with pytest.raises(NotSealed):
        read_report(octets.replace(b"H41.01", b"H41.02"), seal.certificate)


@pytest.mark.parametrize(("name", "octets"), [("Kind", b"<Kind>new</Kind>"), ("cause", b'cause="moon"')])
def test_words_of_a_later_version_are_not_guessed_at(seal: Seal, name: str, octets: bytes) -> None:
    body = f'<Report xmlns="{REPORT_NAMESPACE}">' + "".join(f"<{one}>x</{one}>" for one in NAMES)
    body += f"<NoticedAt>{AT.isoformat()}</NoticedAt><EventHash>x</EventHash>"
    body += (
        f"{octets.decode()}" if name == "Kind" else f"<Kind>overdue</Kind><Addressee {octets.decode()}>H1</Addressee>"
    )
    with pytest.raises(NotSealed, match=name):
        read_report(seal.sign(body + "</Report>"), seal.certificate)


def test_sentences_stand_inside_in_both_languages(seal: Seal) -> None:
    root = etree.fromstring(write_report(ONE, seal))
    said = {one.get("lang"): one.text for one in root.iterfind(f"{{{REPORT_NAMESPACE}}}Sentence")}
    assert said == {
        "vi": "Chưa nhận được phản hồi từ H41.01 trước 17:00 ngày 23/11/2026 đối với văn bản d{sender}1.",
        "en": "No answer about document d{sender}1 was received from H41.01 before 17:00 on 23 November 2026.",
    }


@pytest.mark.parametrize("kind", get_args(ReportKind))
@pytest.mark.parametrize("duty", ["", "receipt", "reply"])
def test_every_kind_has_a_sentence_without_gaps(kind: ReportKind, duty: str) -> None:
    report = replace(ONE, kind=kind, duty=duty, document_id="d1")
    for language in ("vi", "en"):
        said = report_sentence(report, language)
        assert "{" not in said
        assert said.endswith(".")


def test_long_lists_and_excuses() -> None:
    many = tuple(ReportAddressee(f"H{n}", "e", "waiting", "hub-away", attributable=False) for n in range(25))
    said = report_sentence(replace(ONE, addressees=many), "vi")
    assert "H19 và 5 cơ quan khác" in said
    assert "không quy trách nhiệm" in said
