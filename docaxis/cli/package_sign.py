"""Signing with the key and the certificate of a desk, as PEM files."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from docaxis.cli.octets import read_file
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.verdict import Rejection
from docaxis.edxml.safety import parse
from docaxis.trust import xmldsig
from docaxis.trust.certificate import read_certificates
from docaxis.trust.signing import PrivateKey, sign_package

_PEM_BYTES = 1024 * 1024


def sign(package: bytes, key_file: Path, certificate_file: Path, *, replace_legacy: bool, pss: bool) -> bytes:
    """Return the package signed; raises CommandError. A signature that holds is never replaced."""
    key = _read_key(key_file)
    try:
        chain = read_certificates(read_file(certificate_file, _PEM_BYTES))
    except ValueError:
        raise CommandError(f"{certificate_file}: holds no certificate") from None
    if not chain:
        raise CommandError(f"{certificate_file}: holds no certificate")
    if chain[0].public_key() != key.public_key():
        raise CommandError(f"{certificate_file}: its first certificate is not that of {key_file}")
    if replace_legacy:
        parsed = parse(package)
        if not isinstance(parsed, Rejection) and not isinstance(xmldsig.verify(parsed), Rejection):
            raise CommandError("the package carries a signature that holds; it is not replaced", ExitCode.REFUSED)
    try:
        signed = sign_package(package, key, chain, pss=pss, replace=replace_legacy)
    except ValueError as error:
        raise CommandError(f"{key_file}: {error}") from None
    if isinstance(signed, Rejection):
        hint = "; --replace-legacy replaces one that does not hold" if signed.detail.startswith("Signature:") else ""
        raise CommandError(f"{signed.code}: {signed.detail} {signed.at}{hint}", ExitCode.VERIFICATION_FAILED)
    return signed


def _read_key(file: Path) -> PrivateKey:
    try:
        key = load_pem_private_key(read_file(file, _PEM_BYTES), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CommandError(f"{file}: a private key in PEM without a passphrase expected") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise CommandError(f"{file}: an RSA or an elliptic curve key expected")
    return key
