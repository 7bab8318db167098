"""The few DER values that the profile compares: written out, never parsed (X.690)."""

from cryptography import x509

_SEQUENCE = 0x30
_INTEGER = 0x02
_DIRECTORY_NAME = 0xA4
_SHORT_FORM = 0x80


def issuer_serial(certificate: x509.Certificate) -> bytes:
    """Return `IssuerSerial` of a certificate (RFC 5035): `SEQUENCE { GeneralNames { [4] Name }, INTEGER }`."""
    number = certificate.serial_number
    serial = number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
    names = _tagged(_SEQUENCE, _tagged(_DIRECTORY_NAME, certificate.issuer.public_bytes()))
    return _tagged(_SEQUENCE, names + _tagged(_INTEGER, serial))


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < _SHORT_FORM:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_FORM | len(octets))) + octets + content
