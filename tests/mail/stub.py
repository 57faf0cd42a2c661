"""A SendGrid of our own: it answers as SendGrid does, misbehaves on demand, and signs what it tells of letters."""

import base64
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY = "SG.a-key-that-nobody-may-find-in-a-log"
Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    stub: "SendGrid"

    def do_POST(self) -> None:
        behaviour = self.stub.next()
        if behaviour is not reset_mid_body:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.stub.came.append((self.path, dict(self.headers), json.loads(body)))
        behaviour(self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def takes(handler: Handler) -> None:
    """202, as for a letter that is queued."""
    handler.answer(202, X_Message_Id="14c5d75ce93.dfd.64b469")


def says(status: int, **headers: str) -> Behaviour:
    """Refuse with SendGrid's shape of errors."""
    body = json.dumps({"errors": [{"message": "no", "field": None, "help": None}]}).encode()
    return lambda handler: handler.answer(status, body, **headers)


def hangs(handler: Handler) -> None:
    """Read the letter and never answer."""
    handler.stub.over.wait(30)


def takes_late(handler: Handler) -> None:
    """Take the letter, and say so when nobody listens any more."""
    handler.stub.over.wait(1.5)
    with_nobody_there(lambda: takes(handler))


def drips(handler: Handler) -> None:
    """Answer one byte at a time, each in time."""

    def drip() -> None:
        for byte in b"HTTP/1.1 202 Accepted\r\nX-Long: " + b"x" * 2000:
            handler.connection.sendall(bytes([byte]))
            time.sleep(0.2)

    with_nobody_there(drip)


def reset_mid_body(handler: Handler) -> None:
    """Read a part of the letter and break the line."""
    handler.rfile.read(10)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def takes_and_loses_its_words(handler: Handler) -> None:
    """202, and the line breaks in the middle of the answer's body."""
    handler.send_response(202)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def with_nobody_there(say: Callable[[], None]) -> None:
    try:
        say()
    except OSError:
        return


class SendGrid:
    """The stub. `will` says how it answers, one after the other; when that is used up it takes everything."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.over = threading.Event()
        self._will: list[Behaviour] = []
        handler = type("Bound", (Handler,), {"stub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def will(self, *behaviours: Behaviour) -> None:
        self._will.extend(behaviours)

    def next(self) -> Behaviour:
        return self._will.pop(0) if self._will else takes

    def links(self) -> list[str]:
        """Return the links in the letters that came."""
        texts = [body["content"][0]["value"] for _, _, body in self.came]
        return [word for text in texts for word in text.split() if "?t=" in word]

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class Signer:
    """SendGrid's key, and posts signed with it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def headers(self, body: bytes, at: datetime | None = None) -> dict[str, str]:
        timestamp = str(int((at or datetime.now(UTC)).timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }


def event(kind: str, letter_id: UUID | str, at: datetime, key: str = "", **more: Any) -> dict[str, Any]:
    """Return one event as SendGrid posts it."""
    return {
        "email": "mina@x.example",
        "timestamp": int(at.timestamp()),
        "event": kind,
        "smtp-id": f"<{letter_id}@motlink.example>",
        "sg_event_id": key or f"{kind}-{letter_id}",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "letter": str(letter_id),
        **more,
    }


def bounce(letter_id: UUID | str, at: datetime, key: str = "") -> dict[str, Any]:
    """Return the event of a letter to an address that does not exist."""
    return event(
        "bounce",
        letter_id,
        at,
        key,
        type="bounce",
        status="5.1.1",
        reason="550 5.1.1 The email account that you tried to reach does not exist",
        bounce_classification="Invalid Address",
    )
