"""The simulator as a program of its own, and its control API."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe, until


@contextmanager
def program(*arguments: str) -> Iterator[tuple[dict[str, Any], "subprocess.Popen[str]"]]:
    """What it tells first, and the process; stopped at the end."""
    command = [sys.executable, "-m", "simulator", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline()), process
        finally:
            process.terminate()
            process.wait(TIMEOUT)


def cameras(control: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = requests.get(f"{control}/cameras", timeout=TIMEOUT).json()[
        "cameras"
    ]
    return told


def free_ports(count: int) -> int:
    """The first of some neighbors that nobody uses."""
    for base in range(20_000, 30_000, count):
        try:
            for port in range(base, base + count):
                with socket.create_server(("127.0.0.1", port)):
                    pass
        except OSError:
            continue
        return base
    raise AssertionError("There are no free ports.")


def test_the_same_seed_makes_the_same_fleet_and_another_one_does_not() -> None:
    seen = []
    for seed in ("7", "7", "8"):
        with program("--cameras", "9", "--seed", seed, "--json") as (told, _process):
            assert told["cameras"] == 9
            names = ("serial", "model", "version", "password")
            seen.append([[entry[name] for name in names] for entry in cameras(told["control"])])
    assert seen[0] == seen[1] != seen[2]


def test_twelve_cameras_of_several_models_and_releases_are_the_default() -> None:
    with program("--json") as (told, _process):
        fleet = cameras(told["control"])
    assert len(fleet) == len({entry["serial"] for entry in fleet}) == 12
    assert len({entry["model"] for entry in fleet}) >= 6
    majors = {entry["version"].partition(".")[0] for entry in fleet}
    assert majors == {"9", "10", "11", "12", "13"}


def test_a_person_gets_a_table_and_sigterm_ends_it_cleanly() -> None:
    with program("--cameras", "2", "--password", "secret") as (told, process):
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        assert lines[0].split() == [
            "model",
            "serial",
            "version",
            "http",
            "https",
            "user",
            "password",
        ]
        assert all("root" in line and "secret" in line for line in lines[1:])
        process.terminate()
        assert process.wait(TIMEOUT) == 0
        with pytest.raises(requests.ConnectionError):
            requests.get(told["control"], timeout=TIMEOUT)


def test_it_stops_although_somebody_is_still_connected() -> None:
    with (
        program("--cameras", "1", "--json") as (told, process),
        Probe(told["control"], cameras(told["control"])[0]) as idle,
    ):
        assert idle.readiness() is not None
        idle.faults(silent=True)
        host, _, port = idle.http.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=TIMEOUT) as waiting:
            waiting.sendall(b"GET / HTTP/1.1\r\nHost: camera\r\n\r\n")
            until(lambda: idle.counters()["requests"] == 2)
            process.terminate()
            assert process.wait(TIMEOUT) == 0


def test_ports_can_be_fixed_and_a_taken_one_is_told() -> None:
    base = free_ports(5)
    fixed = ("--cameras", "2", "--port-base", str(base), "--control-port", str(base + 4))
    with program(*fixed, "--json") as (told, _process):
        assert told["control"] == f"http://127.0.0.1:{base + 4}"
        ports = [(entry["http_port"], entry["https_port"]) for entry in cameras(told["control"])]
        assert ports == [(base, base + 1), (base + 2, base + 3)]
        second = subprocess.run(
            [sys.executable, "-m", "simulator", *fixed],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    assert second.returncode == 1
    assert second.stderr.startswith("simulator: ")
    assert "Traceback" not in second.stderr


def test_a_fleet_is_described_by_a_file(tmp_path: Path) -> None:
    file = tmp_path / "fleet.json"
    described = [
        {"model": "Q6135-LE", "version": "12.9.57", "count": 2},
        {"model": "P3265-V", "serial": "ACCC8E0000AA", "needs_setup": True},
    ]
    file.write_text(json.dumps({"cameras": described}))
    with program("--fleet", str(file), "--json") as (told, _process):
        fleet = cameras(told["control"])
    assert [entry["model"] for entry in fleet] == ["Q6135-LE", "Q6135-LE", "P3265-V"]
    assert fleet[2]["serial"] == "ACCC8E0000AA"
    assert [entry["needs_setup"] for entry in fleet] == [False, False, True]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port-base", "65534", "--cameras", "2"),
        ("--port-base", "70000"),
        ("--control-port", "-1"),
        ("--boot-seconds", "nan"),
        ("--cameras", "-1"),
        ("--slow-bytes-per-second", "0"),
    ],
)
def test_arguments_that_cannot_be_are_refused_in_words(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "simulator: " in done.stderr


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cameras": 1}', '{"cameras": [1]}'])
def test_a_file_that_describes_no_fleet_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "fleet.json"
    file.write_text(content)
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "--fleet", str(file)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("simulator: ")


@pytest.mark.parametrize(
    "wanted",
    [
        {"model": "P9999"},
        {"version": "12"},
        {"count": 0},
        {"count": "many"},
        {"serial": "xyz"},
        {"taste": "sweet"},
        {"boot_seconds": -1},
        {"minute_seconds": 0},
        {"passphrase_policy": "strong"},
        {"name": 1},
        [],
    ],
)
def test_a_camera_that_cannot_be_made_is_refused(control: str, wanted: object) -> None:
    answered = requests.post(f"{control}/cameras", json=wanted, timeout=TIMEOUT)
    assert answered.status_code == 400
    assert "error" in answered.json()


def test_a_serial_number_is_given_once(make_camera: MakeCamera, control: str) -> None:
    make_camera(serial="ACCC8E0000BB")
    wanted = {"serial": "ACCC8E0000BB"}
    assert requests.post(f"{control}/cameras", json=wanted, timeout=TIMEOUT).status_code == 400


def test_unknown_cameras_and_addresses_are_told_in_json(control: str) -> None:
    for path in ("/cameras/ACCC8EFFFFFF", "/nothing"):
        answered = requests.get(control + path, timeout=TIMEOUT)
        assert answered.status_code == 404
        assert "error" in answered.json()


def test_totals_and_high_water_marks_are_of_the_whole_fleet() -> None:
    timing = ("--boot-seconds", "0.2", "--linger-seconds", "0", "--json")
    with program("--cameras", "3", "--slow-bytes-per-second", "1000000", *timing) as (told, _):
        control = told["control"]
        for entry in cameras(control):
            assert entry["faults"] == {"slow_bytes_per_second": 1_000_000}
            with Probe(control, entry) as probe:
                probe.power_cycle()
        totals: dict[str, Any] = until(
            lambda: (
                (t := requests.get(f"{control}/totals", timeout=TIMEOUT).json())
                and t["states"] == {"ready": 3}
                and t
            )
        )
    assert totals["cameras"] == 3
    assert totals["counters"]["power_cycles"] == 3
    assert totals["counters"]["reboots"] == 3
    assert 1 <= totals["most_down_at_once"] <= 3


def test_many_cameras_get_a_fault_at_once_or_none_does() -> None:
    with program("--cameras", "3", "--json") as (told, _process):
        control = told["control"]
        serials = [entry["serial"] for entry in cameras(control)]

        def order(content: object) -> int:
            return requests.post(f"{control}/faults", json=content, timeout=TIMEOUT).status_code

        assert order({"offline": True, "serials": serials[:2]}) == 200
        assert [entry["state"] for entry in cameras(control)] == ["offline", "offline", "ready"]
        assert order({"offline": True, "serials": ["nobody"]}) == 400
        assert order({"offline": "yes"}) == 400
        assert order({"offline": None}) == 200
        assert [entry["state"] for entry in cameras(control)] == ["ready"] * 3
