"""Live pictures: real JPEG with the camera's name and the time on it."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw
from requests.auth import HTTPDigestAuth

from simulator.scene import View, fitting_font, taken
from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe, until

MOMENT = datetime(2026, 11, 21, 9, 30, 15, tzinfo=UTC)
SIZE = (640, 360)


def a_view(**more: object) -> View:
    facts = {"name": "Front door", "model": "AXIS Q1", "serial": "ACCC8E000001", "moment": MOMENT}
    return View(**{**facts, "size": SIZE, **more})  # type: ignore[arg-type]


def opened(jpeg: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(jpeg))
    assert picture.format == "JPEG"
    picture.load()
    return picture


def reads(picture: Image.Image, text: str) -> bool:
    """Whether the upper band shows this text: what is written here anew covers what is there."""
    width, height = picture.size
    band = round(height * 0.1)
    expected = Image.new("L", (width, band), 0)
    margin = band // 6
    font = fitting_font(text, width - 2 * margin, band)
    ImageDraw.Draw(expected).text((margin, band // 2), text, fill=255, font=font, anchor="lm")
    seen = picture.convert("L").crop((0, 0, width, band))
    difference = ImageChops.difference(seen, expected).point(lambda value: 255 * (value > 96))
    return sum(difference.histogram()[1:]) < 10


def told(jpeg: bytes) -> tuple[str, str, datetime]:
    """Name, serial number and time, as a program reads them."""
    comment = opened(jpeg).info["comment"].decode()
    name, serial, moment = comment.split("\n")
    return name, serial, datetime.fromisoformat(moment)


def image(camera: Probe, /, **query: object) -> requests.Response:
    return camera.session.get(
        f"{camera.http}/axis-cgi/jpg/image.cgi", params=query, auth=camera.digest, timeout=TIMEOUT  # type: ignore[arg-type]
    )  # fmt: skip


def video(camera: Probe, /, **query: object) -> requests.Response:
    return camera.session.get(
        f"{camera.http}/axis-cgi/mjpg/video.cgi",
        params=query,  # type: ignore[arg-type]
        auth=camera.digest,
        timeout=TIMEOUT,
        stream=True,
    )


def frames(answered: requests.Response) -> list[bytes]:
    assert answered.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=myboundary"
    found = []
    for part in answered.content.split(b"--myboundary\r\n")[1:]:
        head, _, body = part.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ") for line in head.splitlines())
        assert fields[b"Content-Type"] == b"image/jpeg"
        jpeg = body[: int(fields[b"Content-Length"])]
        assert body == jpeg + b"\r\n"
        found.append(jpeg)
    return found


def test_name_and_time_can_be_read_on_the_picture() -> None:
    picture = opened(taken(a_view()))
    assert picture.size == SIZE
    assert reads(picture, "2026-11-21 09:30:15  Front door")
    assert not reads(picture, "2026-11-21 09:30:15  Back door")
    assert not reads(picture, "2026-11-21 09:30:16  Front door")


@given(name=st.text(max_size=60), width=st.sampled_from([320, 640, 1920]))
def test_any_name_can_be_drawn(name: str, width: int) -> None:
    assert opened(taken(a_view(name=name, size=(width, width * 9 // 16)))).width == width


def test_pictures_differ_by_moment_camera_and_direction() -> None:
    half_a_second = timedelta(seconds=0.5)
    views = [
        a_view(),
        a_view(moment=MOMENT + half_a_second),
        a_view(serial="ACCC8E000002"),
        a_view(pan=30.0),
        a_view(zoom=5000.0),
    ]
    assert len({taken(view) for view in views}) == len(views)
    assert taken(a_view()) == taken(a_view())


def test_less_quality_is_fewer_bytes() -> None:
    assert len(taken(a_view(quality=20))) < len(taken(a_view(quality=90)))


def test_a_camera_shows_its_own_name_and_the_time_of_now(make_camera: MakeCamera) -> None:
    camera = make_camera(name="Loading dock")
    answered = image(camera)
    assert answered.headers["Content-Type"] == "image/jpeg"
    assert "no-cache" in answered.headers["Cache-Control"]
    name, serial, moment = told(answered.content)
    assert (name, serial) == ("Loading dock", camera.serial)
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)  # noqa: TID251
    assert reads(opened(answered.content), f"{moment:%Y-%m-%d %H:%M:%S}  Loading dock")
    change = {"action": "update", "root.Network.Bonjour.FriendlyName": "Ramp"}
    camera.post("param", auth=camera.digest, data=change)
    assert told(image(camera).content)[0] == "Ramp"
    assert camera.counters()["frames"] == 2


def test_a_name_that_nobody_gave_is_model_and_serial_number(camera: Probe) -> None:
    assert told(image(camera).content)[0] == f"AXIS P3245-LV Network Camera - {camera.serial}"


@pytest.mark.parametrize("resolution", ["1920x1080", "640x360", "320x180"])
def test_the_picture_is_as_large_as_asked_for(camera: Probe, resolution: str) -> None:
    picture = opened(image(camera, resolution=resolution).content)
    assert f"{picture.width}x{picture.height}" == resolution


def test_the_parameters_name_the_sizes_and_the_usual_one(make_camera: MakeCamera) -> None:
    camera = make_camera("M3106-L")
    asked = {"action": "list", "group": "Properties.Image.Resolution"}
    named = camera.post("param", auth=camera.digest, data=asked).text.strip().partition("=")[2]
    assert named.startswith("2304x1728,")
    for resolution in named.split(","):
        assert image(camera, resolution=resolution).status_code == 200
    assert opened(image(camera).content).size == (640, 480)
    change = {"action": "update", "root.Image.I0.Appearance.Resolution": "320x240"}
    camera.post("param", auth=camera.digest, data=change)
    assert opened(image(camera).content).size == (320, 240)


def test_more_compression_is_fewer_bytes(camera: Probe) -> None:
    sizes = [len(image(camera, compression=some).content) for some in (0, 50, 100)]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        {"resolution": "1x1"},
        {"resolution": "huge"},
        {"compression": "101"},
        {"compression": "-1"},
        {"camera": "2"},
        {"fps": "many"},
    ],
)
def test_a_picture_that_cannot_be_taken_is_refused(camera: Probe, query: dict[str, str]) -> None:
    assert image(camera, **query).status_code == 400
    assert video(camera, **query).status_code == 400


def test_a_stream_is_one_picture_after_the_other(camera: Probe) -> None:
    found = frames(video(camera, nbrofframes=4, fps=20, resolution="320x180"))
    moments = [told(jpeg)[2] for jpeg in found]
    assert len(found) == 4
    assert moments == sorted(set(moments))
    assert opened(found[0]).size == (320, 180)
    counters = camera.counters()
    assert (counters["streams"], counters["frames"]) == (1, 4)


def test_a_stream_lasts_as_long_as_asked_for(camera: Probe) -> None:
    assert len(frames(video(camera, duration=1, fps=4))) == 4


def test_a_stream_ends_when_its_client_leaves(camera: Probe) -> None:
    with video(camera, fps=30) as answered:
        next(answered.iter_content(1000))
    seen = camera.counters()["frames"]
    while (now := camera.counters()["frames"]) != seen:
        seen = now
    assert camera.told()["state"] == "ready"


def test_a_stream_breaks_when_the_camera_goes_down(camera: Probe) -> None:
    with video(camera) as answered:
        stream = answered.iter_content(1000)
        next(stream)
        camera.power_cycle()
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            list(stream)


def test_a_stream_can_be_made_to_break(camera: Probe) -> None:
    camera.faults(stream_breaks_after=2)
    with (
        video(camera, fps=30) as answered,
        pytest.raises(requests.exceptions.ChunkedEncodingError),
    ):
        list(answered.iter_content(1000))
    assert camera.counters()["frames"] == 2


def test_pictures_are_for_viewers(camera: Probe) -> None:
    add = {"action": "add", "user": "watch", "pwd": "look", "grp": "users", "sgrp": "viewer"}
    camera.post("pwdgrp", auth=camera.digest, data=add)
    for path in ("jpg/image", "mjpg/video"):
        url = f"{camera.http}/axis-cgi/{path}.cgi?nbrofframes=1"
        assert camera.session.get(url, timeout=TIMEOUT).status_code == 401
        viewer = HTTPDigestAuth("watch", "look")
        assert camera.session.get(url, auth=viewer, timeout=TIMEOUT).status_code == 200


def test_many_watch_one_camera(camera: Probe) -> None:
    streams = [video(camera, fps=30) for _ in range(5)]
    pieces = [stream.iter_content(1000) for stream in streams]
    for piece in pieces:
        next(piece)
    until(lambda: camera.counters()["frames"] >= 20)
    for stream in streams:
        stream.close()
    assert camera.counters()["streams"] == 5
