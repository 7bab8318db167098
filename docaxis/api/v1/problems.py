"""What can go wrong over the API: a status, a code for programs, and in both languages what happened and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class ProblemCode(StrEnum):
    """Codes of the API itself; those of packages (`PKG.*`, `SIG.*`, `RTE.*`, `FLW.*`) are `domain.verdict.Reason`."""

    UNAUTHORIZED = "API.UNAUTHORIZED"
    TOKEN_INVALID = "API.TOKEN_INVALID"  # noqa: S105 - a code
    NOT_FOUND = "API.NOT_FOUND"
    METHOD = "API.METHOD"
    REQUEST_INVALID = "API.REQUEST_INVALID"
    CURSOR_INVALID = "API.CURSOR_INVALID"
    MEDIA_TYPE = "API.MEDIA_TYPE"
    TOO_LARGE = "API.TOO_LARGE"
    DIGEST_MISMATCH = "API.DIGEST_MISMATCH"
    IDEMPOTENCY_CONFLICT = "API.IDEMPOTENCY_CONFLICT"
    RANGE_INVALID = "API.RANGE_INVALID"
    UPLOAD_CONFLICT = "API.UPLOAD_CONFLICT"
    UPLOAD_GONE = "API.UPLOAD_GONE"
    UPLOAD_CHECKSUM = "API.UPLOAD_CHECKSUM"
    UPLOAD_VERSION = "API.UPLOAD_VERSION"
    TOO_MANY = "API.TOO_MANY"
    FAULT = "API.FAULT"
    UNAVAILABLE = "API.UNAVAILABLE"


class Said(NamedTuple):
    """A status and the sentence of a code, Vietnamese and English."""

    status: int
    vi: str
    en: str


SAID: dict[ProblemCode, Said] = {
    ProblemCode.UNAUTHORIZED: Said(
        401,
        "Cần chứng thư hoặc thẻ ký của đầu mối. Xem cách đăng ký khóa trong tài liệu API.",
        "An endpoint's certificate or signed token is needed. The API's documentation says how to register a key.",
    ),
    ProblemCode.TOKEN_INVALID: Said(
        401,
        "Thẻ của đầu mối không dùng được. Hãy ký thẻ mới bằng khóa đã đăng ký, thời hạn không quá 5 phút.",
        "The endpoint's token is not usable. Sign a new one with a registered key, valid for five minutes at most.",
    ),
    ProblemCode.NOT_FOUND: Said(
        404,
        "Không có tài nguyên này đối với đầu mối này. Hãy kiểm tra lại địa chỉ.",
        "There is no such resource for this endpoint. Check the address.",
    ),
    ProblemCode.METHOD: Said(
        405, "Địa chỉ này không nhận phương thức đó.", "This address does not take that method; see Allow."
    ),
    ProblemCode.REQUEST_INVALID: Said(
        422,
        "Yêu cầu có giá trị không hợp lệ. Xem từng chỗ trong errors.",
        "The request holds values that are not valid. Each place stands in errors.",
    ),
    ProblemCode.CURSOR_INVALID: Said(
        400,
        "Con trỏ trang không hợp lệ. Hãy lấy lại từ trang đầu.",
        "The cursor is not valid. Begin at the first page.",
    ),
    ProblemCode.MEDIA_TYPE: Said(
        415, "Kiểu nội dung không nhận được ở đây.", "This media type is not taken here; see Accept-Post."
    ),
    ProblemCode.TOO_LARGE: Said(
        413,
        "Nội dung lớn hơn mức trục cho phép. Hãy tải tệp lớn lên theo từng phần rồi ký gói tham chiếu tới tệp.",
        "The content is larger than the hub takes. Upload large files in parts and sign a package that refers to them.",
    ),
    ProblemCode.DIGEST_MISMATCH: Said(
        422,
        "Nội dung nhận được khác mã băm đã khai. Hãy gửi lại.",
        "The octets received have another digest. Send again.",
    ),
    ProblemCode.IDEMPOTENCY_CONFLICT: Said(
        422,
        "Khóa Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới.",
        "This Idempotency-Key was used for another request. Use a new one.",
    ),
    ProblemCode.RANGE_INVALID: Said(416, "Khoảng byte nằm ngoài nội dung.", "The range lies outside the octets."),
    ProblemCode.UPLOAD_CONFLICT: Said(
        409,
        "Vị trí ghi khác phần đã nhận. Hãy hỏi lại vị trí bằng HEAD rồi gửi tiếp.",
        "The offset differs from what was received. Ask for it with HEAD and go on from there.",
    ),
    ProblemCode.UPLOAD_GONE: Said(
        410,
        "Lần tải lên này đã hết hạn hoặc đã xong. Hãy tạo lần mới.",
        "This upload has expired or ended. Create a new one.",
    ),
    ProblemCode.UPLOAD_CHECKSUM: Said(
        460,
        "Phần vừa gửi khác mã kiểm đã khai, không giữ lại. Hãy gửi lại phần này.",
        "This part has another checksum, and nothing of it was kept. Send it again.",
    ),
    ProblemCode.UPLOAD_VERSION: Said(
        412,
        "Cần tiêu đề Tus-Resumable: 1.0.0.",
        "The header Tus-Resumable: 1.0.0 is needed.",
    ),
    ProblemCode.TOO_MANY: Said(
        429, "Quá nhiều yêu cầu. Hãy đợi theo Retry-After.", "Too many requests. Wait as Retry-After says."
    ),
    ProblemCode.FAULT: Said(
        500,
        "Trục gặp lỗi. Hãy làm lại; nếu còn lỗi, báo đơn vị vận hành kèm request_id.",
        "The hub met a fault. Try again; if it stays, tell the operator the request_id.",
    ),
    ProblemCode.UNAVAILABLE: Said(
        503,
        "Kho dữ liệu hoặc bộ chuyển của trục tạm ngừng. Hãy làm lại sau.",
        "The hub's store or broker cannot be used now. The same request works later.",
    ),
}
"""Every code has its words (a test sees to it)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that is wrong: a JSON Pointer, a parameter, a header or an XPath, and why."""

    at: str
    detail: str
    code: str = ""


class ApiProblem(Exception):
    """Raised by an operation; answered as `application/problem+json` (RFC 9457)."""

    def __init__(self, code: ProblemCode, detail: str = "", faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(f"{code} {detail}")
        self.code, self.detail, self.faults = code, detail, faults
        self.headers: dict[str, str] = {}


def refused(at: str, detail: str) -> ApiProblem:
    """Return the problem of one value that is not valid; at: see `Fault`."""
    return ApiProblem(ProblemCode.REQUEST_INVALID, faults=(Fault(at, detail),))
