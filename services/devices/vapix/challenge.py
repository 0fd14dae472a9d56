"""Challenge: what a camera asks for before it answers, and the proof it is given (RFC 7616)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
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
_SERIAL = re.compile(r"[0-9A-F]{12}")
REALM_PREFIX = "AXIS"


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
        if self.shown_serial != serial.upper():
            raise WrongSerial("Another camera answers at this address.")

    @property
    def shown_serial(self) -> str:
        """:raises NotAxis: the realm is none of a camera's."""
        prefix, _, serial = self.realm.upper().partition("_")
        if prefix != REALM_PREFIX or not _SERIAL.fullmatch(serial):
            raise NotAxis("What answers at this address is not an Axis camera.")
        return serial

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
    offers = list(_offers(headers))
    digests = [said for scheme, said in offers if scheme == "digest" and _is_known(said)]
    if digests:
        return _digest(digests[0])
    basic = [said for scheme, said in offers if scheme == "basic"]
    if not basic:
        raise Unsupported("The camera offers no way to sign in that is known here.")
    if not is_secure:
        raise SignInUnsafe("The camera asks for the password in the clear; use HTTPS.")
    return Challenge(realm=basic[0].get("realm", ""))


def _offers(headers: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for header in headers:
        for part in filter(None, _SCHEME.split(header)):
            scheme, _, rest = part.strip().partition(" ")
            try:
                said = parse_keqv_list(parse_http_list(rest.strip().rstrip(",")))
            except (ValueError, IndexError):
                continue
            yield scheme.lower(), {name.lower(): said[name] for name in said}


def _options(said: Mapping[str, str]) -> list[str]:
    return [option.strip() for option in said.get("qop", "").split(",") if option.strip()]


def _algorithm(said: Mapping[str, str]) -> str:
    return said.get("algorithm", "MD5").upper()


def _is_known(said: Mapping[str, str]) -> bool:
    """A camera may name several hashes, each in an offer of its own; the first known is taken."""
    options = _options(said)
    return _algorithm(said) in _HASHES and (not options or "auth" in options)


def _digest(said: Mapping[str, str]) -> Challenge:
    if "realm" not in said or "nonce" not in said:
        raise AnswerUnreadable("The camera's request to sign in cannot be read.")
    return Challenge(
        realm=said["realm"],
        nonce=said["nonce"],
        opaque=said.get("opaque"),
        algorithm=_algorithm(said),
        has_qop=bool(_options(said)),
        is_stale=said.get("stale", "").lower() == "true",
    )
