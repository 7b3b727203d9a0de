"""The certificate: for this machine alone, kept, renewed in time."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from localazure.tls import Certificates, ensure_certificates

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def shake_hands(files: Certificates, name: str) -> None:
    """A TLS server with the certificate, and a client that trusts the authority and asks for `name`."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=files.authority)
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    one, other = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(one, server_side=True) as connection:
                connection.recv(1)
        except (ssl.SSLError, ConnectionError):
            return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(other, server_hostname=name) as connection:
            connection.send(b"x")
    finally:
        other.close()
        thread.join()
        one.close()


def test_clients_that_trust_the_authority_accept_the_server(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path / "tls")
    for name in ("127.0.0.1", "localhost"):
        shake_hands(files, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(files, "example.com")


def test_the_authority_vouches_for_the_loopback_alone_and_its_key_is_gone(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path / "tls")
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert {str(name.value) for name in limits.value.permitted_subtrees or ()} == {"localhost", "127.0.0.0/8"}
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == ["ca.pem", "server.key", "server.pem"]


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    ensure_certificates(tmp_path / "tls")
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()} == {0o600}


def test_certificates_are_kept_until_sixty_days_before_their_end(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, NOW)
    first = files.certificate.read_bytes()
    end = x509.load_pem_x509_certificate(first).not_valid_after_utc
    assert end - NOW < timedelta(days=825)
    ensure_certificates(tmp_path, end - timedelta(days=61))
    assert files.certificate.read_bytes() == first
    ensure_certificates(tmp_path, end - timedelta(days=59))
    assert files.certificate.read_bytes() != first
    shake_hands(ensure_certificates(tmp_path), "127.0.0.1")


@pytest.mark.parametrize("damage", ["ca.pem", "server.pem", "server.key"])
def test_a_lost_or_damaged_file_is_made_anew(tmp_path: Path, damage: str) -> None:
    ensure_certificates(tmp_path)
    (tmp_path / damage).write_text("nonsense")
    shake_hands(ensure_certificates(tmp_path), "127.0.0.1")
    (tmp_path / damage).unlink()
    shake_hands(ensure_certificates(tmp_path), "127.0.0.1")


def test_a_key_of_another_certificate_is_noticed(tmp_path: Path) -> None:
    files, other = ensure_certificates(tmp_path / "a"), ensure_certificates(tmp_path / "b")
    files.key.write_bytes(other.key.read_bytes())
    shake_hands(ensure_certificates(tmp_path / "a"), "localhost")
