"""The pages of one document: matrix, timeline, proofs, acts, package, receipt, and what can be verified."""

from docaxis.web.clerk.acts_pages import ACT_PAGES
from docaxis.web.clerk.delivery_pages import show_delivery, show_entry
from docaxis.web.clerk.document_found import CLERKS
from docaxis.web.clerk.document_package import send_attachment, send_octets, show_package
from docaxis.web.clerk.document_pages import send_table, show_document
from docaxis.web.clerk.document_submission import show_submission
from docaxis.web.clerk.receipt_pages import send_pdf, send_signed, show_check, show_receipt
from docaxis.web.clerk.receipt_verify import show_verify, verify_file
from docaxis.web.routing import NOBODY_YET, Page

_ONE = "/documents/{key}"
PAGES: tuple[Page, ...] = (
    Page(_ONE, show_document, CLERKS, "document"),
    Page(f"{_ONE}/table.csv", send_table, CLERKS, "document-table"),
    Page(f"{_ONE}/entries/{{event_id}}", show_entry, CLERKS, "document-entry"),
    Page(f"{_ONE}/package", show_package, CLERKS, "package"),
    Page(f"{_ONE}/package/octets", send_octets, CLERKS, "package-octets"),
    Page(f"{_ONE}/files/{{content_id}}", send_attachment, CLERKS, "attachment"),
    Page(f"{_ONE}/receipt", show_receipt, CLERKS, "receipt"),
    Page(f"{_ONE}/receipt.pdf", send_pdf, CLERKS, "receipt-pdf"),
    Page(f"{_ONE}/receipt.xml", send_signed, CLERKS, "receipt-signed"),
    *ACT_PAGES,
    # Codes of agencies may be of small letters too (`vxp.saas.03`), so their place in the address is their own.
    Page(f"{_ONE}/to/{{organ_id}}", show_delivery, CLERKS, "delivery"),
    Page("/submissions/{submission_id}", show_submission, CLERKS, "submission"),
    Page("/check", show_check, NOBODY_YET, "check-form"),
    Page("/check/{code}", show_check, NOBODY_YET, "check"),
    Page("/verify-file", show_verify, CLERKS, "verify-file"),
    Page("/verify-file", verify_file, CLERKS, "verify-file-do", acts=True),
)
"""All of them; what names a document of another agency answers 404."""
