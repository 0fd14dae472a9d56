"""What is on the SD card: listed, and exported as a film of real pictures."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from requests.auth import HTTPDigestAuth

from simulator.matroska import CLUSTER, SEGMENT, SIMPLE_BLOCK, film
from simulator.recordings import CONTINUOUS, DISK, MOTION, on_card
from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe

NOW = datetime(2026, 11, 21, 9, 32, 15, tzinfo=UTC)
SERIAL = "ACCC8E000001"
UNKNOWN = (1 << 56) - 1


def asked(camera: Probe, path: str, /, **query: str) -> requests.Response:
    return camera.session.get(
        f"{camera.http}/axis-cgi/record/{path}.cgi",
        params=query,
        auth=camera.digest,
        timeout=TIMEOUT,
    )


def recordings(camera: Probe, **query: str) -> list[dict[str, str]]:
    answered = asked(camera, "list", **({"recordingid": "all"} | query))
    assert answered.status_code == 200
    assert answered.headers["Content-Type"].startswith("text/xml")
    root = ElementTree.fromstring(answered.text)
    return [dict(entry.attrib) for entry in root.iter("recording")]


def a_motion(camera: Probe) -> dict[str, str]:
    """The newest one; there is one in every other stretch of five minutes."""
    return recordings(camera, eventid=MOTION)[0]


def export(camera: Probe, recording: dict[str, str], **query: str) -> requests.Response:
    wanted = {
        "schemaversion": "1",
        "recordingid": recording["recordingid"],
        "diskid": recording["diskid"],
        "exportformat": "matroska",
    }
    return asked(camera, "export/exportrecording", **(wanted | query))


def error(answered: requests.Response) -> int:
    assert answered.status_code == 200
    root = ElementTree.fromstring(answered.text)
    return int(root.findtext("GeneralError/ErrorCode") or 0)


def number(content: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A number of variable length, and where the next thing begins."""
    length = 9 - content[at].bit_length()
    value = int.from_bytes(content[at : at + length], "big")
    return (value if keep_marker else value & ((1 << (7 * length)) - 1)), at + length


def elements(content: bytes, at: int = 0) -> Iterator[tuple[int, bytes]]:
    """Of a Matroska file, with those inside a segment and its clusters among them."""
    while at < len(content):
        kind, at = number(content, at, keep_marker=True)
        size, at = number(content, at, keep_marker=False)
        if kind in (SEGMENT, CLUSTER):
            assert size == UNKNOWN
            yield kind, b""
            continue
        yield kind, content[at : at + size]
        at += size


def pictures(content: bytes) -> list[tuple[int, bytes]]:
    """Time in milliseconds and JPEG of each block."""
    found, cluster = [], 0
    for kind, body in elements(content):
        if kind == 0xE7:
            cluster = int.from_bytes(body, "big")
        if kind == SIMPLE_BLOCK:
            assert body[0] == 0x81
            found.append((cluster + int.from_bytes(body[1:3], "big", signed=True), body[4:]))
    return found


def moment_of(jpeg: bytes) -> datetime:
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return datetime.fromisoformat(picture.info["comment"].decode().split("\n")[2])


# The card


def test_an_hour_of_stretches_is_kept_and_the_last_one_goes_on() -> None:
    found = [some for some in on_card(SERIAL, NOW) if some.event == CONTINUOUS]
    assert len(found) == 13
    assert found[-1].stop is None
    assert found[-1].status == "recording"
    assert all(some.stop == following.start for some, following in pairwise(found))
    assert {some.event for some in on_card(SERIAL, NOW)} == {CONTINUOUS, MOTION}


@given(seconds=st.integers(0, 10**7), later=st.integers(0, 280))
def test_what_was_recorded_stays_the_same(seconds: int, later: int) -> None:
    moment = NOW + timedelta(seconds=seconds)
    before = {some.id: some for some in on_card(SERIAL, moment) if some.stop is not None}
    after = {some.id: some for some in on_card(SERIAL, moment + timedelta(seconds=later))}
    gone = [some for name, some in before.items() if name not in after]
    assert all(some.start < moment - timedelta(minutes=50) for some in gone)
    assert all(after[name] == some for name, some in before.items() if name in after)


def test_two_cameras_recorded_different_things() -> None:
    ids = {some.id for some in on_card(SERIAL, NOW)}
    assert not ids & {some.id for some in on_card("ACCC8E000002", NOW)}


@given(st.lists(st.tuples(st.integers(0, 60_000), st.binary(max_size=50)), max_size=20))
def test_a_film_holds_its_pictures_at_their_times(frames: list[tuple[int, bytes]]) -> None:
    frames.sort(key=lambda frame: frame[0])
    assert pictures(b"".join(film(frames, size=(640, 360), title="Film"))) == frames


# The camera


def test_the_newest_come_first_and_can_be_turned_around(camera: Probe) -> None:
    found = recordings(camera)
    starts = [entry["starttime"] for entry in found]
    assert starts == sorted(starts, reverse=True)
    turned = [entry["starttime"] for entry in recordings(camera, sortorder="ascending")]
    assert turned == sorted(turned)
    assert {entry["diskid"] for entry in found} == {DISK}
    ongoing = [entry for entry in found if entry["recordingstatus"] == "recording"]
    assert [entry["stoptime"] for entry in ongoing] == [""]
    assert all(camera.serial in entry["recordingid"] for entry in found)


def test_the_list_is_narrowed_and_counted(camera: Probe) -> None:
    answered = ElementTree.fromstring(
        asked(camera, "list", recordingid="all", eventid=MOTION, maxnumberofresults="2").text
    )
    head = answered.find("recordings")
    assert head is not None
    assert len(head) == 2
    assert int(head.attrib["totalnumberofrecordings"]) > int(head.attrib["numberofrecordings"]) > 2
    second = recordings(camera, eventid=MOTION, startatresultnumber="2")[0]
    assert second["recordingid"] == head[1].attrib["recordingid"]
    one = recordings(camera, recordingid=second["recordingid"])
    assert [entry["recordingid"] for entry in one] == [second["recordingid"]]
    within = recordings(camera, starttime=second["starttime"], stoptime=second["stoptime"])
    assert second["recordingid"] in {entry["recordingid"] for entry in within}
    assert len(within) < len(recordings(camera))
    assert recordings(camera, diskid="NetworkShare") == []


def test_events_can_be_listed_by_themselves(camera: Probe) -> None:
    told = ElementTree.fromstring(asked(camera, "list", listentity="eventid").text)
    assert [entry.text for entry in told.iter("eventid")] == [CONTINUOUS, MOTION]


@pytest.mark.parametrize(
    "query", [{}, {"starttime": "yesterday"}, {"recordingid": "all", "maxnumberofresults": "few"}]
)
def test_a_list_of_nothing_in_particular_is_refused(camera: Probe, query: dict[str, str]) -> None:
    assert asked(camera, "list", **query).status_code == 400


def test_a_recording_is_exported_as_a_film_of_pictures_of_its_time(
    make_camera: MakeCamera,
) -> None:
    camera = make_camera(name="Loading dock")
    recording = a_motion(camera)
    answered = export(camera, recording)
    assert answered.headers["Content-Type"] == "video/x-matroska"
    start, stop = (datetime.fromisoformat(recording[name]) for name in ("starttime", "stoptime"))
    name = f"{start:%Y%m%d_%H%M%S}_{stop:%Y%m%d_%H%M%S}.mkv"
    assert answered.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    seen = pictures(answered.content)
    assert len(seen) == (stop - start).total_seconds()
    assert [moment_of(jpeg) for _, jpeg in seen] == [
        start + timedelta(milliseconds=at) for at, _ in seen
    ]
    assert b"Loading dock" in answered.content
    assert camera.counters()["exports"] == 1


def test_a_part_is_exported_and_what_is_outside_is_left_out(camera: Probe) -> None:
    recording = a_motion(camera)
    start = datetime.fromisoformat(recording["starttime"])
    part = {
        "starttime": (start + timedelta(seconds=1)).isoformat(),
        "stoptime": (start + timedelta(seconds=4)).isoformat(),
    }
    seen = pictures(export(camera, recording, **part, filename="my/clip").content)
    assert [moment_of(jpeg) for _, jpeg in seen] == [
        start + timedelta(seconds=second) for second in (1, 2, 3)
    ]
    early = {"starttime": (start - timedelta(hours=1)).isoformat()}
    assert len(pictures(export(camera, recording, **early).content)) > 3


def test_what_still_records_is_exported_up_to_now(camera: Probe) -> None:
    ongoing = recordings(camera, eventid=CONTINUOUS)[0]
    assert ongoing["stoptime"] == ""
    start = datetime.fromisoformat(ongoing["starttime"])
    until = (start + timedelta(seconds=2)).isoformat()
    assert len(pictures(export(camera, ongoing, stoptime=until).content)) in (1, 2)


def test_its_size_and_times_are_told_before(camera: Probe) -> None:
    recording = a_motion(camera)
    told = ElementTree.fromstring(
        asked(
            camera,
            "export/properties",
            schemaversion="1",
            recordingid=recording["recordingid"],
            diskid=DISK,
        ).text
    ).find("PropertiesSuccess/ExportProperties")
    assert told is not None
    assert told.attrib["Starttime"] == recording["starttime"]
    assert told.attrib["Stoptime"] == recording["stoptime"]
    kilobytes = len(export(camera, recording).content) / 1000
    assert 0.5 < int(told.attrib["EstimatedFileSize"]) / kilobytes < 2


def test_an_export_is_refused_by_number_with_status_200(camera: Probe) -> None:
    recording = a_motion(camera)
    start, stop = recording["starttime"], recording["stoptime"]
    hour = timedelta(hours=1)
    before = (datetime.fromisoformat(start) - hour).isoformat()
    after = (datetime.fromisoformat(stop) + hour).isoformat()
    assert error(asked(camera, "export/exportrecording", schemaversion="1")) == 20
    assert error(export(camera, recording, schemaversion="2")) == 40
    assert error(export(camera, {**recording, "recordingid": "none"})) == 110
    assert error(export(camera, {**recording, "diskid": "NetworkShare"})) == 110
    assert error(export(camera, recording, starttime="soon")) == 120
    assert error(export(camera, recording, stoptime="later")) == 130
    assert error(export(camera, recording, starttime=stop, stoptime=start)) == 140
    assert error(export(camera, recording, starttime=after, stoptime=after)) == 150
    assert error(export(camera, recording, stoptime=before, starttime=before)) == 160
    assert error(export(camera, recording, exportformat="avi")) == 170
    assert camera.counters()["exports"] == 0


def test_without_a_card_there_is_nothing(camera: Probe) -> None:
    recording = a_motion(camera)
    camera.faults(disk_gone=True)
    assert recordings(camera) == []
    assert error(export(camera, recording)) == 110


def test_recordings_are_for_viewers(camera: Probe) -> None:
    add = {"action": "add", "user": "watch", "pwd": "look", "grp": "users", "sgrp": "viewer"}
    camera.post("pwdgrp", auth=camera.digest, data=add)
    url = f"{camera.http}/axis-cgi/record/list.cgi?recordingid=all"
    assert camera.session.get(url, timeout=TIMEOUT).status_code == 401
    viewer = HTTPDigestAuth("watch", "look")
    assert camera.session.get(url, auth=viewer, timeout=TIMEOUT).status_code == 200
