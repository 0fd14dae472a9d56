"""HTTP Digest and Basic as the cameras offer and check them."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.request import parse_http_list, parse_keqv_list

from simulator.releases import is_basic_over_tls
from simulator.settings import User

NONCE_SECONDS: Final = 300.0
POLICY: Final = "Network.HTTP.AuthenticationPolicy"


class Scheme(StrEnum):
    BASIC = "Basic"
    DIGEST = "Digest"


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: User


@dataclass(frozen=True, slots=True)
class Challenged:
    """Not signed in; `failed` when somebody tried."""

    failed: bool = False
    stale: bool = False


def schemes(version: str, policy: str, *, secure: bool) -> tuple[Scheme, ...]:
    """What the camera offers on this port."""
    chosen = {
        "basic": (Scheme.BASIC,),
        "digest": (Scheme.DIGEST,),
        "basic_digest": (Scheme.DIGEST, Scheme.BASIC),
    }.get(policy.lower())
    if chosen is not None:
        return chosen
    if secure and is_basic_over_tls(version):
        return (Scheme.BASIC,)
    return (Scheme.DIGEST,)


class Gate:
    """Checks the credentials of the requests to one camera."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def nonce(self, realm: str, now: float) -> str:
        """Says itself when it was made, so that no nonce has to be kept."""
        stamp = f"{now:.3f}"
        return base64.b64encode(f"{stamp} {self._seal(realm, stamp)}".encode()).decode()

    def headers(
        self, offered: tuple[Scheme, ...], realm: str, now: float, *, stale: bool
    ) -> list[str]:
        """The values of WWW-Authenticate."""
        values = []
        for scheme in offered:
            if scheme is Scheme.BASIC:
                values.append(f'Basic realm="{realm}"')
                continue
            value = f'Digest realm="{realm}", nonce="{self.nonce(realm, now)}", algorithm=MD5, qop="auth"'
            values.append(f"{value}, stale=true" if stale else value)
        return values

    def check(
        self,
        authorization: str | None,
        offered: tuple[Scheme, ...],
        users: Mapping[str, User],
        *,
        realm: str,
        method: str,
        target: str,
        now: float,
    ) -> SignedIn | Challenged:
        if authorization is None:
            return Challenged()
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() == "basic" and Scheme.BASIC in offered:
            return _basic(rest, users)
        if scheme.lower() == "digest" and Scheme.DIGEST in offered:
            return self._digest(rest, users, realm=realm, method=method, target=target, now=now)
        return Challenged(failed=True)

    def _digest(
        self,
        rest: str,
        users: Mapping[str, User],
        *,
        realm: str,
        method: str,
        target: str,
        now: float,
    ) -> SignedIn | Challenged:
        try:
            said = parse_keqv_list(parse_http_list(rest))
            name, nonce, uri, response = (
                said[key] for key in ("username", "nonce", "uri", "response")
            )
            is_hashed_well = (
                said["realm"] == realm
                and said.get("algorithm", "MD5").upper() == "MD5"
                and said.get("qop", "auth") == "auth"
            )
            proof = f"{nonce}:{said['nc']}:{said['cnonce']}:auth" if "qop" in said else nonce
        except (KeyError, ValueError, IndexError):
            return Challenged(failed=True)
        user = users.get(name)
        if user is None or not is_hashed_well or uri != target:
            return Challenged(failed=True)
        first = _md5(f"{name}:{realm}:{user.password}")
        second = _md5(f"{method}:{uri}")
        if not hmac.compare_digest(_md5(f"{first}:{proof}:{second}").encode(), response.encode()):
            return Challenged(failed=True)
        # The password was right: an old nonce only asks for another round.
        if not self._is_fresh(nonce, realm, now):
            return Challenged(stale=True)
        return SignedIn(user)

    def _is_fresh(self, nonce: str, realm: str, now: float) -> bool:
        try:
            stamp, _, seal = base64.b64decode(nonce, validate=True).decode().partition(" ")
            age = now - float(stamp)
        except ValueError:
            return False
        is_ours = hmac.compare_digest(seal.encode(), self._seal(realm, stamp).encode())
        return is_ours and -1.0 < age < NONCE_SECONDS

    def _seal(self, realm: str, stamp: str) -> str:
        return hmac.new(self._secret, f"{realm} {stamp}".encode(), hashlib.sha256).hexdigest()[:32]


def _basic(rest: str, users: Mapping[str, User]) -> SignedIn | Challenged:
    try:
        name, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return Challenged(failed=True)
    user = users.get(name)
    if user is None or not hmac.compare_digest(user.password.encode(), password.encode()):
        return Challenged(failed=True)
    return SignedIn(user)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
