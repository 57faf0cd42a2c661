"""A device that keeps passkeys, in Python: what a browser would send (WebAuthn, ES256, no attestation)."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from os import urandom
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN, HOST = "http://localhost:3000", "localhost"


def letters(raw: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    """Return the bytes of base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """One passkey; `count` grows with each signature, unless it `counts` none."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: urandom(32))
    count: int = 0
    counts: bool = True
    # What its holder has written down besides.
    codes: list[str] = field(default_factory=list)

    def create(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        public: Any = ...,
        kind: str = "none",
        statement: dict[str, Any] | None = None,
    ) -> str:
        """Answer a request to make a passkey, also with a public key, or an attestation, as no device sends it."""
        made = cbor2.dumps(self.public if public is ... else public)
        known = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + made
        attested = {"fmt": kind, "attStmt": statement or {}, "authData": self._data(0x45) + known}
        response = {
            "clientDataJSON": letters(_client("webauthn.create", options, origin)),
            "attestationObject": letters(cbor2.dumps(attested)),
        }
        return self._answer(response)

    @property
    def public(self) -> dict[int, Any]:
        """The public key, as COSE writes it."""
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def sign(
        self, options: dict[str, Any], *, origin: str = ORIGIN, host: str = HOST, flags: int = 0x05
    ) -> str:
        """Answer a request to use it."""
        self.count += self.counts
        client, data = _client("webauthn.get", options, origin), self._data(flags, host)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signed}
        return self._answer({name: letters(part) for name, part in parts.items()})

    def _data(self, flags: int, host: str = HOST) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, str]) -> str:
        own = letters(self.id)
        return json.dumps(
            {
                "id": own,
                "rawId": own,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


def _client(kind: str, options: dict[str, Any], origin: str) -> bytes:
    said = {"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": False}
    return json.dumps(said).encode()
