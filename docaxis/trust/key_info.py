"""`KeyInfo` of the profile: one `X509Data` with certificates. A hint and no more; trust comes from the registry."""

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.safety import place
from docaxis.trust.algorithms import DS
from docaxis.trust.shape import (
    BrokenProfileError,
    broken,
    check_attributes,
    children,
    only_children,
    read_base64,
    read_text,
)

_CERTIFICATES_MOST = 8
_CERTIFICATE_BYTES = 16_384
_DATA = f"{{{DS}}}X509Data"
_CERTIFICATE = f"{{{DS}}}X509Certificate"
_ISSUER_SERIAL = f"{{{DS}}}X509IssuerSerial"
_PARTS = (_CERTIFICATE, f"{{{DS}}}X509SubjectName", f"{{{DS}}}X509SKI", _ISSUER_SERIAL)
_ISSUER_SERIAL_PARTS = (f"{{{DS}}}X509IssuerName", f"{{{DS}}}X509SerialNumber")


def read_certificates(key_info: etree._Element) -> tuple[bytes, ...]:
    """Return the DER certificates of a `KeyInfo`, in their order; raises BrokenProfileError.

    Errors: SIG.NO_SIGNING_CERTIFICATE_FOUND when there is none, SIG.FORMAT_FAILURE for any other way to name a key.
    """
    check_attributes(key_info, "Id")
    data = children(key_info)
    if not data or data[0].tag != _DATA:
        names = ", ".join(etree.QName(part).localname[:60] for part in data[:4]) or "0"
        raise BrokenProfileError(Rejection(Reason.SIG_NO_SIGNING_CERTIFICATE, f"KeyInfo: {names}", place(key_info)))
    if len(data) > 1:
        raise broken(key_info, "X509Data: 1")
    check_attributes(data[0])
    found: list[bytes] = []
    for part in only_children(data[0], _PARTS):
        check_attributes(part)
        if part.tag == _CERTIFICATE:
            found.append(read_base64(part))
        elif part.tag == _ISSUER_SERIAL:
            for leaf in only_children(part, _ISSUER_SERIAL_PARTS):
                check_attributes(leaf)
                read_text(leaf)
        else:
            read_text(part)
    if not found:
        raise BrokenProfileError(Rejection(Reason.SIG_NO_SIGNING_CERTIFICATE, "X509Certificate: 0", place(data[0])))
    if len(found) > _CERTIFICATES_MOST or max(map(len, found)) > _CERTIFICATE_BYTES:
        raise broken(data[0], f"X509Certificate: {len(found)}")
    return tuple(found)
