"""One simulator for all tests, a fresh camera for each."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from tests.simulator.probe import TIMEOUT, Probe

MakeCamera = Callable[..., Probe]


@pytest.fixture(scope="session", autouse=True)
def _no_proxy() -> Iterator[None]:
    """These cameras are on this machine, whatever proxy the environment names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture(scope="session")
def control() -> Iterator[str]:
    """The address of the control API of a simulator process without cameras."""
    command = [sys.executable, "-m", "simulator", "--cameras", "0", "--json"]
    timing = ["--boot-seconds", "0.3", "--linger-seconds", "0.1", "--minute-seconds", "0.5"]
    with subprocess.Popen(command + timing, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["control"]
        process.terminate()
        assert process.wait(TIMEOUT) == 0


@pytest.fixture
def make_camera(control: str) -> Iterator[MakeCamera]:
    with ExitStack() as stack:

        def make(model: str = "P3245-LV", version: str = "11.11.148", **more: Any) -> Probe:
            wanted = {"model": model, "version": version, **more}
            answered = requests.post(f"{control}/cameras", json=wanted, timeout=TIMEOUT)
            assert answered.status_code == 201, answered.text
            return stack.enter_context(Probe(control, answered.json()["cameras"][0]))

        yield make


@pytest.fixture
def camera(make_camera: MakeCamera) -> Probe:
    return make_camera()
