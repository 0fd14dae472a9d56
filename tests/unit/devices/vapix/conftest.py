"""Cameras that follow a script, over HTTP and over HTTPS, and a transcript of all that is said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.devices.vapix.certificates import Authority
from tests.unit.devices.vapix.scripted import Scripted, Transcript


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(Path(tmp_path_factory.mktemp("certificates")))


@pytest.fixture(scope="module")
def transcript() -> Iterator[Transcript]:
    """Of one file; each ends with a test that searches it."""
    written = Transcript()
    root = logging.getLogger()
    before = root.level
    root.addHandler(written.handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(before)
    root.removeHandler(written.handler)


@pytest.fixture(autouse=True)
def _written_down(transcript: Transcript, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    transcript.add(*capfd.readouterr())


@pytest.fixture
def new_camera(authority: Authority, transcript: Transcript) -> Iterator[Callable[[str], Scripted]]:
    opened: list[Scripted] = []

    def make(scheme: str) -> Scripted:
        tls = authority.server() if scheme == "https" else None
        camera = Scripted(scheme, tls, authority.fingerprint if tls else None).told(transcript)
        opened.append(camera)
        return camera

    yield make
    for camera in opened:
        camera.__exit__()


@pytest.fixture(params=["http", "https"])
def camera(request: pytest.FixtureRequest, new_camera: Callable[[str], Scripted]) -> Scripted:
    return new_camera(request.param)
