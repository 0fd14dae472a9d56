"""How a product checks its license file without a connection; copy `verify` into yours.

    python verify_license_file.py LICENSE_FILE PRODUCT SYSTEM_ID FINGERPRINT STATE_FILE KEY_ID=KEY...

Prints what the file allows, or why it does not count here and now. A product has its own
code, the public keys and the path of the state file built in, and knows the id it made for itself. The state file keeps the latest time ever seen, so that a
clock that was set back is noticed; the product keeps it where its users cannot write. The days of a
file are those of the place: it is valid all of its last day by the clock of the machine.
"""

import json
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BEGIN, END = "-----BEGIN LICENSE FILE-----", "-----END LICENSE FILE-----"
PARTS = '{{"alg":"base64+ed25519","enc":"{}","sig":"{}"}}'
OWN = ["product", "system_id", "fingerprint"]
TIME, DRIFT = "%Y-%m-%dT%H:%M:%SZ", timedelta(days=1)

Keys = dict[str, Ed25519PublicKey]
Terms = dict[str, Any]


def verify(
    file: str, keys: Keys, product: str, system_id: str, hardware: str, now: datetime, state: Path
) -> Terms:
    parts = json.loads(b64decode("".join(file.split("\n")[1:-2])))
    enc, sig = parts["enc"], b64decode(parts["sig"])
    terms: Terms = json.loads(b64decode(enc))
    keys[terms["key_id"]].verify(sig, f"license/{enc}".encode())
    body = b64encode(PARTS.format(enc, b64encode(sig).decode()).encode()).decode()
    require(file == "\n".join([BEGIN, *wrap(body, 64), END, ""]), "The file was changed.")
    require([terms[name] for name in OWN] == [product, system_id, hardware], "For another system.")
    state.write_text(seen := max(terms["issued"], written(now), state.read_text()))
    require(seen <= written(now + DRIFT), "The clock was set back.")
    is_its_time = terms["valid_from"] <= str(now.date()) <= terms["valid_until"]
    require(is_its_time, f"Valid from {terms['valid_from']} to {terms['valid_until']}.")
    return terms


def require(is_met: bool, refusal: str) -> None:
    if not is_met:
        raise ValueError(refusal)


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(TIME)


if __name__ == "__main__":
    path, own_product, own_id, own_fingerprint, state_path, *known = sys.argv[1:]
    public_keys = {
        key_id: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        for key_id, _, key in (entry.partition("=") for entry in known)
    }
    Path(state_path).touch()
    try:
        allowed = verify(
            Path(path).read_bytes().decode(),
            public_keys,
            own_product,
            own_id,
            own_fingerprint,
            datetime.now(UTC).astimezone(),
            Path(state_path),
        )
    except InvalidSignature:
        sys.exit("Not licensed: The signature is wrong.")
    except (ValueError, LookupError, TypeError, RecursionError) as refusal:
        sys.exit(f"Not licensed: {refusal}")
    print(f"Licensed until {allowed['valid_until']}: {json.dumps(allowed['types'])}")
