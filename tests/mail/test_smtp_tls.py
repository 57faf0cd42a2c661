"""SMTP to servers that do speak TLS: name, password and letter leave only to whom the certificate names, encrypted."""

import base64
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from motlink import settings as settings_module
from motlink.mail.delivery import as_message
from motlink.mail.errors import DeliveryFailed
from motlink.mail.smtp import by_smtp
from motlink.settings import Settings
from tests.mail.test_outbox import TOKEN, put, read

pytestmark = [pytest.mark.req("TA-09"), pytest.mark.asvs("12.3.1", "12.3.2")]
# Not this machine by its usual name or number: there the connection need not be encrypted.
HOST = "127.0.0.2"


def certificate(folder: Path, *, host: str = HOST, days: int = 1) -> Path:
    """Write a certificate that signs itself, and its key, into one file; `days` below 0 has run out."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


class Talk(socketserver.StreamRequestHandler):
    """One connection; everything that comes is kept with whether it came encrypted."""

    server: "Server"

    def handle(self) -> None:
        if self.server.at_once:
            self.encrypt()
        self.say("220 stub")
        while line := self.rfile.readline():
            self.server.heard.append((isinstance(self.connection, ssl.SSLSocket), line))
            match line[:4].upper():
                case b"EHLO":
                    self.say(f"250-stub\r\n250 {self.offers()}")
                case b"STAR":
                    self.say("220 go on")
                    self.encrypt()
                case b"AUTH":
                    self.say("235 welcome")
                case b"DATA":
                    self.say("354 go on")
                    self.read_letter()
                    self.say("250 taken")
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 stub")

    def offers(self) -> str:
        return "AUTH PLAIN" if isinstance(self.connection, ssl.SSLSocket) else "STARTTLS"

    def encrypt(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def read_letter(self) -> None:
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            self.server.heard.append((isinstance(self.connection, ssl.SSLSocket), line))

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    """A mail server with this certificate, encrypted from the first byte or once it is asked."""

    daemon_threads = True

    def __init__(self, certificate: Path, *, at_once: bool) -> None:
        super().__init__((HOST, 0), Talk)
        self.certificate, self.at_once = certificate, at_once
        self.heard: list[tuple[bool, bytes]] = []

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests are about."""

    @property
    def settings(self) -> Settings:
        scheme = "smtps" if self.at_once else "smtp"
        url = f"{scheme}://post:s%40crum@{HOST}:{self.server_address[1]}"
        return settings_module.settings().model_copy(
            update={"mail": "smtp", "smtp_url": url, "smtp_tls": "required"}
        )


Serve = Callable[..., Server]


@pytest.fixture(params=[False, True], ids=["starttls", "smtps"])
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serve]:
    """Start a server of either kind."""
    made: list[Server] = []

    def start(**named: object) -> Server:
        server = Server(certificate(tmp_path, **named), at_once=request.param)  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.append(server)
        return server

    yield start
    for server in made:
        server.shutdown()
        server.server_close()


def send(server: Server) -> None:
    letter = read(put())
    by_smtp(as_message(letter, server.settings), letter, server.settings)


def test_name_password_and_letter_go_to_a_server_that_is_known(
    sqlite: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))

    send(server)

    login = base64.b64encode(b"\0post\0s@crum")
    for secret in (login, TOKEN.encode()):
        assert {encrypted for encrypted, line in server.heard if secret in line} == {True}


@pytest.mark.parametrize("wrong", ["unknown", "of another host", "run out"])
def test_a_server_that_cannot_show_who_it_is_hears_no_secret(
    sqlite: str, serve: Serve, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    server = serve(
        host="127.0.0.9" if wrong == "of another host" else HOST, days=-1 if wrong == "run out" else 1
    )
    if wrong != "unknown":
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))

    with pytest.raises(DeliveryFailed) as refused:
        send(server)

    assert "cannot be reached (SSLCertVerificationError)" in str(refused.value)
    assert not refused.value.unclear and not refused.value.for_good
    assert {line[:4] for _, line in server.heard} <= {b"ehlo", b"STAR"}
