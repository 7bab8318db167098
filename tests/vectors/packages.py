"""Good packages of our own making: the shapes of the field, none of its files."""

from datetime import UTC, date, datetime

from docaxis.domain.envelope import (
    Attachment,
    BlobReference,
    Business,
    BusinessDocType,
    Code,
    DocumentType,
    Envelope,
    MessageHeader,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    Receiver,
    ReplacementInfo,
    ResponseFor,
    SignerInfo,
    StaffInfo,
    StatusEnvelope,
    TraceHeader,
)
from docaxis.edxml.status_writer import write_status
from docaxis.edxml.writer import write_envelope
from docaxis.trust.signing import sign_package
from tests.vectors.keys import certificate, key

DOCUMENT = Envelope(
    header=MessageHeader(
        sender=Organization(
            "000.00.00.G22", "Văn phòng Chính phủ", "Chính phủ", "Hà Nội", "vp@example.vn", "024", "024", "example.vn"
        ),
        to=(
            Organization("000.00.00.H41", "UBND tỉnh Nghệ An"),
            Organization("H14.02", "Sở Nội vụ"),
            Organization("vxp.saas.03", "Thử"),
        ),
        document_id="000.00.00.G22,2026/09/30,7816/VPCP-TTĐT",
        subject="V/v kết nối, liên thông <phần mềm> & văn bản",
        code=Code("7816", "VPCP-TTĐT"),
        promulgation_info=PromulgationInfo("Hà Nội", date(2026, 9, 30)),
        document_type=DocumentType("1", "0", "Công văn"),
        content="Nội dung tóm tắt",
        signer_info=SignerInfo("TL.", "Cục trưởng", "Nguyễn Văn A"),
        due_date=date(2026, 10, 15),
        other_info=OtherInfo(Priority.URGENT, "Nội bộ", "TVC", 2, 22, "false", ("Phụ lục 1", "Phụ lục 2")),
        response_for=(ResponseFor("000.00.00.H41", "267/UBND", date(2026, 8, 6), "000.00.00.H41,2026/08/06,267/UBND"),),
        steering_type="1",
        to_places=("Các bộ", "Lưu: VT"),
    ),
    trace_headers=(TraceHeader("null", datetime(2026, 9, 30, 9, 35, 56, tzinfo=UTC)),),
    business=Business(
        BusinessDocType.UPDATE,
        "000.00.00.G22,2026/09/29,7806/VPCP",
        "Cập nhật",
        "0",
        "1",
        "1",
        (Receiver("000.00.00.H41", "0"), Receiver("000.00.00.H14", "1")),
        (ReplacementInfo("cũ", ("000.00.00.H41",)),),
        StaffInfo("Văn thư", "Trần Thị B", "vt@example.vn", "0900000001"),
    ),
    attachments=(
        Attachment("209", "Công văn 7816.pdf", "application/pdf", "Bản chính", b"%PDF-1.7 " + bytes(range(256))),
        Attachment("lớn", "Bản đồ.tif", "image/tiff", "", b"", BlobReference("sha256:" + "ab" * 32, 98_765_432)),
    ),
)

STATUS = StatusEnvelope(
    sender=Organization("000.00.00.H41", "UBND tỉnh Nghệ An"),
    response_for=ResponseFor(
        "000.00.00.G22", "7816/VPCP-TTĐT", date(2026, 9, 30), "000.00.00.G22,2026/09/30,7816/VPCP-TTĐT"
    ),
    status_code="03",
    description="Văn thư: đã tiếp nhận",
    timestamp=datetime(2026, 10, 1, 1, 8, 36, tzinfo=UTC),
    staff=StaffInfo("Văn thư", "Lê C"),
)


def unsigned() -> bytes:
    """Return the example document as octets."""
    return write_envelope(DOCUMENT)


def signed(kind: str = "p256", body: bytes | None = None, **options: object) -> bytes:
    """Return a package signed with `key(kind)`; the options are those of `sign_package`."""
    made = sign_package(body or unsigned(), key(kind), [certificate(kind)], **options)  # type: ignore[arg-type]
    assert isinstance(made, bytes), made
    return made


def signed_status(kind: str = "p256") -> bytes:
    """Return the example status, signed."""
    return signed(kind, write_status(STATUS))
