"""Certificates for tests: a root, an issuing authority and leaves, each field of which a test may change."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.local.issuing import (
    Authority,
    Extensions,
    PrivateKey,
    Revocation,
    authority_extensions,
    certify,
    generate_key,
    key_usage,
    name_of,
    revoke,
)
from docaxis.trust.certificate import TrustStore, build_trust
from docaxis.trust.revocation import RevocationList, read_revocation_list

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ORGAN = "000.00.00.G22"
NOT_AUTHORITY = (x509.BasicConstraints(ca=False, path_length=None), True)


@cache
def key(name: str, kind: str = "p256") -> PrivateKey:
    """Return the key of this name, made once a session."""
    assert name
    return generate_key(kind)


def authority(
    name: str,
    issuer: Authority | None = None,
    *,
    kind: str = "p256",
    path_length: int | None = None,
    extensions: Extensions | None = None,
    **fields: Any,
) -> Authority:
    """Return an authority; its own root without an issuer."""
    own = key(name, kind)
    times = {"not_before_at": AT - 365 * DAY, "not_after_at": AT + 365 * DAY}
    certificate = certify(
        own.public_key(),
        fields.pop("subject", name_of(name)),
        issuer.certificate.subject if issuer else name_of(name),
        issuer.key if issuer else own,
        authority_extensions(path_length) if extensions is None else extensions,
        **(times | fields),
    )
    return Authority(certificate, own)


def leaf(
    issuer: Authority,
    *,
    kind: str = "p256",
    public_key: Any = None,
    extensions: Extensions | None = None,
    more: Extensions = (),
    usage: str = "digitalSignature",
    subject: x509.Name | None = None,
    **fields: Any,
) -> x509.Certificate:
    """Return the certificate of an agency."""
    times = {"not_before_at": AT - 30 * DAY, "not_after_at": AT + 30 * DAY}
    chosen = [NOT_AUTHORITY, key_usage(usage)] if extensions is None else extensions
    return certify(
        public_key or key("leaf", kind).public_key(),
        subject or name_of("Van phong", organ_id=ORGAN),
        issuer.certificate.subject,
        issuer.key,
        [*chosen, *more],
        **(times | fields),
    )


def crl(issuer: Authority, *entries: Revocation, number: int = 1, **fields: Any) -> bytes:
    """Return a revocation list in DER, in force for a day around AT."""
    times = {"this_update_at": AT - DAY / 2, "next_update_at": AT + DAY / 2}
    return revoke(issuer, entries, number=number, **(times | fields)).public_bytes(Encoding.DER)


def read(data: bytes) -> RevocationList:
    """Read a list that must be readable."""
    found = read_revocation_list(data)
    assert isinstance(found, RevocationList), found
    return found


def trust_of(
    anchors: Sequence[Authority], intermediates: Sequence[Authority] = (), crls: Sequence[bytes] | None = None
) -> TrustStore:
    """Return a trust store; with an empty list of every authority unless told otherwise."""
    lists = [crl(one) for one in (*anchors, *intermediates)] if crls is None else crls
    return build_trust(
        [one.certificate for one in anchors], [one.certificate for one in intermediates], [read(one) for one in lists]
    )
