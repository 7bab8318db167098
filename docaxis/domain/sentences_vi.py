"""Câu tiếng Việt cho mỗi mã từ chối: điều gì sai và văn thư cần làm gì."""

from collections.abc import Mapping
from types import MappingProxyType

from docaxis.domain.verdict import Reason

VIETNAMESE: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.PKG_EMPTY: "Gói tin rỗng. Hãy kết xuất lại văn bản từ phần mềm quản lý văn bản rồi gửi lại.",
        Reason.PKG_TOO_LARGE: (
            "Gói tin lớn hơn mức trục cho phép ({detail}). Hãy gửi tệp đính kèm lớn qua kho tệp của trục rồi ký"
            " và gửi lại."
        ),
        Reason.PKG_ENCODING: (
            "Gói tin không phải XML 1.0 mã hóa UTF-8 ({detail}). Hãy báo đơn vị vận hành phần mềm sửa cách kết "
            "xuất rồi gửi lại."
        ),
        Reason.PKG_DOCTYPE: (
            "Gói tin có khai báo DOCTYPE hoặc thực thể, trục không nhận ({detail}). Hãy bỏ khai báo này rồi ký "
            "và gửi lại."
        ),
        Reason.PKG_NOT_WELL_FORMED: (
            "Gói tin không phải XML đúng cú pháp nên không đọc được ({detail}). Hãy kết xuất lại rồi gửi lại; "
            "nếu lặp lại, báo đơn vị vận hành phần mềm."
        ),
        Reason.PKG_LIMIT_EXCEEDED: (
            "Gói tin vượt giới hạn kỹ thuật của trục ({detail}). Hãy chia nhỏ hoặc rút gọn gói tin rồi ký và gửi lại."
        ),
        Reason.PKG_NAMESPACE: (
            "Gói tin không theo không gian tên của QCVN 102:2016 ({detail}). Hãy kết xuất theo đúng QCVN "
            "102:2016 rồi ký và gửi lại."
        ),
        Reason.PKG_SCHEMA: (
            "Gói tin thiếu, thừa hoặc đặt sai phần tử so với QCVN 102:2016 ({detail}). Hãy sửa phần tử được nêu"
            " rồi ký và gửi lại."
        ),
        Reason.PKG_VALUE: (
            "Một trường trong gói tin có giá trị không hợp lệ ({detail}). Hãy sửa trường được nêu rồi ký và gửi lại."
        ),
        Reason.PKG_HIDDEN_CONTENT: (
            "Gói tin chứa chú thích hoặc chỉ thị ẩn trong phần nội dung được ký ({detail}). Hãy bỏ phần ẩn này "
            "rồi ký và gửi lại."
        ),
        Reason.PKG_REPEATED_ID: (
            "Một mã nhận dạng phần tử xuất hiện hai lần trong gói tin ({detail}). Hãy kết xuất lại để mỗi mã "
            "chỉ dùng một lần, rồi ký và gửi lại."
        ),
        Reason.PKG_REPEATED_ADDRESSEE: (
            "Một cơ quan nhận được ghi hai lần ({detail}). Hãy bỏ bớt một lần trong danh sách nơi nhận rồi ký "
            "và gửi lại."
        ),
        Reason.PKG_TOO_MANY_ADDRESSEES: (
            "Văn bản có quá nhiều nơi nhận ({detail}). Hãy dùng nhóm nơi nhận hoặc chia thành nhiều lần gửi."
        ),
        Reason.PKG_MANIFEST_MISMATCH: (
            "Danh mục tệp đính kèm không khớp với các tệp trong gói ({detail}). Hãy đính kèm lại đủ các tệp rồi"
            " ký và gửi lại."
        ),
        Reason.PKG_ATTACHMENT_DAMAGED: (
            "Tệp đính kèm bị hỏng, không giải mã được ({detail}). Hãy đính kèm lại tệp gốc rồi ký và gửi lại."
        ),
        Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE: (
            "Tệp đính kèm quá lớn để đặt trong gói tin ({detail}). Hãy tải tệp lên kho tệp của trục, ghi tham "
            "chiếu (BlobReference) trong danh mục tệp trước khi ký, rồi gửi lại."
        ),
        Reason.PKG_ATTACHMENT_MISSING: (
            "Tệp đính kèm được tham chiếu chưa có trong kho tệp của trục ({detail}). Hãy tải tệp lên kho rồi gửi lại."
        ),
        Reason.PKG_CLAIM_INVALID: (
            "Phiếu tham chiếu gói tin lớn không đọc được ({detail}). Hãy báo đơn vị vận hành phần mềm kết nối."
        ),
        Reason.PKG_CLAIM_MISMATCH: (
            "Gói tin tải lên kho không trùng với phiếu tham chiếu ({detail}). Hãy tải lại gói tin rồi gửi lại."
        ),
        Reason.PKG_MESSAGE_ID_MISSING: (
            "Bản tin gửi lên trục thiếu mã bản tin (message_id). Hãy báo đơn vị vận hành phần mềm kết nối."
        ),
        Reason.PKG_CARBON_COPY: (
            "Bản tin mang bản sao (CC, BCC) tới hàng đợi khác, trục không chuyển ({detail}). Hãy ghi mọi nơi "
            "nhận trong văn bản rồi gửi lại một lần."
        ),
        Reason.PKG_ID_CONFLICT: (
            "Mã định danh văn bản này đã được gửi với nội dung khác ({detail}). Nếu muốn sửa, hãy gửi bản cập "
            "nhật hoặc thay thế; nếu là văn bản mới, hãy cấp mã định danh mới."
        ),
        Reason.PKG_LANE_MISMATCH: (
            "Độ khẩn ghi trong văn bản không trùng với luồng gửi ({detail}). Hãy gửi lại đúng luồng khẩn hoặc thường."
        ),
        Reason.PKG_NUMBER_CONFLICT: (
            "Số và ký hiệu này đã được cơ quan dùng cho một văn bản khác trong cùng năm ({detail}). Hãy kiểm "
            "tra sổ văn bản đi rồi cấp số khác hoặc gửi bản cập nhật, thay thế."
        ),
        Reason.SIG_MISSING: "Gói tin chưa được ký số. Hãy ký gói tin bằng chứng thư số của cơ quan rồi gửi lại.",
        Reason.SIG_PROFILE_LEGACY: (
            "Gói tin mang chữ ký kiểu cũ mà trục không thể kiểm tra ({detail}). Có hai cách: ký lại gói tin "
            "bằng phần mềm kết nối theo hồ sơ docaxis-1, hoặc tham gia qua cổng chuyển tiếp."
        ),
        Reason.SIG_FORMAT_FAILURE: (
            "Cấu trúc chữ ký số không đúng hồ sơ docaxis-1 ({detail}). Hãy ký lại gói tin bằng phần mềm kết nối"
            " đã cập nhật rồi gửi lại."
        ),
        Reason.SIG_PARTIAL_COVERAGE: (
            "Chữ ký số không bao trùm toàn bộ gói tin ({detail}). Hãy ký lại toàn bộ gói tin rồi gửi lại."
        ),
        Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE: (
            "Chữ ký dùng thuật toán hoặc khóa không đủ mạnh ({detail}). Hãy ký lại với SHA-256 trở lên và khóa "
            "RSA từ 2048 bit hoặc ECDSA P-256, P-384, P-521."
        ),
        Reason.SIG_HASH_FAILURE: (
            "Nội dung gói tin đã thay đổi sau khi ký ({detail}). Hãy ký lại gói tin từ phần mềm quản lý văn bản"
            " rồi gửi lại; không sửa gói tin sau khi ký."
        ),
        Reason.SIG_CRYPTO_FAILURE: (
            "Giá trị chữ ký không khớp với chứng thư số kèm theo ({detail}). Hãy kiểm tra thiết bị ký rồi ký và"
            " gửi lại."
        ),
        Reason.SIG_NO_SIGNING_CERTIFICATE: (
            "Không tìm thấy chứng thư số của người ký trong chữ ký ({detail}). Hãy ký lại và kèm chứng thư số "
            "(X509Certificate)."
        ),
        Reason.SIG_SIGNING_CERTIFICATE_MISMATCH: (
            "Chứng thư số ghi trong phần được ký khác với chứng thư đã dùng để ký ({detail}). Hãy ký lại gói "
            "tin rồi gửi lại."
        ),
        Reason.SIG_NO_CERTIFICATE_CHAIN: (
            "Chứng thư số không nối được tới tổ chức chứng thực mà trục tin cậy ({detail}). Hãy ký bằng chứng "
            "thư số của cơ quan, hoặc liên hệ đơn vị vận hành trục."
        ),
        Reason.SIG_CHAIN_CONSTRAINTS_FAILURE: (
            "Chứng thư số không được phép dùng để ký văn bản ({detail}). Hãy ký bằng chứng thư số ký của cơ "
            "quan rồi gửi lại."
        ),
        Reason.SIG_EXPIRED: (
            "Chứng thư số đã hết hạn ({detail}). Hãy gia hạn hoặc ký bằng chứng thư số còn hiệu lực rồi gửi lại."
        ),
        Reason.SIG_NOT_YET_VALID: (
            "Chứng thư số chưa đến ngày có hiệu lực ({detail}). Hãy đợi hoặc ký bằng chứng thư số đang có hiệu "
            "lực rồi gửi lại."
        ),
        Reason.SIG_REVOKED: (
            "Chứng thư số đã bị thu hồi ({detail}). Hãy ký bằng chứng thư số còn hiệu lực và báo người quản lý "
            "chứng thư."
        ),
        Reason.SIG_REVOCATION_UNKNOWN: (
            "Quá hạn mà trục vẫn chưa kiểm tra được chứng thư số có bị thu hồi hay không ({detail}). Hãy liên "
            "hệ đơn vị vận hành trục rồi gửi lại."
        ),
        Reason.SIG_SIGNER_MISMATCH: (
            "Chứng thư số ký gói tin chưa được đăng ký cho cơ quan gửi ({detail}). Hãy ký bằng chứng thư số đã "
            "đăng ký, hoặc đăng ký chứng thư này với đơn vị vận hành trục."
        ),
        Reason.SIG_TRY_LATER: (
            "Trục chưa kiểm tra được hiệu lực chứng thư số lúc này ({detail}). Không cần gửi lại: trục sẽ tự "
            "kiểm tra lại."
        ),
        Reason.RTE_SENDER_UNKNOWN: (
            "Mã cơ quan gửi không có trong danh bạ của trục ({detail}). Hãy kiểm tra mã định danh, hoặc đề nghị"
            " đơn vị vận hành trục đăng ký."
        ),
        Reason.RTE_SENDER_CLOSED: (
            "Mã cơ quan gửi không còn hiệu lực ({detail}). Hãy gửi bằng mã của cơ quan kế thừa."
        ),
        Reason.RTE_SENDER_NOT_SERVED: (
            "Hệ thống kết nối này không được gửi thay cho cơ quan ghi trong gói tin ({detail}). Hãy gửi từ hệ "
            "thống của cơ quan đó, hoặc đề nghị đơn vị vận hành trục cấp quyền."
        ),
        Reason.RTE_NO_ADDRESSEE: (
            "Văn bản không có nơi nhận ({detail}). Hãy chọn ít nhất một cơ quan nhận rồi ký và gửi lại."
        ),
        Reason.RTE_ADDRESSEE_UNKNOWN: (
            "Mã cơ quan nhận không có trong danh bạ của trục ({detail}). Hãy chọn lại nơi nhận từ danh bạ rồi "
            "ký và gửi lại."
        ),
        Reason.RTE_ADDRESSEE_CLOSED: (
            "Cơ quan nhận đã giải thể hoặc chưa hoạt động ({detail}). Hãy chọn cơ quan kế thừa rồi ký và gửi lại."
        ),
        Reason.RTE_SUCCESSOR_AMBIGUOUS: (
            "Cơ quan nhận đã được chia hoặc sáp nhập cho nhiều cơ quan ({detail}). Hãy chọn một cơ quan kế thừa"
            " rồi ký và gửi lại."
        ),
        Reason.RTE_NOT_CONNECTED: (
            "Cơ quan nhận và cấp trên của cơ quan này chưa kết nối vào trục ({detail}). Hãy gửi bằng cách khác "
            "hoặc liên hệ đơn vị vận hành trục."
        ),
        Reason.RTE_FORBIDDEN: (
            "Quy tắc định tuyến không cho phép gửi trực tiếp tới nơi nhận này ({detail}). Hãy gửi qua cơ quan "
            "chủ quản, hoặc liên hệ đơn vị vận hành trục."
        ),
        Reason.FLW_CODE_UNKNOWN: (
            "Mã trạng thái không có trong quy định ({detail}). Hãy dùng 01, 02, 03, 04, 05, 06, 13, 15 hoặc 16."
        ),
        Reason.FLW_DOCUMENT_UNKNOWN: (
            "Trục không có văn bản nào với mã định danh và cơ quan gửi này ({detail}). Hãy kiểm tra mã định "
            "danh văn bản và mã cơ quan trong gói tin."
        ),
        Reason.FLW_NOT_ADDRESSEE: (
            "Cơ quan này không có trong nơi nhận của văn bản ({detail}). Chỉ nơi nhận của văn bản mới được "
            "báo trạng thái hoặc bị yêu cầu trả lại."
        ),
        Reason.FLW_NOT_SENDER: (
            "Chỉ cơ quan đã gửi văn bản mới được thu hồi, cập nhật hoặc thay thế văn bản đó ({detail})."
        ),
        Reason.FLW_NOT_DISPATCHED: (
            "Bản gửi tới cơ quan này chưa rời trục hoặc đã được lấy lại, nên chưa thể có trạng thái ({detail})."
        ),
        Reason.FLW_NOT_ACTIVE: (
            "Văn bản đã được thu hồi, thay thế hoặc hết hiệu lực ({detail}), nên không thể thu hồi, cập nhật "
            "hay thay thế lần nữa."
        ),
        Reason.FLW_TARGET_MISSING: (
            "Gói tin không nói rõ văn bản nào được thu hồi, cập nhật hoặc thay thế, hoặc dùng lại chính mã "
            "định danh của văn bản đó ({detail}). Hãy ghi mã định danh của văn bản cũ vào phần nghiệp vụ và "
            "cấp mã mới cho văn bản này."
        ),
    }
)
