from hashlib import sha256

import pytest

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml import safety
from docaxis.edxml.limits import Limits


def refusal(body: bytes, limits: Limits = safety.DEFAULT_LIMITS) -> Rejection:
    outcome = safety.parse(body, limits)
    assert isinstance(outcome, Rejection), "accepted"
    return outcome


@pytest.mark.parametrize(
    "body",
    [
        b"<a/>",
        b"\xef\xbb\xbf<a/>",
        b'<?xml version="1.0"?><a/>',
        b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<a/>\n",
        b"\n<a/>",
        b"<a><!-- <!DOCTYPE x> --></a>",
        b"<a><![CDATA[<!DOCTYPE x>]]></a>",
        b"<a><?x <!DOCTYPE x> ?></a>",
        "<a>Tiếng Việt! 𝄞</a>".encode(),
    ],
)
def test_plain_documents_are_parsed(body):
    assert isinstance(safety.parse(body), safety.ParsedXml)


def test_comments_and_instructions_are_noticed():
    for body, hidden in ((b"<a/>", False), (b"<a><!-- --></a>", True), (b"<?x y?><a/>", True), (b"<a/><?x y?>", True)):
        parsed = safety.parse(b'<?xml version="1.0"?>' + body)
        assert isinstance(parsed, safety.ParsedXml)
        assert parsed.has_hidden_nodes is hidden


def test_an_instruction_with_the_name_of_the_declaration_is_noticed():
    for body in (b"<?xml-stylesheet href='x'?><a/>", b"<?xml-a?><a>?</a>"):
        parsed = safety.parse(body)
        assert isinstance(parsed, safety.ParsedXml)
        assert parsed.has_hidden_nodes


def test_a_question_mark_hides_nothing():
    parsed = safety.parse(b'<?xml version="1.0"?><a b="?>">?></a>')
    assert isinstance(parsed, safety.ParsedXml)
    assert not parsed.has_hidden_nodes


def test_the_digest_is_that_of_the_octets_as_they_came():
    body = b"\xef\xbb\xbf<a/>"
    parsed = safety.parse(body)
    assert isinstance(parsed, safety.ParsedXml)
    assert parsed.digest == "sha256:" + sha256(body).hexdigest()


def test_the_line_of_a_fault_is_told():
    assert refusal(b"<a>\n\n<b></a>").at.line == 3
    assert refusal(b"<a>\n\xff</a>").at.line == 2
    assert refusal(b"<a/>\n\n<!DOCTYPE a>").at.line == 3


@pytest.mark.parametrize(
    ("limits", "body", "code"),
    [
        (Limits(package_bytes=4), b"<ab/>", Reason.PKG_TOO_LARGE),
        (Limits(elements=2), b"<a><b/><c/></a>", Reason.PKG_LIMIT_EXCEEDED),
        (Limits(attributes_per_element=1), b"<a b='' c=''/>", Reason.PKG_LIMIT_EXCEEDED),
        (Limits(attributes=1, attributes_per_element=1), b"<a b=''><c d=''/></a>", Reason.PKG_LIMIT_EXCEEDED),
        (Limits(namespaces_in_scope=1), b"<a xmlns='urn:a'><b xmlns='urn:b'/></a>", Reason.PKG_LIMIT_EXCEEDED),
        (
            Limits(namespaces_in_scope=0, namespace_declarations=1),
            b"<a xmlns='urn:a' xmlns:b='urn:b'/>",
            Reason.PKG_LIMIT_EXCEEDED,
        ),
    ],
)
def test_every_limit_is_kept(limits, body, code):
    assert refusal(body, limits).code is code


def test_declarations_beside_each_other_do_not_add_up():
    body = b"<a>" + b"<b xmlns='urn:b'/>" * 50 + b"<!-- x --></a>"
    assert isinstance(safety.parse(body, Limits(namespaces_in_scope=1)), safety.ParsedXml)


def test_a_place_is_told_with_positions():
    parsed = safety.parse(b"<a>\n<b/>\n<b><c/></b></a>")
    assert isinstance(parsed, safety.ParsedXml)
    assert str(safety.place(parsed.root[1][0])) == "/a/b[2]/c (line 3)"


def test_no_library_text_reaches_a_refusal():
    for body in (b"<a>", b"<p:a/>", b"<a b=1/>", b"<a>" * 300, b"\x80"):
        assert "line" not in refusal(body).detail.lower()
        assert "xml_parse" not in refusal(body).detail.lower()
