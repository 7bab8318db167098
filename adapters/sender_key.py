"""The key that an agency signs its packages with."""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.settings import SettingsError, SigningSettings
from docaxis.domain.verdict import Rejection
from docaxis.trust.signing import sign_package


@dataclass(frozen=True, slots=True)
class SenderKey:
    """The agency that speaks, its private key, and its certificate followed by the issuers."""

    organ_id: str
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...]

    def sign(self, package: bytes) -> bytes | Rejection:
        """Return the package under profile docaxis-1; a signature that stands there already is replaced."""
        return sign_package(package, self.key, self.chain, replace=True)


def load_sender_key(settings: SigningSettings) -> SenderKey:
    """Read key and certificates; raises SettingsError naming the file."""
    try:
        key = load_pem_private_key(settings.key_file.read_bytes(), None)
        chain = tuple(x509.load_pem_x509_certificates(settings.certificate_file.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"signing: {settings.key_file}, {settings.certificate_file}: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SettingsError(f"signing.key_file: {settings.key_file}: an RSA or EC key expected")
    if chain[0].public_key() != key.public_key():
        raise SettingsError(f"signing.certificate_file: {settings.certificate_file}: not for this key")
    return SenderKey(settings.organ_id, key, chain)
