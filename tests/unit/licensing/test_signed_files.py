"""Signed files: one way to write them, and nothing else is read (D-19, M6)."""

from __future__ import annotations

import base64
import json
import traceback
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Refusal
from contracts.license_files import MOST_BYTES
from services.licensing.domain.claims import MOST_NUMBER
from services.licensing.domain.signed_file import (
    FileMalformed,
    Kind,
    Sealed,
    SignatureWrong,
    read,
    written,
)
from tests.unit.licensing.files import (
    KEY,
    OTHER_KEY,
    armored,
    canonical,
    container,
    public,
    system_claims,
    system_file,
)

FILE = system_file()
FILE_KINDS = (Kind.LICENSE, Kind.SYSTEM)
# The order of the group: adding it to a signature's second half leaves the point it stands for.
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-MOST_NUMBER, MOST_NUMBER) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


def believed(content: bytes, kind: Kind = Kind.SYSTEM, key: str = "") -> Sealed:
    sealed = read(kind, content)
    sealed.require_signed_by(key or public())
    return sealed


@given(claims=st.dictionaries(texts, values, max_size=5), kind=st.sampled_from(FILE_KINDS))
def test_what_is_written_is_read_again(claims: dict[str, Any], kind: Kind) -> None:
    """D-19."""
    assert believed(written(kind, claims, KEY.sign).encode(), kind).claims == claims


def test_a_file_is_base64_of_enc_sig_and_alg_at_64_columns() -> None:
    """D-19, spelled out by hand."""
    lines = FILE.decode().split("\n")
    assert lines[0] == "-----BEGIN SYSTEM FILE-----"
    assert lines[-2:] == ["-----END SYSTEM FILE-----", ""]
    assert {len(line) for line in lines[1:-3]} == {64}
    assert len(lines[-3]) <= 64
    parts = json.loads(base64.b64decode("".join(lines[1:-2])))
    assert parts.keys() == {"enc", "sig", "alg"}
    assert parts["alg"] == "base64+ed25519"
    assert base64.b64decode(parts["enc"]) == canonical(system_claims())
    signed = b"machine/" + parts["enc"].encode()
    KEY.public_key().verify(base64.b64decode(parts["sig"]), signed)


def test_a_license_file_says_so_and_is_signed_as_one() -> None:
    """D-19, M6."""
    text = written(Kind.LICENSE, {"serial": 1}, KEY.sign)
    assert text == container(b'{"serial":1}', title="LICENSE FILE", prefix="license/").decode()


def test_a_byte_changed_anywhere_is_refused() -> None:
    """D-19: every place, by one bit, by a symbol of base64 and by a line's end."""
    for place, byte in enumerate(FILE):
        for other in {byte ^ 1, byte ^ 0x20, byte ^ 0x80, ord("A"), ord("\n"), ord("=")} - {byte}:
            with pytest.raises((FileMalformed, SignatureWrong)):
                believed(FILE[:place] + bytes([other]) + FILE[place + 1 :])


@given(place=st.integers(0, len(FILE)), extra=st.binary(min_size=1, max_size=3))
def test_whatever_is_put_in_is_refused(place: int, extra: bytes) -> None:
    with pytest.raises((FileMalformed, SignatureWrong)):
        believed(FILE[:place] + extra + FILE[place:])


@given(start=st.integers(0, len(FILE) - 1), length=st.integers(1, 70))
def test_whatever_is_left_out_is_refused(start: int, length: int) -> None:
    with pytest.raises((FileMalformed, SignatureWrong)):
        believed(FILE[:start] + FILE[start + length :])


@settings(max_examples=200)
@given(st.binary(max_size=300) | st.binary(max_size=300).map(armored))
def test_junk_is_refused_and_breaks_nothing(content: bytes) -> None:
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe" + FILE,
        b"\xef\xbb\xbf" + FILE,
        FILE.replace(b"\n", b"\r\n"),
        FILE.rstrip(b"\n"),
        FILE + b"\n",
        b"Here it is:\n" + FILE,
        FILE + FILE,
        FILE.replace(b"SYSTEM", b"LICENSE"),
        FILE.replace(b"SYSTEM", b"system"),
        b"-----BEGIN SYSTEM FILE-----\n-----END SYSTEM FILE-----\n",
        FILE.replace(b"-----\n", b"-----", 1),
    ],
    ids=str,
)
def test_another_armor_is_refused(content: bytes) -> None:
    """D-19: junk around, other line ends, the title of another kind."""
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, content)


def test_other_columns_are_refused() -> None:
    head, *lines, foot, end = FILE.decode().split("\n")
    body = "".join(lines)
    for columns in (63, 65, 76, len(body)):
        again = [body[start : start + columns] for start in range(0, len(body), columns)]
        with pytest.raises(FileMalformed):
            read(Kind.SYSTEM, "\n".join([head, *again, foot, end]).encode())


@pytest.mark.parametrize(
    "outer",
    [
        '{"alg":"base64+rsa","enc":"%s","sig":"%s"}',
        '{"alg":"aes-256-gcm+ed25519","enc":"%s","sig":"%s"}',
        '{"alg":"none","enc":"%s","sig":"%s"}',
        '{"alg":"","enc":"%s","sig":"%s"}',
        '{"alg":null,"enc":"%s","sig":"%s"}',
        '{"alg":"BASE64+ED25519","enc":"%s","sig":"%s"}',
        '{"alg":["base64+ed25519"],"enc":"%s","sig":"%s"}',
        '{"enc":"%s","sig":"%s"}',
        '{"alg":"none","alg":"base64+ed25519","enc":"%s","sig":"%s"}',
        '{"alg":"base64+ed25519","enc":"e30=","enc":"%s","sig":"%s"}',
        '{"alg":"base64+ed25519","enc":"%s","sig":"%s","typ":1}',
        '{"alg":"base64+ed25519", "enc":"%s","sig":"%s"}',
        '{"enc":"%s","sig":"%s","alg":"base64+ed25519"}',
        '[{"alg":"base64+ed25519","enc":"%s","sig":"%s"}]',
    ],
)
def test_another_algorithm_or_member_is_refused(outer: str) -> None:
    """M6: nothing is chosen by the file; and no name counts twice."""
    whole = container(canonical(system_claims()))
    assert believed(whole).claims == system_claims()
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, container(canonical(system_claims()), outer=outer))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'"text"',
        b"null",
        b"{}{}",
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\/"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":' + b"[" * 3_000 + b"]" * 3_000 + b"}",
        b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
    ],
    ids=lambda payload: payload[:24],
)
def test_claims_that_can_be_written_otherwise_are_refused_though_signed(payload: bytes) -> None:
    """D-19: a name twice is read differently by different readers."""
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, container(payload))


@pytest.mark.parametrize("parts", [b"[" * 6_000, b'{"a":' * 1_500, b"null", b"7", b'"enc"', b"{}"])
def test_parts_that_are_no_parts_are_refused(parts: bytes) -> None:
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, armored(parts))


def _members() -> tuple[str, str]:
    parts = json.loads(base64.b64decode(b"".join(FILE.split(b"\n")[1:-2])))
    return parts["enc"], parts["sig"]


def _spoiled(text: str) -> str:
    """The same bytes to a lenient reader: a bit that base64 leaves unused is set."""
    symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    place = len(text.rstrip("=")) - 1
    again = text[:place] + symbols[symbols.index(text[place]) + 1] + text[place + 1 :]
    assert base64.b64decode(again) == base64.b64decode(text)
    return again


def test_base64_that_decodes_alike_is_refused() -> None:
    """D-19: in the signature and around the whole."""
    enc, sig = _members()
    parts = b'{"alg":"base64+ed25519","enc":"%s","sig":"%s"}'
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, armored(parts % (enc.encode(), _spoiled(sig).encode())))
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, armored(parts % (enc.encode(), sig.rstrip("=").encode())))
    head, *lines, foot, end = system_file(nonce="", version="12").decode().split("\n")
    lines[-1] = _spoiled(lines[-1])
    with pytest.raises(FileMalformed):
        read(Kind.SYSTEM, "\n".join([head, *lines, foot, end]).encode())


def test_a_signature_of_one_kind_never_fits_another() -> None:
    """M6: one key, the same claims, another beginning."""
    payload = canonical(system_claims())
    for prefix in ("license/", "voucher/", "", "machine", "MACHINE/"):
        with pytest.raises(SignatureWrong):
            believed(container(payload, prefix=prefix))
    for prefix in ("machine/", "voucher/", ""):
        with pytest.raises(SignatureWrong):
            believed(container(payload, title="LICENSE FILE", prefix=prefix), Kind.LICENSE)
    believed(container(payload, title="LICENSE FILE", prefix="license/"), Kind.LICENSE)


@pytest.mark.parametrize("key", [public(OTHER_KEY), "", "00", "zz" * 32, public() + "00"])
def test_only_the_holder_of_the_key_signs(key: str) -> None:
    sealed = read(Kind.SYSTEM, FILE)
    with pytest.raises(SignatureWrong):
        sealed.require_signed_by(key)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    enc, sig = _members()
    cut = base64.b64encode((base64.b64decode(sig) * 2)[:length]).decode()
    parts = f'{{"alg":"base64+ed25519","enc":"{enc}","sig":"{cut}"}}'
    with pytest.raises(SignatureWrong):
        believed(armored(parts.encode()))


def test_a_signature_has_one_form_only() -> None:
    """Whoever sees a signature cannot make a second one of it."""
    enc, sig = _members()
    raw = base64.b64decode(sig)
    second = int.from_bytes(raw[32:], "little") + GROUP_ORDER
    other = base64.b64encode(raw[:32] + second.to_bytes(32, "little")).decode()
    parts = f'{{"alg":"base64+ed25519","enc":"{enc}","sig":"{other}"}}'
    with pytest.raises(SignatureWrong):
        believed(armored(parts.encode()))


def test_a_file_as_long_as_allowed_is_read_and_a_longer_one_is_not() -> None:
    fitting, length = b"", 0
    while len(longer := container(b'{"a":"%s"}' % (b"x" * length))) <= MOST_BYTES:
        fitting, length = longer, length + 1
    assert believed(fitting)
    with pytest.raises(FileMalformed, match="longer"):
        read(Kind.SYSTEM, longer)


def test_a_refusal_repeats_nothing_and_a_value_shows_no_signature() -> None:
    """A signed voucher is worth licenses to whoever reads it in a log."""
    secret = b'{"a": "only-here"}'
    refused: list[Refusal] = []
    for content in (container(secret), armored(b"only-here"), b"only-here"):
        with pytest.raises(FileMalformed) as caught:
            read(Kind.SYSTEM, content)
        refused.append(caught.value)
    shown = "".join("".join(traceback.format_exception(refusal)) for refusal in refused)
    assert "only-here" not in shown
    sealed = read(Kind.SYSTEM, FILE)
    assert sealed.signature.hex() not in repr(sealed)
    assert repr(sealed.signature) not in repr(sealed)
