"""Signing in at a camera by reading its challenge."""

from __future__ import annotations

import pytest

from services.devices.domain.device import Credentials
from services.devices.vapix.challenge import read_challenge
from services.devices.vapix.errors import (
    AnswerUnreadable,
    CameraTrouble,
    NotAxis,
    SignInUnsafe,
    Unsupported,
    WrongSerial,
)

SERIAL = "ACCC8E012345"
DIGEST = f'Digest realm="AXIS_{SERIAL}", nonce="abc=", algorithm=MD5, qop="auth"'
BASIC = f'Basic realm="AXIS_{SERIAL}"'
ROOT = Credentials("root", "pass")


@pytest.mark.parametrize(
    "headers",
    [[DIGEST], [BASIC, DIGEST], [DIGEST, BASIC], [f"{BASIC}, {DIGEST}"], [f"{DIGEST}, {BASIC}"]],
)
@pytest.mark.parametrize("is_secure", [False, True])
def test_digest_is_taken_wherever_it_is_offered(headers: list[str], is_secure: bool) -> None:
    challenge = read_challenge(headers, is_secure=is_secure)
    assert challenge.proof(ROOT, "POST", "/x").startswith("Digest ")
    challenge.require_serial(SERIAL.lower())


def test_basic_is_used_inside_tls_only() -> None:
    inside = read_challenge([BASIC], is_secure=True)
    assert inside.proof(ROOT, "POST", "/x") == "Basic cm9vdDpwYXNz"
    with pytest.raises(SignInUnsafe):
        read_challenge([BASIC], is_secure=False)


@pytest.mark.parametrize(
    ("headers", "trouble"),
    [
        ([], Unsupported),
        (['Bearer realm="x"'], Unsupported),
        (['Digest realm="x", nonce="y", qop="auth-int"'], Unsupported),
        (['Digest realm="x", nonce="y", algorithm=SHA-512-256'], Unsupported),
        (['Digest realm="x"'], AnswerUnreadable),
        (["Digest"], AnswerUnreadable),
    ],
)
def test_what_is_offered_otherwise_is_not_taken(
    headers: list[str], trouble: type[CameraTrouble]
) -> None:
    with pytest.raises(trouble):
        read_challenge(headers, is_secure=True)


def test_the_realm_must_name_the_camera() -> None:
    with pytest.raises(WrongSerial):
        read_challenge([DIGEST], is_secure=False).require_serial("ACCC8E999999")
    with pytest.raises(NotAxis):
        read_challenge(['Basic realm="router"'], is_secure=True).require_serial(SERIAL)


def test_without_qop_the_proof_is_the_one_of_rfc_2069() -> None:
    # The example of RFC 2069, with the response of its errata.
    header = (
        'Digest realm="testrealm@host.com", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    challenge = read_challenge([header], is_secure=False)
    proof = challenge.proof(Credentials("Mufasa", "CircleOfLife"), "GET", "/dir/index.html")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in proof
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in proof


def test_each_use_of_a_nonce_is_counted() -> None:
    challenge = read_challenge([DIGEST], is_secure=False)
    proofs = [challenge.proof(ROOT, "POST", "/x") for _ in range(3)]
    assert [f"nc={number:08x}" in proof for number, proof in enumerate(proofs, 1)] == [True] * 3


def test_no_password_shows_in_what_is_printed() -> None:
    assert "pass" not in repr(ROOT)
