"""Which release a device should run (specification, devices chapter 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.devices.domain.recommendation import (
    Model,
    Objection,
    Release,
    ReleaseUnknown,
    objection,
    plan,
    recommended,
    require_known,
)
from services.devices.domain.version import Version
from tests.unit.devices.builders import MODEL, release

majors = st.integers(5, 14)
versions = st.tuples(majors, st.integers(0, 90), st.integers(0, 400)).map(
    lambda parts: ".".join(map(str, parts))
)
releases = st.lists(
    st.builds(
        release,
        versions,
        model=st.sampled_from([MODEL, Model("P3245-LV", ""), Model("M3106-L", "7C1.4")]),
        upgradeable_from=st.none() | st.lists(majors.map(str), max_size=3).map(tuple),
        is_preview=st.booleans(),
        is_revoked=st.booleans(),
    ),
    max_size=12,
)


@given(versions, releases)
def test_what_is_recommended_is_newer_fits_and_is_the_newest_such(
    current: str, known: list[Release]
) -> None:
    now = Version.parse(current)
    found = recommended(MODEL, now, known)
    allowed = [one for one in known if objection(MODEL, now, one) is None and not one.is_preview]
    if found is None:
        assert allowed == []
    else:
        assert found in allowed
        assert found.version == max(one.version for one in allowed)
        assert found.version > now


@given(versions, releases)
def test_a_plan_has_either_a_release_or_a_reason(current: str, known: list[Release]) -> None:
    for target in ("recommended", *(one.version.text for one in known)):
        made = plan(MODEL, Version.parse(current), known, target)
        assert (made.release is None) == (made.objection is not None)


@pytest.mark.parametrize(
    ("current", "new", "is_admitted"),
    [
        ("9.80.3", "10.12.240", True),
        ("9.70.1", "10.12.240", False),
        ("8.40.1", "9.80.3", True),
        ("8.40.1", "10.12.240", False),
        ("10.9.1", "10.12.240", True),
        ("10.12.240", "9.80.3", False),
    ],
)
def test_without_the_images_word_no_long_term_branch_is_passed_over(
    current: str, new: str, is_admitted: bool
) -> None:
    assert release(new).admits(Version.parse(current)) is is_admitted


def test_the_images_word_comes_first() -> None:
    told = release("13.0.41", upgradeable_from=("12.11", "13"))
    assert told.admits(Version.parse("12.11.77"))
    assert not told.admits(Version.parse("12.9.57"))


def test_each_reason_against_an_upgrade_has_a_name() -> None:
    current = Version.parse("11.11.148")
    assert objection(Model("M3106-L", ""), current, release("12.9.57")) is Objection.INCOMPATIBLE
    assert objection(MODEL, current, release("11.11.148")) is Objection.ALREADY_INSTALLED
    assert objection(MODEL, current, release("12.9.57", is_revoked=True)) is Objection.REVOKED
    assert objection(MODEL, current, release("10.12.240")) is Objection.NO_PATH
    assert objection(MODEL, current, release("12.9.57")) is None


def test_an_image_for_other_hardware_does_not_fit() -> None:
    other = release("12.9.57", Model("P3245-LV", "793.9"))
    assert recommended(MODEL, Version.parse("11.11.148"), [other]) is None


def test_a_version_that_is_nowhere_is_no_target() -> None:
    current = [Version.parse("11.11.148")]
    require_known("recommended", current, [])
    require_known("11.11.148.0", current, [])
    with pytest.raises(ReleaseUnknown):
        require_known("11.11.192", current, [])
