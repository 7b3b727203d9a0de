"""The certificate that the local ARM endpoint shows, and the authority of its own that vouches for it.

The authority may vouch for this machine's loopback alone, and its key is thrown away once the certificate is signed:
nobody can use it to pretend to be somebody else. Both are made anew before they expire.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from localazure.files import private_folder, write_private

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

# Not more than 825 days: macOS refuses certificates that are valid for longer.
_LIFETIME = timedelta(days=800)
_RENEW_BEFORE = timedelta(days=60)
_NAMES = ("localhost",)
_NETWORK = ipaddress.ip_network("127.0.0.0/8")
_ADDRESS = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True)
class Certificates:
    """PEM files: the authority to trust, the server's certificate, its key."""

    authority: Path
    certificate: Path
    key: Path


def certificates_in(folder: Path) -> Certificates:
    """The names of the files, whether they exist or not."""
    return Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")


def ensure_certificates(folder: Path, now: datetime | None = None) -> Certificates:
    """The certificates of a data folder, made now if there are none or they expire within 60 days."""
    files = certificates_in(private_folder(folder))
    now = now or datetime.now(UTC)
    if not _is_good(files, now):
        _make(files, now)
    return files


def _is_good(files: Certificates, now: datetime) -> bool:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
        server = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = load_pem_private_key(files.key.read_bytes(), None)
        server.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, _invalid_signature()):
        return False
    fresh = server.not_valid_before_utc <= now < server.not_valid_after_utc - _RENEW_BEFORE
    return fresh and key.public_key() == server.public_key()


def _invalid_signature() -> type[Exception]:
    from cryptography.exceptions import InvalidSignature

    return InvalidSignature


def _make(files: Certificates, now: datetime) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    server = _server(server_key, authority, authority_key, now)
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(files.key, key)
    write_private(files.certificate, server.public_bytes(Encoding.PEM))
    write_private(files.authority, authority.public_bytes(Encoding.PEM))


def _authority(key: EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    only_here = x509.NameConstraints([*map(x509.DNSName, _NAMES), x509.IPAddress(_NETWORK)], None)
    name = _name(f"localazure local authority {now:%Y-%m-%d}")
    builder = _builder(name, name, key, now).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(only_here, critical=True).add_extension(_usage(signs=True), critical=True)
    return builder.sign(key, SHA256())


def _server(
    key: EllipticCurvePrivateKey, authority: x509.Certificate, authority_key: EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID

    names = x509.SubjectAlternativeName([*map(x509.DNSName, _NAMES), x509.IPAddress(_ADDRESS)])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    builder = _builder(_name("127.0.0.1"), authority.subject, key, now)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(names, critical=False).add_extension(issuer_key, critical=False)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return builder.add_extension(server_auth, critical=False).sign(authority_key, SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    from cryptography import x509

    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    # A day back: clocks of virtual machines disagree.
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + _LIFETIME - timedelta(days=1))
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _name(common: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
