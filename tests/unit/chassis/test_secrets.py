"""Sealed secrets open only at their place and under a known key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.secrets import Pepper, SecretBox, SecretUnreadable, keys_from, new_key

OLD, NEW = keys_from(new_key("old")), keys_from(new_key("new"))


@given(st.text(), st.text())
def test_what_is_sealed_opens_again(plain: str, context: str) -> None:
    box = SecretBox(OLD)
    assert box.open(box.seal(plain, context), context) == plain


def test_a_secret_cannot_be_moved_to_another_row() -> None:
    box = SecretBox(OLD)
    with pytest.raises(SecretUnreadable):
        box.open(box.seal("seed", "account 1|totp"), "account 2|totp")


def test_a_rotation_keeps_old_secrets_readable_and_reseals_them() -> None:
    sealed = SecretBox(OLD).seal("seed", "here")
    rotated = SecretBox({**NEW, **OLD})
    assert not rotated.is_current(sealed)
    resealed = rotated.resealed(sealed, "here")
    assert rotated.is_current(resealed)
    assert SecretBox(NEW).open(resealed, "here") == "seed"


def test_an_unknown_key_id_is_named_and_the_secret_is_not() -> None:
    sealed = SecretBox(OLD).seal("seed", "here")
    with pytest.raises(SecretUnreadable, match="'old'") as refused:
        SecretBox(NEW).open(sealed, "here")
    assert "seed" not in str(refused.value)


def test_representations_show_no_key() -> None:
    key = next(iter(OLD.values()))
    shown = repr(SecretBox(OLD)) + repr(Pepper(key))
    assert key.hex() not in shown
    assert repr(key) not in shown


@given(st.lists(st.text(), min_size=1, max_size=3), st.lists(st.text(), min_size=1, max_size=3))
def test_a_digest_tells_where_one_part_ends(left: list[str], right: list[str]) -> None:
    pepper = Pepper(next(iter(OLD.values())))
    assert (pepper.digest("code", *left) == pepper.digest("code", *right)) == (left == right)


@pytest.mark.parametrize("text", ["id:###", "id:YQ=="])
def test_a_wrong_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        SecretBox(keys_from(text))
    assert "###" not in str(refused.value)
