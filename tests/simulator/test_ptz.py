"""Turning a camera: the rules of its head, and com/ptz.cgi."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth

from simulator.head import HOME, Head, Limits, Position
from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe, until

numbers = st.floats(-1000, 1000)


@pytest.fixture
def dome(make_camera: MakeCamera) -> Probe:
    return make_camera("Q6135-LE", "12.9.57")


def turn(camera: Probe, /, **arguments: object) -> str:
    """What the camera says; nothing when it did as asked."""
    answered = camera.session.get(
        f"{camera.http}/axis-cgi/com/ptz.cgi",
        params={name: str(value) for name, value in arguments.items()},
        auth=camera.digest,
        timeout=TIMEOUT,
    )
    if answered.status_code == 204:
        return ""
    assert answered.status_code == 200, answered.status_code
    assert answered.headers["Content-Type"].startswith("text/plain")
    return answered.text


def told(camera: Probe, query: str) -> dict[str, str]:
    lines = turn(camera, query=query).split("\r\n")
    return dict(line.split("=") for line in lines if "=" in line)


def position(camera: Probe) -> Position:
    said = told(camera, "position")
    return Position(float(said["pan"]), float(said["tilt"]), float(said["zoom"]))


# The head


@given(pan=numbers, tilt=numbers, zoom=st.floats(-20_000, 20_000), seconds=st.floats(0, 100))
def test_it_never_looks_where_it_cannot(
    pan: float, tilt: float, zoom: float, seconds: float
) -> None:
    head = Head(limits=Limits()).turned_to(Position(pan, tilt, zoom), 0.0)
    head = head.turning(0.0, pan=pan / 10, tilt=tilt / 10, zoom=zoom / 200)
    seen = head.at(seconds)
    assert -180 <= seen.pan <= 180
    assert -20 <= seen.tilt <= 90
    assert 1 <= seen.zoom <= 9999


def test_a_continuous_move_goes_on_until_it_is_stopped() -> None:
    head = Head(limits=Limits()).turning(10.0, pan=10, tilt=0)
    assert head.at(11.0).pan == pytest.approx(10)
    assert head.is_moving(11.0)
    head = head.turning(12.0, pan=0, tilt=0)
    assert head.at(100.0).pan == pytest.approx(20)
    assert not head.is_moving(100.0)


def test_it_turns_around_without_an_end_unless_it_has_one() -> None:
    assert Head(limits=Limits()).turned_to(Position(190, 0, 1), 0).at(0).pan == -170
    ends = Limits(pan=(-90.0, 90.0))
    assert Head(limits=ends).turned_to(Position(190, 0, 1), 0).at(0).pan == 90


# The camera


def test_it_looks_where_it_is_told_to(dome: Probe) -> None:
    assert turn(dome, pan=45.5, tilt=-10, zoom=3000) == ""
    assert position(dome) == Position(45.5, -10, 3000)
    assert turn(dome, rpan=10, rtilt=5, rzoom=-1000) == ""
    assert position(dome) == Position(55.5, -5, 2000)
    assert turn(dome, move="left") == ""
    assert position(dome).pan == 40.5
    assert turn(dome, move="home") == ""
    assert position(dome) == Position(0, 0, 1)
    assert dome.counters()["turns"] == 4


def test_it_moves_until_it_is_stopped(dome: Probe) -> None:
    assert turn(dome, continuouspantiltmove="50,20") == ""
    assert turn(dome, continuouszoommove=100) == ""
    until(lambda: position(dome).pan > 5 and position(dome).zoom > 100)
    assert turn(dome, continuouspantiltmove="0,0") == ""
    assert turn(dome, move="stop") == ""
    assert position(dome) == position(dome)
    assert position(dome).tilt > 0


def test_the_picture_says_where_it_looks(dome: Probe) -> None:
    def image() -> bytes:
        url = f"{dome.http}/axis-cgi/jpg/image.cgi"
        return dome.session.get(url, auth=dome.digest, timeout=TIMEOUT).content

    turn(dome, pan=0)
    first = image()
    turn(dome, pan=120)
    assert len({first, image()}) == 2


def test_positions_are_kept_by_name_and_number(dome: Probe) -> None:
    turn(dome, pan=90, tilt=10, zoom=500)
    assert turn(dome, setserverpresetname="Gate") == ""
    assert turn(dome, query="presetposall").split("\r\n")[:3] == [
        "Preset Positions for camera 1",
        f"presetposno1={HOME}",
        "presetposno2=Gate",
    ]
    turn(dome, move="home")
    assert turn(dome, gotoserverpresetname="Gate") == ""
    assert position(dome) == Position(90, 10, 500)
    assert turn(dome, gotoserverpresetno=1) == ""
    assert position(dome) == Position(0, 0, 1)
    assert turn(dome, removeserverpresetname="Gate") == ""
    assert turn(dome, gotoserverpresetname="Gate").startswith("Error:")


def test_limits_and_speed_are_told(dome: Probe) -> None:
    limits = told(dome, "limits")
    assert (limits["MinPan"], limits["MaxPan"], limits["MaxZoom"]) == ("-180", "180", "9999")
    turn(dome, speed=40)
    assert told(dome, "position,speed")["speed"] == "40"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"camera": 1},
        {"dance": "yes"},
        {"pan": "far"},
        {"pan": "nan"},
        {"move": "away"},
        {"continuouspantiltmove": "5"},
        {"gotoserverpresetname": "Nowhere"},
        {"gotoserverpresetno": 77},
        {"removeserverpresetname": HOME},
        {"query": "taste"},
    ],
)
def test_a_mistake_is_told_with_status_200_and_nothing_moves(
    dome: Probe, arguments: dict[str, object]
) -> None:
    turn(dome, pan=33)
    assert turn(dome, **arguments).startswith("Error:")
    assert position(dome).pan == 33
    assert dome.counters()["turns"] == 1


def test_a_camera_that_does_not_turn_says_so(camera: Probe) -> None:
    assert turn(camera, pan=10).startswith("Error:")
    assert turn(camera, query="position").startswith("Error:")


@pytest.mark.parametrize(
    ("groups", "may"),
    [("viewer", False), ("viewer:ptz", True), ("operator:viewer", True)],
)
def test_turning_is_a_right_of_its_own(dome: Probe, groups: str, may: bool) -> None:
    add = {"action": "add", "user": "joe", "pwd": "one", "grp": "users", "sgrp": groups}
    dome.post("pwdgrp", auth=dome.digest, data=add)
    answered = dome.session.get(
        f"{dome.http}/axis-cgi/com/ptz.cgi?pan=5",
        auth=HTTPDigestAuth("joe", "one"),
        timeout=TIMEOUT,
    )
    assert answered.status_code == (204 if may else 401)
