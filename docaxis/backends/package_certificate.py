"""The sender's certificate out of a stored package, by its fingerprint; whether it may be believed is not asked here."""

import base64
import re
from collections.abc import Iterator

from cryptography import x509

from docaxis.domain.wire import digest_of

_CERTIFICATE = re.compile(rb"<(?:\w+:)?X509Certificate(?:\s[^<>]*)?>([A-Za-z0-9+/=\s&#;]{1,24000})</")
_SPACE = re.compile(rb"\s|&#x?[0-9a-fA-F]+;")
"""White space in Base64; some programs write it as character references."""
_CERTIFICATES_MOST = 16


def certificate_in(package: bytes, fingerprint: str) -> x509.Certificate | None:
    """Return the certificate of this fingerprint (`sha256:<hex>`) that lies in a package, None where there is none."""
    for der in _all_in(package):
        if digest_of(der) == fingerprint:
            try:
                return x509.load_der_x509_certificate(der)
            except ValueError:
                return None
    return None


def _all_in(package: bytes) -> Iterator[bytes]:
    for number, found in enumerate(_CERTIFICATE.finditer(package)):
        if number == _CERTIFICATES_MOST:
            return
        try:
            yield base64.b64decode(_SPACE.sub(b"", found[1]))
        except ValueError:
            continue
