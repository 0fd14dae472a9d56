"""Challenge: what a camera asks for before it answers, and the proof it is given (RFC 7616)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list

from services.devices.domain.device import Credentials
from services.devices.vapix.errors import (
    AnswerUnreadable,
    NotAxis,
    SignInUnsafe,
    Unsupported,
    WrongSerial,
)

_SCHEME = re.compile(r"(?:^|,)\s*(?=(?:Digest|Basic|Bearer|Negotiate)\b)", re.IGNORECASE)
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
REALM_PREFIX = "AXIS_"


@dataclass
class Challenge:
    """Counts the uses of its nonce; Basic has none."""

    realm: str
    nonce: str | None = None
    opaque: str | None = None
    algorithm: str = "MD5"
    has_qop: bool = True
    is_stale: bool = False
    uses: int = 0

    def require_serial(self, serial: str) -> None:
        """The realm names the camera: it is asked before a password is used.

        :raises WrongSerial: another camera answers here.
        :raises NotAxis: the realm is none of a camera's.
        """
        if not self.realm.upper().startswith(REALM_PREFIX):
            raise NotAxis("What answers at this address is not an Axis camera.")
        if self.realm.upper() != f"{REALM_PREFIX}{serial.upper()}":
            raise WrongSerial("Another camera answers at this address.")

    def proof(self, credentials: Credentials, method: str, path: str) -> str:
        """The value of the Authorization header."""
        if self.nonce is None:
            pair = f"{credentials.user}:{credentials.password}"
            return f"Basic {base64.b64encode(pair.encode()).decode()}"
        self.uses += 1
        first = self._hash(f"{credentials.user}:{self.realm}:{credentials.password}")
        second = self._hash(f"{method}:{path}")
        said = {"username": credentials.user, "realm": self.realm, "nonce": self.nonce, "uri": path}
        bare = {"algorithm": self.algorithm}
        if self.has_qop:
            count, cnonce = f"{self.uses:08x}", secrets.token_hex(8)
            said["cnonce"] = cnonce
            bare.update(qop="auth", nc=count)
            text = f"{first}:{self.nonce}:{count}:{cnonce}:auth:{second}"
        else:
            text = f"{first}:{self.nonce}:{second}"
        said["response"] = self._hash(text)
        if self.opaque is not None:
            said["opaque"] = self.opaque
        parts = [f'{name}="{_quoted(value)}"' for name, value in said.items()]
        return "Digest " + ", ".join(parts + [f"{name}={value}" for name, value in bare.items()])

    def _hash(self, text: str) -> str:
        return _HASHES[self.algorithm](text.encode()).hexdigest()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def read_challenge(headers: Iterable[str], *, is_secure: bool) -> Challenge:
    """Digest where it is offered; Basic only inside TLS.

    :raises SignInUnsafe: only Basic is offered, and nothing hides the password on its way.
    :raises Unsupported: neither is offered.
    :raises AnswerUnreadable: the header is broken.
    """
    offers: dict[str, dict[str, str]] = {}
    for header in headers:
        for part in filter(None, _SCHEME.split(header)):
            scheme, _, rest = part.strip().partition(" ")
            try:
                said = parse_keqv_list(parse_http_list(rest.strip().rstrip(",")))
            except (ValueError, IndexError):
                continue
            offers.setdefault(scheme.lower(), {name.lower(): said[name] for name in said})
    digest, basic = offers.get("digest"), offers.get("basic")
    if digest is not None:
        return _digest(digest)
    if basic is None:
        raise Unsupported("The camera offers no way to sign in that is known here.")
    if not is_secure:
        raise SignInUnsafe("The camera asks for the password in the clear; use HTTPS.")
    return Challenge(realm=basic.get("realm", ""))


def _digest(said: dict[str, str]) -> Challenge:
    algorithm = said.get("algorithm", "MD5").upper()
    options = [option.strip() for option in said.get("qop", "").split(",") if option.strip()]
    if algorithm not in _HASHES or (options and "auth" not in options):
        raise Unsupported("The camera offers no way to sign in that is known here.")
    if "realm" not in said or "nonce" not in said:
        raise AnswerUnreadable("The camera's request to sign in cannot be read.")
    return Challenge(
        realm=said["realm"],
        nonce=said["nonce"],
        opaque=said.get("opaque"),
        algorithm=algorithm,
        has_qop=bool(options),
        is_stale=said.get("stale", "").lower() == "true",
    )
