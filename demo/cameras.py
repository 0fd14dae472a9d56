"""Simulated cameras and AXIS OS images for the errand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from demo.errand import Camera, Image

# What the demo uploads; each is newer than what its cameras are found with.
RELEASES = {"P3245-LV": "11.11.192", "P3265-V": "12.11.77", "Q6135-LE": "12.11.77"}
IMAGE_SIZE = "2MB"


@contextmanager
def fleet(count: int, folder: Path, *options: str) -> Iterator[tuple[Camera, ...]]:
    """``count`` cameras in a process of their own while the block runs."""
    command = [sys.executable, "-m", "simulator", "--cameras", str(count), "--json"]
    command += ["--boot-seconds", "2", "--linger-seconds", "1", *options]
    with (folder / "simulator.log").open("wb") as log:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
        try:
            assert child.stdout is not None
            control = str(json.loads(child.stdout.readline())["control"])
            yield cameras_of(control)
        finally:
            child.terminate()
            child.wait(timeout=15)
            assert child.stdout is not None
            child.stdout.close()


def cameras_of(control: str, host: str | None = None) -> tuple[Camera, ...]:
    """What a simulator's control API lists; ``host`` replaces the address where ports are mapped."""
    listed = requests.get(f"{control}/cameras", timeout=10).json()["cameras"]
    return tuple(
        Camera(
            serial=camera["serial"],
            model=camera["model"],
            version=camera["version"],
            host=host or camera["host"],
            http_port=camera["http_port"],
            https_port=camera["https_port"],
            user=camera["user"],
            password=camera["password"],
            control=control,
        )
        for camera in listed
    )


def images(cameras: Sequence[Camera], folder: Path) -> tuple[Image, ...]:
    """One image for each model of the fleet that has a newer release."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for model in sorted({camera.model for camera in cameras} & RELEASES.keys()):
        version = RELEASES[model]
        path = folder / f"{model}_{version.replace('.', '_')}.bin"
        command = [sys.executable, "-m", "simulator.image", "--product", model]
        command += ["--version", version, "--size", IMAGE_SIZE, "--out", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        made.append(Image(path, model, version))
    return tuple(made)


def version_of(camera: Camera) -> str:
    """What the camera itself says it runs, over VAPIX and without a password."""
    reply = requests.post(
        f"http://{camera.host}:{camera.http_port}/axis-cgi/basicdeviceinfo.cgi",
        json={"apiVersion": "1.2", "method": "getAllUnrestrictedProperties"},
        timeout=10,
    )
    return str(reply.json()["data"]["propertyList"]["Version"])


def counters_of(camera: Camera) -> dict[str, int]:
    """What the simulator counted for this camera: uploads, bytes, reboots, refused sign-ins."""
    reply = requests.get(f"{camera.control}/cameras/{camera.serial}", timeout=10)
    counted: dict[str, int] = reply.json()["counters"]
    return counted
