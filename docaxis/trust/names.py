"""Name constraints of an authority (RFC 5280, 4.2.1.10): which names the certificates beneath it may carry."""

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

_JUDGED = (x509.DirectoryName, x509.RFC822Name, x509.DNSName, x509.UniformResourceIdentifier, x509.IPAddress)


def names_of(certificate: x509.Certificate, extensions: x509.Extensions) -> tuple[x509.GeneralName, ...]:
    """Return every name that constraints apply to: the subject, e-mail addresses in it, and the alternative names."""
    names: list[x509.GeneralName] = []
    if certificate.subject.rdns:
        names.append(x509.DirectoryName(certificate.subject))
        names.extend(
            _mail(str(found.value)) for found in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
        )
    with suppress(x509.ExtensionNotFound):
        names.extend(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    return tuple(names)


def permits(constraints: x509.NameConstraints, names: Sequence[x509.GeneralName]) -> bool:
    """Tell whether all names are permitted and none is excluded; a name we cannot judge is refused."""
    permitted, excluded = constraints.permitted_subtrees or (), constraints.excluded_subtrees or ()
    for name in names:
        for subtree in excluded:
            if type(subtree) is type(name) and _lies_within(name, subtree, unknown=True):
                return False
        of_kind = [subtree for subtree in permitted if type(subtree) is type(name)]
        if of_kind and not any(_lies_within(name, subtree, unknown=False) for subtree in of_kind):
            return False
    return True


def _lies_within(name: x509.GeneralName, subtree: x509.GeneralName, *, unknown: bool) -> bool:
    """Tell whether a name lies in a subtree of its kind; unknown: the answer where it cannot be told."""
    if not isinstance(name, _JUDGED):
        return unknown
    value, base = name.value, subtree.value
    if isinstance(value, x509.Name) and isinstance(base, x509.Name):
        return _normal(value)[: len(base.rdns)] == _normal(base)
    if isinstance(name, x509.IPAddress):
        if isinstance(base, IPv4Network) and isinstance(value, IPv4Address):
            return value in base
        if isinstance(base, IPv6Network) and isinstance(value, IPv6Address):
            return value in base
        # An address and a net of the other family, or what is no address at all.
        return unknown and not isinstance(base, IPv4Network | IPv6Network)
    if not isinstance(value, str) or not isinstance(base, str):
        return unknown
    value, base = value.casefold(), base.casefold()
    if isinstance(name, x509.DNSName):
        return base in (value, "") or value.endswith("." + base.removeprefix("."))
    if isinstance(name, x509.RFC822Name):
        if "@" in base:
            return value == base
        return _host_within(value.rpartition("@")[2], base)
    host = _host(value)
    return unknown if host is None else _host_within(host, base)


def _host_within(host: str, base: str) -> bool:
    # A leading dot means hosts beneath it only; without one, that host only.
    return host.endswith(base) if base.startswith(".") else base in ("", host)


def _host(uri: str) -> str | None:
    try:
        return urlsplit(uri).hostname
    except ValueError:
        return None


def _mail(value: str) -> x509.GeneralName:
    # Without the library's check: an address outside ASCII must still meet the constraints.
    return x509.RFC822Name._init_without_validation(value)  # noqa: SLF001


def _normal(name: x509.Name) -> list[frozenset[tuple[str, str]]]:
    """Return the name for comparing as RFC 5280, 7.1 does: no case, blanks run together, order within an RDN free."""
    return [
        frozenset(
            (attribute.oid.dotted_string, " ".join(_text(attribute.value).split()).casefold()) for attribute in rdn
        )
        for rdn in name.rdns
    ]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.hex()
