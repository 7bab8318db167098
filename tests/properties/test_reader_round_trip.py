"""Whatever is written is read as the same values."""

from datetime import UTC, date

from hypothesis import given, settings
from hypothesis import strategies as st

from docaxis.domain import envelope as e
from docaxis.edxml import reader, safety, status_writer, writer
from docaxis.edxml.fields import XML_SPACE

LETTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from(
    "\t\n\r<>&\"'ếđ "
)


def text(most: int = 20, least: int = 0):
    return (
        st.text(LETTERS, min_size=0, max_size=most)
        .map(lambda value: value.strip(XML_SPACE))
        .filter(lambda v: len(v) >= least)
    )


CODES = st.from_regex(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}", fullmatch=True) | st.sampled_from(
    ["H14.02", "vxp.saas.03"]
)
DAYS = st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31))
TIMES = st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(microsecond=0)).filter(
    lambda time: 1 < time.year < 9999
)
COUNTS = st.none() | st.integers(0, 999_999)
ORGANIZATIONS = st.builds(e.Organization, CODES, text(), text(), text(), text(), text(), text(), text())
STAFF = st.none() | st.builds(e.StaffInfo, text(), text(), text(), text())
RESPONSES = st.builds(e.ResponseFor, CODES, text(), DAYS, text())
OTHERS = st.builds(
    e.OtherInfo,
    st.sampled_from(list(e.Priority)),
    text(),
    text(),
    COUNTS,
    COUNTS,
    text(),
    st.lists(text(least=1), max_size=3).map(tuple),
)
HEADERS = st.builds(
    e.MessageHeader,
    sender=ORGANIZATIONS,
    to=st.lists(ORGANIZATIONS, min_size=1, max_size=4, unique_by=lambda o: o.organ_id).map(tuple),
    document_id=text(least=1),
    subject=text(least=1),
    code=st.builds(e.Code, text(), text()),
    promulgation_info=st.builds(e.PromulgationInfo, text(), DAYS),
    document_type=st.builds(e.DocumentType, text(), text(), text()),
    content=text(),
    signer_info=st.builds(e.SignerInfo, text(), text(), text()),
    due_date=DAYS,
    other_info=OTHERS,
    response_for=st.lists(RESPONSES, max_size=2).map(tuple),
    steering_type=st.sampled_from(["", "0", "1", "2", "3"]),
    to_places=st.lists(text(least=1), max_size=3).map(tuple),
)
BUSINESSES = st.none() | st.builds(
    e.Business,
    st.sampled_from(list(e.BusinessDocType)),
    text(),
    text(),
    text(),
    text(),
    text(),
    st.lists(st.builds(e.Receiver, CODES, st.sampled_from("01")), max_size=2).map(tuple),
    st.lists(st.builds(e.ReplacementInfo, text(least=1), st.lists(CODES, max_size=2).map(tuple)), max_size=2).map(
        tuple
    ),
    STAFF,
)
BLOBS = st.builds(e.BlobReference, st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True), st.integers(1, 10**14))
ATTACHMENTS = st.lists(
    st.builds(
        e.Attachment,
        text(least=1).filter(lambda i: not i.startswith("cid:")),
        text(least=1),
        text(),
        text(),
        st.binary(min_size=1, max_size=50),
    )
    | st.builds(
        e.Attachment,
        text(least=1).filter(lambda i: not i.startswith("cid:")),
        text(least=1),
        text(),
        text(),
        st.just(b""),
        BLOBS,
    ),
    max_size=3,
    unique_by=lambda attachment: attachment.content_id,
).map(tuple)
ENVELOPES = st.builds(
    e.Envelope,
    HEADERS,
    st.lists(st.builds(e.TraceHeader, text(), TIMES), max_size=2).map(tuple),
    BUSINESSES,
    ATTACHMENTS,
)
STATUSES = st.builds(
    e.StatusEnvelope,
    ORGANIZATIONS,
    st.builds(e.ResponseFor, CODES, text(), DAYS, text(least=1)),
    st.sampled_from(["01", "02", "13", "16"]),
    text(),
    TIMES,
    STAFF,
)


def read(body: bytes) -> object:
    parsed = safety.parse(body)
    assert isinstance(parsed, safety.ParsedXml), parsed
    return reader.read_envelope(parsed)


@given(ENVELOPES)
@settings(max_examples=150, deadline=None)
def test_a_written_document_reads_as_itself(envelope):
    assert read(writer.write_envelope(envelope)) == envelope


@given(STATUSES)
@settings(max_examples=100, deadline=None)
def test_a_written_status_reads_as_itself(status):
    assert read(status_writer.write_status(status)) == status
