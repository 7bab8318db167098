"""Certificates and revocation lists for a desk and for tests, field by field; nothing here is fit for real agencies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Kind = Literal["agency", "hub", "tls-server", "tls-client"]
Extensions = Iterable[tuple[x509.ExtensionType, bool]]

_CURVES: Final[dict[str, type[ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1]]] = {
    "p256": ec.SECP256R1,
    "p384": ec.SECP384R1,
    "p521": ec.SECP521R1,
}
_RSA_BITS: Final = {"rsa2048": 2048, "rsa3072": 3072, "rsa4096": 4096}
KEY_KINDS: Final = (*_RSA_BITS, *_CURVES)
USAGES: Final = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
}
_NO_USAGE: Final = dict.fromkeys(
    (*USAGES.values(), "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
)


def generate_key(kind: str) -> PrivateKey:
    """Make a key: one of `KEY_KINDS`; ValueError for another word. RSA takes some 0.1 s to 1 s, EC 0.1 ms."""
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind]())
    if kind in _RSA_BITS:
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS[kind])
    raise ValueError(f"no such kind of key: {kind}")


def name_of(common_name: str, *, organ_id: str = "", organization: str = "") -> x509.Name:
    """Return a subject; the agency's code stands in organizationIdentifier (2.5.4.97)."""
    parts = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.ORGANIZATION_IDENTIFIER, organ_id),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def key_usage(*words: str) -> tuple[x509.KeyUsage, bool]:
    """Return a critical keyUsage of these words (RFC 5280's, see `USAGES`)."""
    return x509.KeyUsage(**(_NO_USAGE | {USAGES[word]: True for word in words})), True


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that can sign: its certificate and key."""

    certificate: x509.Certificate
    key: PrivateKey


def certify(
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    subject: x509.Name,
    issuer: x509.Name,
    issuer_key: PrivateKey,
    extensions: Extensions,
    *,
    not_before_at: datetime,
    not_after_at: datetime,
    serial_number: int | None = None,
    algorithm: hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = None,
    rsa_padding: PSS | PKCS1v15 | None = None,
) -> x509.Certificate:
    """Sign a certificate with these fields and key identifiers; SHA-256 unless told otherwise."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number() if serial_number is None else serial_number)
        .not_valid_before(not_before_at)
        .not_valid_after(not_after_at)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, algorithm or hashes.SHA256(), rsa_padding=rsa_padding)


def authority_extensions(path_length: int | None) -> list[tuple[x509.ExtensionType, bool]]:
    """Return what makes a certificate one of an authority."""
    return [(x509.BasicConstraints(ca=True, path_length=path_length), True), key_usage("keyCertSign", "cRLSign")]


def leaf_extensions(kind: Kind, usage: str, hosts: Sequence[str]) -> list[tuple[x509.ExtensionType, bool]]:
    """Return what a certificate of this kind needs; usage is of agency and hub, hosts are of TLS servers."""
    extensions: list[tuple[x509.ExtensionType, bool]] = [(x509.BasicConstraints(ca=False, path_length=None), True)]
    if kind == "tls-server":
        extensions += [
            key_usage("digitalSignature", "keyEncipherment"),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.SubjectAlternativeName([_host(host) for host in hosts]), False),
        ]
    elif kind == "tls-client":
        extensions += [key_usage("digitalSignature"), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)]
    else:
        extensions.append(key_usage(usage))
    return extensions


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@dataclass(frozen=True, slots=True)
class Revocation:
    """An entry of a revocation list; reason is RFC 5280's word."""

    serial_number: int
    revoked_at: datetime
    reason: str = "unspecified"


def revoke(
    authority: Authority,
    entries: Iterable[Revocation],
    *,
    number: int,
    this_update_at: datetime,
    next_update_at: datetime,
    extensions: Extensions = (),
) -> x509.CertificateRevocationList:
    """Sign a revocation list of this authority."""
    issuer_key = authority.key.public_key()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(this_update_at)
        .next_update(next_update_at)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for entry in entries:
        revoked = x509.RevokedCertificateBuilder().serial_number(entry.serial_number).revocation_date(entry.revoked_at)
        if entry.reason != "unspecified":
            revoked = revoked.add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason)), critical=False)
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(authority.key, hashes.SHA256())
