"""Two thousand cameras in one process within one GiB, measured on a tenth of them."""

import json
import subprocess
import sys

from simulator.weigh import ALLOWED_MIB

TENTH = 200


def test_two_thousand_cameras_fit_into_a_gibibyte() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator.weigh", "--cameras", str(TENTH)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    weight = json.loads(done.stdout)
    assert weight["cameras"] == TENTH
    assert weight["idle"] <= weight["visited"] <= weight["most"]
    assert 10 * weight["most"] <= ALLOWED_MIB
