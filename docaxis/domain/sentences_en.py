"""The English sentence of every refusal code: what is wrong, and what the clerk is to do."""

from collections.abc import Mapping
from types import MappingProxyType

from docaxis.domain.verdict import Reason

ENGLISH: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.PKG_EMPTY: "The package is empty. Export the document again and resend it.",
        Reason.PKG_TOO_LARGE: (
            "The package is larger than the hub takes ({detail}). Send large attachments through the hub's blob"
            " store, sign and resend."
        ),
        Reason.PKG_ENCODING: (
            "The package is not XML 1.0 in UTF-8 ({detail}). Ask the operator of your software to correct the "
            "export, then resend."
        ),
        Reason.PKG_DOCTYPE: (
            "The package declares a DOCTYPE or entities, which the hub does not take ({detail}). Remove them, "
            "sign and resend."
        ),
        Reason.PKG_NOT_WELL_FORMED: (
            "The package is not well-formed XML and cannot be read ({detail}). Export it again and resend; if "
            "it happens again, tell the operator of your software."
        ),
        Reason.PKG_LIMIT_EXCEEDED: (
            "The package exceeds a technical limit of the hub ({detail}). Split or shorten it, sign and resend."
        ),
        Reason.PKG_NAMESPACE: (
            "The package does not use the namespace of QCVN 102:2016 ({detail}). Export it as QCVN 102:2016, "
            "sign and resend."
        ),
        Reason.PKG_SCHEMA: (
            "An element is missing, misplaced or not part of QCVN 102:2016 ({detail}). Correct that element, "
            "sign and resend."
        ),
        Reason.PKG_VALUE: (
            "A field of the package has a value that is not allowed ({detail}). Correct that field, sign and resend."
        ),
        Reason.PKG_HIDDEN_CONTENT: (
            "The package hides a comment or an instruction inside signed content ({detail}). Remove it, sign "
            "and resend."
        ),
        Reason.PKG_REPEATED_ID: (
            "An element identifier stands twice in the package ({detail}). Export it again with each identifier"
            " used once, sign and resend."
        ),
        Reason.PKG_REPEATED_ADDRESSEE: (
            "One addressee is named twice ({detail}). Remove one of them from the addressee list, sign and resend."
        ),
        Reason.PKG_TOO_MANY_ADDRESSEES: (
            "The document has too many addressees ({detail}). Use a distribution list or send it in parts."
        ),
        Reason.PKG_MANIFEST_MISMATCH: (
            "The list of attachments does not match the attached files ({detail}). Attach all files again, sign"
            " and resend."
        ),
        Reason.PKG_ATTACHMENT_DAMAGED: (
            "An attachment is damaged and cannot be decoded ({detail}). Attach the original file again, sign "
            "and resend."
        ),
        Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE: (
            "An attachment is too large to stand inside the package ({detail}). Upload it to the hub's blob "
            "store, put a BlobReference into the manifest before signing, and resend."
        ),
        Reason.PKG_ATTACHMENT_MISSING: (
            "A referenced attachment is not in the hub's blob store ({detail}). Upload the file, then resend."
        ),
        Reason.PKG_CLAIM_INVALID: (
            "The claim check of a large package cannot be read ({detail}). Tell the operator of your connection"
            " software."
        ),
        Reason.PKG_CLAIM_MISMATCH: (
            "The uploaded package is not the one that the claim check names ({detail}). Upload it again and resend."
        ),
        Reason.PKG_MESSAGE_ID_MISSING: (
            "The message has no message_id. Tell the operator of your connection software."
        ),
        Reason.PKG_CARBON_COPY: (
            "The message asks for copies (CC, BCC) to other queues, which the hub does not make ({detail}). "
            "Name every addressee in the document and send it once."
        ),
        Reason.PKG_ID_CONFLICT: (
            "This document id was sent before with other content ({detail}). To change the document, send an "
            "update or a replacement; for a new document, use a new document id."
        ),
        Reason.PKG_LANE_MISMATCH: (
            "The urgency in the document does not match the lane it was sent by ({detail}). Resend it by the "
            "right lane, urgent or normal."
        ),
        Reason.PKG_NUMBER_CONFLICT: (
            "Your agency has used this number and notation for another document of the same year ({detail}). "
            "Check the register, then give another number or send an update or a replacement."
        ),
        Reason.SIG_MISSING: "The package is not signed. Sign it with your agency's certificate and resend.",
        Reason.SIG_PROFILE_LEGACY: (
            "The package carries a signature of the old kind, which the hub cannot check ({detail}). Two ways: "
            "sign it again with an adapter under profile docaxis-1, or join through the gateway."
        ),
        Reason.SIG_FORMAT_FAILURE: (
            "The signature is not built as profile docaxis-1 asks ({detail}). Sign the package again with "
            "up-to-date connection software and resend."
        ),
        Reason.SIG_PARTIAL_COVERAGE: (
            "The signature does not cover the whole package ({detail}). Sign the whole package again and resend."
        ),
        Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE: (
            "The signature uses an algorithm or key that is too weak or not allowed ({detail}). Sign again with"
            " SHA-256 or stronger and RSA of 2048 bits or more, or ECDSA P-256, P-384 or P-521."
        ),
        Reason.SIG_HASH_FAILURE: (
            "The package was changed after it was signed ({detail}). Sign it again from your document system "
            "and resend; do not edit a signed package."
        ),
        Reason.SIG_CRYPTO_FAILURE: (
            "The signature value does not belong to the certificate that came with it ({detail}). Check the "
            "signing device, sign again and resend."
        ),
        Reason.SIG_NO_SIGNING_CERTIFICATE: (
            "The signer's certificate was not found in the signature ({detail}). Sign again and include the "
            "certificate (X509Certificate)."
        ),
        Reason.SIG_SIGNING_CERTIFICATE_MISMATCH: (
            "The certificate named in the signed properties is not the one that signed ({detail}). Sign the "
            "package again and resend."
        ),
        Reason.SIG_NO_CERTIFICATE_CHAIN: (
            "The certificate does not lead to an authority that the hub trusts ({detail}). Sign with your "
            "agency's certificate, or contact the hub's operator."
        ),
        Reason.SIG_CHAIN_CONSTRAINTS_FAILURE: (
            "The certificate may not be used to sign documents ({detail}). Sign with your agency's signing "
            "certificate and resend."
        ),
        Reason.SIG_EXPIRED: "The certificate has expired ({detail}). Renew it or sign with one in force, and resend.",
        Reason.SIG_NOT_YET_VALID: (
            "The certificate is not in force yet ({detail}). Wait, or sign with one in force, and resend."
        ),
        Reason.SIG_REVOKED: (
            "The certificate has been revoked ({detail}). Sign with one in force and tell whoever manages your "
            "certificates."
        ),
        Reason.SIG_REVOCATION_UNKNOWN: (
            "The hub could not learn in time whether the certificate has been revoked ({detail}). Contact the "
            "hub's operator, then resend."
        ),
        Reason.SIG_SIGNER_MISMATCH: (
            "The certificate that signed is not registered to the sending agency ({detail}). Sign with the "
            "registered one, or have this one registered by the hub's operator."
        ),
        Reason.SIG_TRY_LATER: (
            "The hub cannot check the certificate at the moment ({detail}). No need to resend: the hub will try"
            " again by itself."
        ),
        Reason.RTE_SENDER_UNKNOWN: (
            "The sending agency's code is not in the hub's directory ({detail}). Check the code, or ask the "
            "hub's operator to register it."
        ),
        Reason.RTE_SENDER_CLOSED: (
            "The sending agency's code is no longer in force ({detail}). Send under the successor's code."
        ),
        Reason.RTE_SENDER_NOT_SERVED: (
            "This connected system may not send for the agency named in the package ({detail}). Send from that "
            "agency's system, or ask the hub's operator for the right."
        ),
        Reason.RTE_NO_ADDRESSEE: "The document has no addressee ({detail}). Choose at least one, sign and resend.",
        Reason.RTE_ADDRESSEE_UNKNOWN: (
            "An addressee's code is not in the hub's directory ({detail}). Choose the addressee from the "
            "directory again, sign and resend."
        ),
        Reason.RTE_ADDRESSEE_CLOSED: (
            "An addressee has been closed or is not in operation yet ({detail}). Choose its successor, sign and resend."
        ),
        Reason.RTE_SUCCESSOR_AMBIGUOUS: (
            "An addressee was divided among or merged into several agencies ({detail}). Choose one successor, "
            "sign and resend."
        ),
        Reason.RTE_NOT_CONNECTED: (
            "Neither the addressee nor an agency above it is connected to the hub ({detail}). Send it another "
            "way, or contact the hub's operator."
        ),
        Reason.RTE_FORBIDDEN: (
            "The routing rules do not allow sending to this addressee directly ({detail}). Send through the "
            "agency above, or contact the hub's operator."
        ),
        Reason.FLW_CODE_UNKNOWN: ("No such status code exists ({detail}). Use 01, 02, 03, 04, 05, 06, 13, 15 or 16."),
        Reason.FLW_DOCUMENT_UNKNOWN: (
            "The hub knows no document with this id of this sender ({detail}). Check the document id and the "
            "agency code in the package."
        ),
        Reason.FLW_NOT_ADDRESSEE: (
            "This agency is not an addressee of the document ({detail}). Only an addressee can report a "
            "status or be asked to give it back."
        ),
        Reason.FLW_NOT_SENDER: (
            "Only the agency that sent a document can take it back, update it or replace it ({detail})."
        ),
        Reason.FLW_NOT_DISPATCHED: (
            "The copy for this agency has not left the hub, or was taken back, so there can be no status of "
            "it ({detail})."
        ),
        Reason.FLW_NOT_ACTIVE: (
            "The document was recalled or replaced already, or has ended ({detail}); it cannot be recalled, "
            "updated or replaced again."
        ),
        Reason.FLW_TARGET_MISSING: (
            "The package does not say which document it updates or replaces, or it uses that document's own "
            "id ({detail}). Name the earlier document in the business part and give this one an id of its "
            "own."
        ),
    }
)
