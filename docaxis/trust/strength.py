"""Which keys and signature algorithms a certificate or a CRL may use: SHA-256 and stronger, nothing else."""

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import SignatureAlgorithmOID

# An upper bound as well: verifying under an RSA key of 16,384 bits costs milliseconds, and the sender chooses the key.
_RSA_BITS: Final = range(2048, 8193)
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_SIGNATURES: Final = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
        SignatureAlgorithmOID.RSASSA_PSS,
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
        SignatureAlgorithmOID.ECDSA_WITH_SHA512,
    }
)


def is_strong_key(key: object) -> bool:
    """Tell whether a public key may sign documents or certificates: RSA of 2048 to 8192 bits, P-256, P-384 or P-521."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in _RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)


def is_strong_signature(signed: x509.Certificate | x509.CertificateRevocationList) -> bool:
    """Tell whether a certificate or a CRL is signed with an allowed algorithm; PSS is judged by both of its hashes."""
    if signed.signature_algorithm_oid not in _SIGNATURES:
        return False
    try:
        parameters = signed.signature_algorithm_parameters
        algorithm = signed.signature_hash_algorithm
    except (ValueError, TypeError):
        return False
    if not isinstance(algorithm, _HASHES):
        return False
    # The mask's hash has no public name in the library.
    return not isinstance(parameters, padding.PSS) or isinstance(parameters.mgf._algorithm, _HASHES)  # noqa: SLF001
