"""Base64 as XML Schema writes it: blanks between characters are allowed, anything else must be canonical."""

import binascii

_SPACE = b" \t\r\n"


def decode(text: str) -> bytes | None:
    """Return the octets, None for a wrong alphabet, wrong padding or bits left over (RFC 4648, 3.5)."""
    try:
        packed = text.encode("ascii").translate(None, _SPACE)
        octets = binascii.a2b_base64(packed, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    if len(packed) != 4 * ((len(octets) + 2) // 3):
        return None
    tail = packed[-4:]
    if tail and binascii.b2a_base64(octets[-(len(octets) % 3 or 3) :], newline=False) != tail:
        return None
    return octets
