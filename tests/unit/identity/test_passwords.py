"""Which passwords are taken."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.password import (
    PasswordBreached,
    PasswordGuessable,
    PasswordRule,
    PasswordTooLong,
    PasswordTooShort,
    folded,
    sha1,
)
from services.identity.service.blocklist import Blocklist, bundled
from services.identity.service.hashing import Hasher

CONTEXT = ["Freehold", "ada.lovelace"]
RULE = PasswordRule(15, 128, Blocklist().__contains__)


def test_fifteen_characters_are_enough_whatever_they_take_in_bytes() -> None:
    """Security 2.1: code points are counted."""
    assert RULE.admit("𝒶" * 14 + "b", CONTEXT)
    with pytest.raises(PasswordTooShort):
        RULE.admit("𝒶" * 13 + "b", CONTEXT)


def test_composed_and_decomposed_characters_are_one_password() -> None:
    decomposed = "cafe\u0301 au lait et croissants"
    assert RULE.admit(decomposed, CONTEXT) == "café au lait et croissants"


def test_characters_are_counted_after_composition() -> None:
    with pytest.raises(PasswordTooShort):
        RULE.admit("e\u0301" * 14, CONTEXT)


def test_a_hundred_and_twenty_eight_characters_are_the_most() -> None:
    long = "".join(chr(ord("a") + number % 23) + str(number % 10) for number in range(65))
    assert RULE.admit(long[:128], CONTEXT)
    with pytest.raises(PasswordTooLong):
        RULE.admit(long[:129], CONTEXT)


@pytest.mark.parametrize(
    "known",
    [
        "passwordpassword",
        "PasswordPassword",
        "qwertyuiop12345",
        "123456789012345",
        "1qaz2wsx3edc4rfv",
        "correcthorsebatterystaple",
        "may the force be with you",
        "aaaaaaaaaaaaaaa",
        "administrator123",
        "daehanminguk1234567890",
    ],
)
def test_what_everybody_thinks_of_is_refused(known: str) -> None:
    with pytest.raises(PasswordBreached):
        RULE.admit(known, CONTEXT)


@pytest.mark.parametrize(
    "said", ["freeholdfreehold", "Freehold-2024-2024", "ada.lovelace1815", "FREEHOLD ada.lovelace"]
)
def test_the_name_of_service_or_owner_alone_is_refused(said: str) -> None:
    with pytest.raises(PasswordGuessable):
        RULE.admit(said, CONTEXT)


@pytest.mark.parametrize(
    "said", ["Harbor Lights 2025", "harborlights--99", "LIGHTS_harbor!", "2025 lights lights"]
)
def test_the_name_of_an_organization_is_refused_however_it_is_joined(said: str) -> None:
    with pytest.raises(PasswordGuessable):
        PasswordRule(8, 128, Blocklist().__contains__).admit(said, ["Harbor Lights"])


@pytest.mark.parametrize(
    "fine", ["my freehold garden gate", "ada.lovelace hums", "42 !! 42 ?? 42 !! 1815"]
)
def test_more_than_a_name_is_taken(fine: str) -> None:
    assert RULE.admit(fine, CONTEXT) == fine


@pytest.mark.parametrize(("least", "most"), [(8, 14), (15, 128)])
def test_the_bundled_list_holds_thousands_that_are_long_enough(least: int, most: int) -> None:
    """ASVS 6.2.4 asks for 3000 that satisfy the length: of passwords alone, and with an
    authenticator."""
    assert sum(least <= len(entry) <= most for entry in bundled()) >= 3000
    assert all(8 <= len(entry) <= 128 for entry in bundled())


@pytest.mark.parametrize(
    "known",
    ["12345678", "Password1", "1q2w3e4r", "iloveyou", "qlalfqjsgh", "ghbdtn123", "P@ssw0rd!"],
)
def test_short_ones_that_everybody_thinks_of_are_refused_too(known: str) -> None:
    """Security 2.1: eight are enough where an authenticator is always asked for."""
    with pytest.raises(PasswordBreached):
        PasswordRule(8, 128, Blocklist().__contains__).admit(known, CONTEXT)


def test_the_bundled_list_is_in_the_form_that_is_compared() -> None:
    assert all(entry == folded(entry) for entry in bundled())


@given(
    breached=st.sets(st.text(min_size=1, max_size=20), max_size=40),
    others=st.sets(st.text(min_size=1, max_size=20), max_size=10),
    counts=st.booleans(),
)
def test_a_file_of_hashes_is_searched_to_its_last_line(
    tmp_path_factory: pytest.TempPathFactory, breached: set[str], others: set[str], counts: bool
) -> None:
    hashes = sorted(
        hashlib.sha1(text.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest().upper()
        for text in breached
        if text.isprintable()
    )
    path: Path = tmp_path_factory.mktemp("hashes") / "list.txt"
    path.write_text("".join(f"{line}{':7' if counts else ''}\n" for line in hashes))
    listed = Blocklist(path)
    assert all(text in listed for text in breached if text.isprintable())
    unlisted = {text for text in others - breached if folded(text) not in bundled()}
    assert not any(text in listed for text in unlisted if text.isprintable())


@pytest.mark.parametrize(
    "lines",
    [
        [sha1("one").lower(), sha1("two").lower()],
        sorted([sha1("one"), sha1("two"), sha1("three")], reverse=True),
        ["passwordpassword", "letmeinletmein"],
        [f"{sha1('one')[:20]}"],
    ],
)
def test_a_file_of_another_form_is_refused_when_the_service_starts(
    tmp_path: Path, lines: list[str]
) -> None:
    """It would be searched in vain."""
    path = tmp_path / "list.txt"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="SHA-1"):
        Blocklist(path)
    with pytest.raises(ValueError, match="no file"):
        Blocklist(tmp_path / "absent.txt")


def test_a_digest_matches_its_password_only() -> None:
    hasher = Hasher(memory_kib=64, passes=1, lanes=1)
    digest = hasher.digest("a very unusual sentence")
    assert digest.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert hasher.matches(digest, "a very unusual sentence")
    assert not hasher.matches(digest, "a very unusual Sentence")
    assert not hasher.matches(None, "a very unusual sentence")
    assert not hasher.is_outdated(digest)
    assert Hasher(memory_kib=128, passes=1, lanes=1).is_outdated(digest)
