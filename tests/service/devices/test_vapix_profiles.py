"""Every API of the client at every camera of the simulator, over HTTP and over HTTPS.

The simulator shares no code with the client: each was written from what real cameras say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from itertools import islice

import pytest

from services.devices.domain.device import Address, Credentials, Scheme, Trust
from services.devices.domain.network import AllowList
from services.devices.domain.version import Version
from services.devices.vapix import (
    apidiscovery,
    applications,
    basicdeviceinfo,
    certificates,
    errors,
    exporting,
    firmwaremanagement,
    mjpeg,
    networksettings,
    oak,
    param,
    ptz,
    pwdgrp,
    recordings,
    snapshot,
    systemready,
    timeservice,
)
from services.devices.vapix.connection import Reach, fingerprint_of
from services.devices.vapix.exporting import Wanted
from services.devices.vapix.mjpeg import Viewing
from services.devices.vapix.pwdgrp import Role, User
from services.devices.vapix.session import Session
from simulator.image import image_bytes
from simulator.profiles import ALL
from tests.service.devices.cameras import Camera, Simulator

REACH = Reach(
    networks=AllowList.of(["127.0.0.0/8"]),
    connect_seconds=5,
    answer_seconds=20,
    upload_seconds=20,
)
JPEG = b"\xff\xd8\xff"
MATROSKA = b"\x1a\x45\xdf\xa3"
EVERY = [(each.prod_nbr, version) for each in ALL for version in each.versions]
# The oldest that are promised, and the newest of each number in between.
VERSIONS = ["8.40.4", "8.45.4.5", "9.80.3.9", "10.12.240", "11.11.192", "12.11.77", "13.0.41"]


@contextmanager
def session_to(camera: Camera, scheme: str, *, is_new: bool = False) -> Iterator[Session]:
    way = Scheme(scheme)
    port = camera.https_port if way is Scheme.HTTPS else camera.http_port
    pinned = fingerprint_of(camera.host, port, 5) if way is Scheme.HTTPS else None
    address = Address(camera.host, port, way, Trust.PIN, pinned)
    credentials = None if is_new else Credentials(camera.user, camera.password)
    with Session(address, camera.serial, credentials, REACH) as session:
        yield session


@pytest.fixture(params=EVERY, ids=["-".join(each) for each in EVERY])
def camera(request: pytest.FixtureRequest, cameras: Simulator) -> Camera:
    model, version = request.param
    return cameras.camera(model, version)


@pytest.fixture(params=["http", "https"])
def session(request: pytest.FixtureRequest, camera: Camera) -> Iterator[Session]:
    with session_to(camera, request.param) as opened:
        yield opened


def test_it_says_who_it_is_and_whether_it_is_up(camera: Camera, session: Session) -> None:
    """vapix.md 2, basicdeviceinfo and systemready: no boot id on 10.12 and before."""
    identity = basicdeviceinfo.read(session)
    assert (identity.serial, identity.product) == (camera.serial, camera.model)
    assert identity.version == firmwaremanagement.status(session).version
    readiness = systemready.read(session)
    assert (readiness.is_ready, readiness.needs_setup) == (True, False)
    assert (readiness.boot_id is not None) == (identity.version.numbers >= (11,))
    assert (readiness.passphrase_policy is not None) == (identity.version.numbers >= (12,))


def test_it_lists_its_apis_and_serves_newer_ones(camera: Camera, session: Session) -> None:
    """vapix.md 1: discovery list may lag the real version."""
    apis = apidiscovery.read(session)
    assert apis.has("fwmgr")
    assert apis.has("basic-device-info")
    assert not apis.has("fwmgr", major=9)
    assert firmwaremanagement.versions(session)


def test_its_parameters_are_read_and_set(camera: Camera, session: Session) -> None:
    """vapix.md 2, param.cgi."""
    found = param.read(session, ["root.Brand", "Properties.Firmware.Version", "No.Such.Group"])
    assert found.values["Brand.ProdNbr"] == camera.model
    assert found.values["Properties.Firmware.Version"] == camera.version
    assert found.missing == ("No.Such.Group",)
    param.update(session, {"Network.Bonjour.FriendlyName": "Gate & yard"})
    renamed = param.read(session, ["Network.Bonjour"])
    assert renamed.values["Network.Bonjour.FriendlyName"] == "Gate & yard"
    with pytest.raises(errors.ParametersRefused):
        param.update(session, {"No.Such.Parameter": "x"})


def test_its_users_come_and_go(camera: Camera, session: Session) -> None:
    """vapix.md 2, pwdgrp.cgi: 10.12 lists the groups of its services as well."""
    joe = Credentials("joe", "first & 100%")
    owner = User(camera.user, Role.ADMIN, has_ptz=True)
    assert pwdgrp.own_role(session) is Role.ADMIN
    pwdgrp.add(session, joe, Role.OPERATOR, has_ptz=False)
    assert set(pwdgrp.users(session)) == {owner, User("joe", Role.OPERATOR, has_ptz=False)}
    with pytest.raises(errors.UserExists):
        pwdgrp.add(session, joe, Role.VIEWER, has_ptz=False)
    pwdgrp.set_role(session, "joe", Role.VIEWER, has_ptz=True)
    pwdgrp.set_password(session, Credentials("joe", "second"))
    assert User("joe", Role.VIEWER, has_ptz=True) in pwdgrp.users(session)
    pwdgrp.remove(session, "joe")
    assert pwdgrp.users(session) == (owner,)
    with pytest.raises(errors.UserNameRefused):
        pwdgrp.remove(session, "joe")


def test_its_network_its_clock_and_what_is_on_it_are_read(camera: Camera, session: Session) -> None:
    """vapix.md 2: network_settings, time, applications, certificates, oak."""
    version = Version.parse(camera.version)
    (interface,) = networksettings.read(session).interfaces
    assert interface.mac_address.replace(":", "").upper() == camera.serial
    assert timeservice.read(session).at.tzinfo is not None
    assert isinstance(applications.listed(session), tuple)
    assert oak.read(session).secret
    if version.branch >= (11, 11):
        assert any(each.is_factory_made and each.pem for each in certificates.listed(session))
    else:
        with pytest.raises(errors.Unsupported):
            certificates.listed(session)


def test_it_shows_one_picture_and_many(session: Session) -> None:
    """VAPIX Video streaming API: jpg/image.cgi, mjpg/video.cgi."""
    assert snapshot.take(session, compression=50).startswith(JPEG)
    with mjpeg.watch(session, Viewing(seconds=20), rate=25) as pictures:
        assert all(picture.startswith(JPEG) for picture in islice(pictures, 3))
    # What was left in the middle does not disturb the next question.
    assert snapshot.take(session).startswith(JPEG)


def test_it_is_turned_if_it_can_be(camera: Camera, session: Session) -> None:
    """VAPIX PTZ API: com/ptz.cgi: 204, or Error: with 200."""
    if not camera.model.startswith("Q6135"):
        with pytest.raises(errors.CameraTrouble):
            ptz.move(session, pan=10, tilt=0)
        return
    ptz.go_to(session, ptz.Position(30, -10, 500))
    ptz.turn_by(session, ptz.Position(None, 5, None))
    ptz.move(session, pan=10, tilt=-10)
    ptz.zoom(session, 5)
    ptz.stop(session)
    assert ptz.position(session).pan is not None
    ptz.go_home(session)
    assert ptz.presets(session)[1]


def test_what_it_recorded_is_listed_and_taken_away(session: Session) -> None:
    """VAPIX Edge storage API: record/list.cgi, exportrecording.cgi."""
    with recordings.listed(session, most=5) as found:
        listed = list(found)
    assert listed
    ended = next(each for each in listed if each.ended_at is not None)
    wanted = Wanted(ended.id, ended.disk, ended.began_at, ended.began_at + timedelta(seconds=2))
    with exporting.opened(session, wanted) as stream:
        content = b"".join(stream)
    assert content.startswith(MATROSKA)
    with (
        pytest.raises(errors.ApiRefused),
        exporting.opened(session, Wanted("none", ended.disk)) as stream,
    ):
        b"".join(stream)


def test_it_takes_another_image_for_a_trial(cameras: Simulator, camera: Camera) -> None:
    """vapix.md 1: upgrade, trial, commit; the answer comes before the reboot."""
    major, minor, build = camera.version.split(".")[:3]
    newer = f"{major}.{minor}.{int(build) + 10}"
    image = image_bytes(camera.model, newer, size=200_000)
    with session_to(camera, "https") as session:
        firmwaremanagement.upgrade(
            session, BytesIO(image), len(image), rollback_minutes=30, sent=lambda _size: None
        )
        camera.until_state("ready")
        found = firmwaremanagement.status(session)
        assert (str(found.version), found.is_committed) == (newer, False)
        firmwaremanagement.commit(session)
        assert firmwaremanagement.status(session).is_committed


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", VERSIONS)
def test_its_first_user_is_created_once(cameras: Simulator, version: str, scheme: str) -> None:
    """vapix.md 2, pwdgrp.cgi: initial user: anonymous, once; before 11.5 it is root."""
    camera = cameras.camera(version=version, needs_setup=True)
    has_any_name = Version.parse(version).branch >= (11, 5)
    owner = Credentials("owner" if has_any_name else "root", "a long first password")
    with session_to(camera, scheme, is_new=True) as session:
        if not has_any_name:
            with pytest.raises(errors.FirstUserRefused):
                pwdgrp.create_first(session, Credentials("owner", "a long first password"))
        with pytest.raises(errors.CredentialsRefused):
            firmwaremanagement.status(session)
        pwdgrp.create_first(session, owner)
        with pytest.raises(errors.CredentialsRefused):
            pwdgrp.create_first(session, Credentials("another", "password"))
        address = session._address
    with Session(address, camera.serial, owner, REACH) as signed:
        assert pwdgrp.users(signed) == (User(owner.user, Role.ADMIN, has_ptz=True),)
        assert not systemready.read(signed).needs_setup


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_release_from_8_40_to_13_is_looked_at(
    cameras: Simulator, version: str, scheme: str
) -> None:
    """devices.md 3: works from AXIS OS 8.40 to 13: identity, readiness, version, parameters."""
    camera = cameras.camera(version=version)
    with session_to(camera, scheme) as session:
        assert str(basicdeviceinfo.read(session).version) == version
        assert systemready.read(session).is_ready
        assert str(firmwaremanagement.status(session).version) == version
        assert param.read(session, ["Brand"]).values["Brand.Brand"] == "AXIS"


READS: list[Callable[[Session], object]] = [
    basicdeviceinfo.read,
    systemready.read,
    firmwaremanagement.status,
    apidiscovery.read,
    lambda session: param.read(session, ["Brand"]),
    networksettings.read,
    timeservice.read,
    applications.listed,
    certificates.listed,
    oak.read,
    snapshot.take,
    ptz.position,
    lambda session: exported(session, Wanted("x", "SD_DISK")),
]


def exported(session: Session, wanted: Wanted) -> bytes:
    with exporting.opened(session, wanted) as stream:
        return b"".join(stream)


@pytest.mark.parametrize("read", READS, ids=range(len(READS)))
@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ({"html_instead": True}, errors.AnswerUnreadable),
        ({"throttled": True}, errors.Busy),
        ({"http_status": 500}, errors.ServerFailed),
        ({"answers_lost": True}, errors.Unreachable),
    ],
    ids=["html", "throttled", "500", "lost"],
)
def test_what_is_wrong_with_a_camera_has_one_name_whatever_it_is_asked(
    camera_at_fault: Camera,
    read: Callable[[Session], object],
    fault: dict[str, object],
    trouble: type[errors.CameraTrouble],
) -> None:
    """vapix.md 2: HTML errors with HTTP 200; 1, timing: lost answers; param.cgi: throttling."""
    camera_at_fault.faults(**fault)
    with session_to(camera_at_fault, "http") as session, pytest.raises(trouble):
        read(session)


@pytest.fixture(scope="module")
def one_camera(cameras: Simulator) -> Camera:
    return cameras.camera("Q6135-LE", "12.9.57")


@pytest.fixture
def camera_at_fault(one_camera: Camera) -> Iterator[Camera]:
    yield one_camera
    one_camera.faults(html_instead=None, throttled=None, http_status=None, answers_lost=None)


def test_live_pictures_that_break_off_are_named_so(cameras: Simulator) -> None:
    """devices.md 3: one class for each cause, streams included."""
    camera = cameras.camera()
    camera.faults(stream_breaks_after=2)
    with (
        session_to(camera, "http") as session,
        mjpeg.watch(session, Viewing(seconds=20), rate=25) as pictures,
    ):
        assert next(pictures).startswith(JPEG)
        with pytest.raises(errors.CameraTrouble):
            list(pictures)


def test_a_camera_without_a_disk_lists_nothing(cameras: Simulator) -> None:
    """VAPIX Edge storage API: record/list.cgi."""
    camera = cameras.camera()
    camera.faults(disk_gone=True)
    with session_to(camera, "http") as session, recordings.listed(session) as found:
        assert list(found) == []


@pytest.mark.parametrize("version", ["10.12.240", "12.11.77"])
def test_a_camera_that_tells_nothing_before_its_setup_is_set_up(
    cameras: Simulator, version: str
) -> None:
    """vapix.md 2, basicdeviceinfo: [VAPX] factory-default units answer 401."""
    camera = cameras.camera(version=version, needs_setup=True)
    camera.faults(locked_until_setup=True)
    with session_to(camera, "https", is_new=True) as session:
        assert systemready.read(session).needs_setup
        pwdgrp.create_first(session, Credentials("root", "a long first password"))
        assert not systemready.read(session).needs_setup


def test_the_first_password_does_not_go_to_another_camera(cameras: Simulator) -> None:
    """devices.md 2: identity check by realm and basicdeviceinfo."""
    camera = cameras.camera(needs_setup=True)
    camera.faults(other_serial="ACCC8E999999")
    with session_to(camera, "https", is_new=True) as session, pytest.raises(errors.WrongSerial):
        pwdgrp.create_first(session, Credentials("root", "a long first password"))
    assert not camera.told["user"]
