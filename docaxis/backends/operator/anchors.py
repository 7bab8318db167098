"""The folder of trust anchors: what is in it, and a change of it that is either made whole or not at all."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.hub.views.proposals import CertificateFacts
from docaxis.trust.certificate import fingerprint_of, organ_ids_of, read_certificates

SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})
RSA_BITS_LEAST = 2048


def facts_of(certificate: x509.Certificate, now: datetime) -> CertificateFacts:
    """Return a certificate as people read it, with what speaks against it as an anchor."""
    is_authority = _is_authority(certificate)
    trouble = ""
    if not is_authority:
        trouble = "not-an-authority"
    elif certificate.not_valid_after_utc <= now:
        trouble = "ended"
    elif certificate.not_valid_before_utc > now:
        trouble = "not-yet"
    elif _is_weak(certificate):
        trouble = "weak-key"
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        fingerprint=fingerprint_of(certificate),
        begins_at=certificate.not_valid_before_utc,
        ends_at=certificate.not_valid_after_utc,
        is_authority=is_authority,
        key=_key(certificate),
        organ_ids=tuple(sorted(organ_ids_of(certificate))),
        trouble=trouble,
    )


def one_certificate(octets: bytes) -> x509.Certificate:
    """Return the one certificate of a file, DER or PEM; ValueError where there is none, or more than one."""
    found = read_certificates(octets)
    if len(found) != 1:
        raise ValueError(f"{len(found)} certificates")
    return found[0]


def anchors_in(folder: Path) -> Sequence[x509.Certificate]:
    """Return the certificates of the folder by subject; what cannot be read is left out. Blocking."""
    found = {fingerprint_of(one): one for _, certificates in _files(folder) for one in certificates}
    return sorted(found.values(), key=lambda one: one.subject.rfc4514_string())


@contextmanager
def added(folder: Path, certificate: x509.Certificate) -> Iterator[None]:
    """Add a certificate when the block ends well; raises OSError before it begins. Blocking."""
    name = fingerprint_of(certificate).removeprefix("sha256:")
    with _staged(folder / f"{name}.pem", certificate.public_bytes(Encoding.PEM)):
        yield


@contextmanager
def removed(folder: Path, fingerprint: str) -> Iterator[None]:
    """Take a certificate out of every file that holds it when the block ends well; raises OSError before. Blocking."""
    held = [(file, found) for file, found in _files(folder) if any(fingerprint_of(one) == fingerprint for one in found)]
    if held and not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder.name}: not writable")
    yield
    for file, found in held:
        rest = [one for one in found if fingerprint_of(one) != fingerprint]
        if rest:
            with _staged(file, b"".join(one.public_bytes(Encoding.PEM) for one in rest)):
                pass
        else:
            file.unlink(missing_ok=True)


@contextmanager
def _staged(file: Path, octets: bytes) -> Iterator[None]:
    # Under a name that nobody reads as a certificate, until it is whole.
    handle, staged = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        Path(staged).chmod(0o644)
        yield
        Path(staged).replace(file)
    finally:
        Path(staged).unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, list[x509.Certificate]]]:
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in SUFFIXES and file.is_file():
            try:
                yield file, read_certificates(file.read_bytes())
            except (OSError, ValueError):
                continue


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _is_weak(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size < RSA_BITS_LEAST


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}"
        case _:
            return type(key).__name__.removesuffix("PublicKey").lstrip("_")
