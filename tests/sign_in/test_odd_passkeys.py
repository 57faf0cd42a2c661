"""Answers of passkeys that no browser sends: each is a wrong one, counts as one, and breaks nothing (AC-01, AC-02)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.models import Account, HalfSession, Passkey
from motlink.work import begin_work, system
from tests.acts import count
from tests.sign_in.device import Device, letters
from tests.sign_in.stepping import browser_at, is_in
from tests.sign_in.test_passkeys import add, asked, begin, options_in, take, ticket_in

pytestmark = [
    pytest.mark.req("AC-01", "AC-02"),
    pytest.mark.asvs("2.2.1", "6.3.3"),
    pytest.mark.usefixtures("clock"),
]
X = bytes(range(32))


def certificate() -> bytes:
    """Return a certificate that is one."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def keys() -> dict[str, Any]:
    """Return public keys with which no signature can be checked."""
    good = Device().public
    edwards = {1: 1, 3: -8, -1: 6, -2: X}
    return {
        "a number": 1,
        "nothing": None,
        "a list": [],
        "a text": "x",
        "a map of nothing": {},
        "an unknown kind": good | {1: 99},
        "an unknown curve": good | {-1: 99},
        "a curve that is a list": good | {-1: [1]},
        "another curve": good | {-1: 2},
        "no point": good | {-2: bytes(32), -3: bytes(32)},
        "a point beside the curve": good | {-3: X},
        "numbers for points": good | {-2: 7, -3: 9},
        "empty texts": good | {-2: "x", -3: "y"},
        "padded": good | {-2: bytes(1500) + good[-2]},
        "an algorithm of RSA": good | {3: -257},
        "RSA that is none": {1: 3, 3: -257, -1: b"\x01", -2: b"\x03"},
        "RSA with numbers": {1: 3, 3: -257, -1: 7, -2: 3},
        "RSA of an algorithm of curves": rsa_of(2048) | {3: -7},
        "RSA of 16,384 bits": rsa_of(16384),
        "Edwards of an algorithm of curves": edwards | {3: -7},
        "Edwards cut short": edwards | {-2: X[:31]},
        "Edwards as a number": edwards | {-2: 5},
    }


def rsa_of(bits: int) -> dict[int, Any]:
    """Return a key of so many bits; nobody has its private half."""
    modulus = (1 << bits) - 1
    return {1: 3, 3: -257, -1: modulus.to_bytes(bits // 8, "big"), -2: b"\x01\x00\x01"}


def statements() -> list[tuple[str, dict[str, Any]]]:
    """Return attestations of every kind that are none."""
    signed = {"sig": b"x", "alg": -7}
    chains: list[Any] = [[1], "x", ["s"], 1, {"a": 1}, [b"x"], []]
    tpm = signed | {"ver": "2.0", "certInfo": 1, "pubArea": 1}
    return [
        *((kind, signed | {"x5c": x5c}) for kind in ("packed", "fido-u2f", "android-key") for x5c in chains),
        *((kind, {"x5c": [certificate()], "sig": 1, "alg": -7}) for kind in ("packed", "fido-u2f")),
        *(("apple", {"x5c": x5c}) for x5c in chains),
        *(("tpm", tpm | {"x5c": x5c}) for x5c in (*chains, [certificate()])),
        *(("android-safetynet", {"ver": "1", "response": said}) for said in (1, b"W10.W10.eA", "x", b"")),
        ("packed", {"sig": 1, "alg": -7}),
        ("nothing known", {}),
    ]


def test_a_passkey_that_no_device_makes_is_not_kept(mine: TestClient) -> None:
    page = begin(mine).text
    ticket, options = ticket_in(page), options_in(page)
    odd = {name: Device().create(options, public=public) for name, public in keys().items()}
    for kind, statement in statements():
        odd[f"{kind} {statement}"] = Device().create(options, kind=kind, statement=statement)
    for size in (1051, 1100, 6_000):
        odd[f"an id of {size}"] = Device(id=bytes(size)).create(options)

    said = {
        name: mine.post(
            "/account/passkeys/add", data={"ticket": ticket, "name": "Laptop", "passkey": answer}
        ).status_code
        for name, answer in odd.items()
    }

    assert {name: status for name, status in said.items() if status != 422} == {}
    assert count(Passkey) == 0 and count(Account, col(Account.second_step_at).is_not(None)) == 0
    # The same ticket is still good for what a device makes.
    good = Device(id=bytes(1023)).create(options)
    data = {"ticket": ticket, "name": "Laptop", "passkey": good}
    assert mine.post("/account/passkeys/add", data=data).status_code == 200


@pytest.mark.parametrize("public", [{1: 1, 3: -8}, {1: 3, 3: -257}])
def test_keys_of_every_kind_that_is_asked_for_are_kept(mine: TestClient, public: dict[int, Any]) -> None:
    page = begin(mine).text
    if public[1] == 3:
        numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
        public = public | {-1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}
    else:
        public = public | {-1: 6, -2: X}

    answer = Device().create(options_in(page), public=public)

    data = {"ticket": ticket_in(page), "name": "Laptop", "passkey": answer}
    assert mine.post("/account/passkeys/add", data=data).status_code == 200


ANSWERS = (
    '{"id":"\\ud800"}',
    '{"id":"\\u0000"}',
    '{"id":""}',
    '{"id":null}',
    '{"id":{"a":1}}',
    '{"id":' + "[" * 900 + "]" * 900 + "}",
    json.dumps({"id": "x" * 20_000}),
    json.dumps({"id": "x", "rawId": 1, "response": []}),
)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_no_device_gives_counts_as_a_wrong_one(mine: TestClient, answer: str) -> None:
    assert add(mine, Device()).status_code == 200
    other = browser_at("192.0.2.7")
    asked(other)

    said = take(other, answer)

    assert said.status_code == 401 and not is_in(other)
    assert count(HalfSession, HalfSession.wrong == 1) == 1


def test_with_a_kept_key_that_is_none_nobody_comes_in(mine: TestClient) -> None:
    """Such keys could be kept once."""
    device = Device()
    add(mine, device)
    for number, public in enumerate(({1: 2, 3: -7, -1: 1, -2: 7, -3: 9}, 1, [], "x", {1: 2})):
        with begin_work(system()) as work:
            kept = work.session.exec(select(Passkey)).one()
            kept.public_key = letters(cbor2.dumps(public))
            work.add(kept)
        other = browser_at(f"192.0.2.{number + 10}")

        assert take(other, device.sign(asked(other))).status_code == 401
        assert not is_in(other)
    assert count(HalfSession, HalfSession.wrong == 1) == 5
