"""Every bound that a package must keep, with its unit: nothing a stranger sends may cost unbounded memory or time.

The nesting of elements is bounded by libxml2 itself (256), as is one name (50,000 bytes): `huge_tree=False` keeps both.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one package; the defaults suit the national axis (field sizes: `reference/limits.md` 2)."""

    package_bytes: int = 32 * 1024 * 1024
    """Size of the XML text in bytes."""

    elements: int = 60_000
    """Number of elements; one addressee takes about nine."""

    attributes: int = 20_000
    """Number of attributes in the whole package."""

    attributes_per_element: int = 32
    """Attributes of one element: canonicalisation sorts them by insertion, which is quadratic."""

    namespace_declarations: int = 10_000
    """`xmlns` in the whole package; some serialisers repeat it at every element."""

    namespaces_in_scope: int = 32
    """Declarations along one path: inclusive canonicalisation walks all of them at every element."""

    addressees: int = 5_000
    """Number of `To`: the interleave of the schema grows faster than linearly with it (5,000: 54 ms)."""

    text_bytes: int = 10_000_000
    """One run of text: libxml2's own limit, which `huge_tree=False` keeps."""

    attachments: int = 200
    """Number of attachments."""

    inline_attachment_bytes: int = 7_300_000
    """Decoded size of one inline attachment; larger ones go by reference to the blob store."""

    unpacked_bytes: int = 256 * 1024 * 1024
    """Size of one file out of its zip."""

    unpacked_ratio: int = 200
    """Unpacked bytes for one packed byte, counted from the first mebibyte on."""


DEFAULT_LIMITS = Limits()
