"""The certificates of a camera: the same ones whenever the same fleet is started."""

import hashlib
import random
import ssl
import tempfile
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

MAKER: Final = "Axis Communications AB"
NOT_BEFORE: Final = datetime(2024, 1, 1, tzinfo=UTC)
NOT_AFTER: Final = datetime(2054, 1, 1, tzinfo=UTC)
HTTPS_ALIAS: Final = "Self-signed certificate"
DEVICE_IDS: Final = ("ECC-P256", "RSA-2048", "RSA-4096")


def tls_context(serial: str, seed: str) -> ssl.SSLContext:
    """Of the self-signed certificate."""
    key = _key(seed)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.write(https_certificate(serial, seed).encode())
        file.flush()
        context.load_cert_chain(file.name)
    return context


def https_certificate(serial: str, seed: str) -> str:
    """In PEM, as it is shown over TLS."""
    key = _key(seed)
    name = _name(f"axis-{serial.lower()}")
    names = x509.SubjectAlternativeName([x509.DNSName(f"axis-{serial.lower()}.local")])
    builder = _builder(seed, "https", name, issuer=name).public_key(key.public_key())
    return _pem(
        builder.add_extension(names, critical=False).sign(
            key, hashes.SHA256(), ecdsa_deterministic=True
        )
    )


def device_ids(serial: str, seed: str) -> dict[str, str]:
    """By alias, in PEM: what the maker signed in the factory.

    Nobody can sign in with them: the RSA numbers are random and belong to no private key.
    """
    issuer = _name("Axis device ID Intermediate CA (simulated)")
    maker = _key("maker")
    found = {}
    for kind in DEVICE_IDS:
        name = _name(f"axis-{serial.lower()}-{kind.lower().replace('-p', '')}-1", serial.lower())
        builder = _builder(seed, kind, name, issuer=issuer).public_key(_public_key(seed, kind))
        signed = builder.sign(maker, hashes.SHA256(), ecdsa_deterministic=True)
        found[f"Axis device ID {kind} (802.1AR)"] = _pem(signed)
    return found


def _key(seed: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(hashlib.sha512(f"{seed}/key".encode()).digest()[:31], "big") + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _public_key(seed: str, kind: str) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    if not kind.startswith("RSA-"):
        return _key(f"{seed}/{kind}").public_key()
    bits = int(kind.removeprefix("RSA-"))
    modulus = random.Random(f"{seed}/{kind}").getrandbits(bits) | 1 << (bits - 1) | 1
    return rsa.RSAPublicNumbers(65_537, modulus).public_key()


def _name(common: str, serial: str | None = None) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, MAKER),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if serial is not None:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    return x509.Name(attributes)


def _builder(
    seed: str, kind: str, name: x509.Name, *, issuer: x509.Name
) -> x509.CertificateBuilder:
    digest = hashlib.sha256(f"{seed}/{kind}/number".encode()).digest()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .serial_number(int.from_bytes(digest[:16], "big") >> 1 | 1)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
