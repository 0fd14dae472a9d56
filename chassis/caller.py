"""The caller assertion: a short-lived JWT that identity signs and every service verifies itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.caller import STEP_UP_WITHIN, Caller, Level
from contracts.errors import Unauthenticated

ISSUER = "freehold/identity"
AUDIENCE = "freehold"
TYPE = "caller+jwt"
ALGORITHM = "EdDSA"
# The longest one that is accepted; identity's settings may shorten it.
LIFE = timedelta(seconds=60)
# Two processes' clocks may differ a little; nothing else is forgiven.
LEEWAY = timedelta(seconds=5)
_MOMENTS = ("iat", "exp")
_CLAIMS = ["iss", "aud", "sub", "sid", "level", "auth_time", "exp", "iat", "jti"]


class AssertionRefused(Unauthenticated):
    """The caller assertion is absent, expired, or not identity's."""

    code = "assertion-refused"


def issue(
    key: Ed25519PrivateKey,
    key_id: str,
    caller: Caller,
    now: datetime,
    *,
    until: datetime | None = None,
) -> str:
    """:param until: when it ends at the latest; no assertion outlives its session or API token."""
    expires = now + LIFE if until is None else min(now + LIFE, until)
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(caller.account_id),
        "sid": str(caller.session_id),
        "level": caller.level.value,
        "auth_time": int(caller.authenticated_at.timestamp()),
        "fresh_for": int(caller.fresh_for.total_seconds()),
        "iat": int(now.timestamp()),
        "exp": int(expires.timestamp()),
        "jti": str(uuid4()),
    }
    if caller.scopes is not None:
        claims["scopes"] = sorted(caller.scopes)
        claims["authenticator"] = caller.has_authenticator
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id, "typ": TYPE})


def verify(assertion: str, key_for: Callable[[str], Ed25519PublicKey], now: datetime) -> Caller:
    """The caller an assertion speaks for (RFC 8725: pinned algorithm, explicit type).

    :param key_for: the public key of a key id; raises LookupError for an unknown one.
    :raises AssertionRefused: for every way an assertion can be wrong, without saying which.
    """
    try:
        header = jwt.get_unverified_header(assertion)
        # The library accepts any `typ` and ignores unknown key sources, so both are checked here.
        if header.get("typ") != TYPE or set(header) != {"alg", "kid", "typ"}:
            raise AssertionRefused("The caller assertion is not valid.")
        claims = jwt.decode(
            assertion,
            key_for(str(header["kid"])),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # The moments are checked below against the suite's clock.
            options={
                "require": _CLAIMS,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "strict_aud": True,
            },
        )
        issued = datetime.fromtimestamp(int(claims["iat"]), UTC)
        expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
        caller = Caller(
            account_id=UUID(str(claims["sub"])),
            session_id=UUID(str(claims["sid"])),
            level=Level(claims["level"]),
            authenticated_at=datetime.fromtimestamp(int(claims["auth_time"]), UTC),
            scopes=_scopes(claims),
            has_authenticator=claims.get("authenticator") is True,
            fresh_for=_fresh_for(claims),
        )
    except (jwt.PyJWTError, LookupError, ValueError, TypeError, OverflowError):
        raise AssertionRefused("The caller assertion is not valid.") from None
    if not (issued - LEEWAY <= now < expires + LEEWAY) or expires - issued > LIFE:
        raise AssertionRefused("The caller assertion is not valid at this time.")
    return caller


def _fresh_for(claims: Mapping[str, object]) -> timedelta:
    """:raises ValueError: it is there and no number of seconds."""
    seconds = claims.get("fresh_for", int(STEP_UP_WITHIN.total_seconds()))
    if type(seconds) is not int or seconds < 0:
        raise ValueError("fresh_for is a number of seconds")
    return timedelta(seconds=seconds)


def _scopes(claims: Mapping[str, object]) -> frozenset[str] | None:
    """:raises ValueError: they are there and no list of strings; `Caller` says who must have them."""
    if "scopes" not in claims:
        return None
    scopes = claims["scopes"]
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise ValueError("scopes are a list of strings")
    return frozenset(scopes)


class Vouched:
    """Verified assertions, remembered while they live: a caller's next call costs no signature."""

    def __init__(self, keys: PublicKeys, most: int = 1000) -> None:
        self._keys = keys
        self._most = most
        self._seen: dict[str, tuple[datetime, datetime, Caller]] = {}

    def caller_of(self, assertion: str, now: datetime) -> Caller:
        """Like `verify`."""
        seen = self._seen.get(assertion)
        if seen is not None:
            issued, expires, caller = seen
            if issued <= now < expires - LEEWAY:
                return caller
        caller = verify(assertion, self._keys.key_for, now)
        if len(self._seen) >= self._most:
            self._seen.clear()
        claims = jwt.decode(assertion, options={"verify_signature": False})
        issued, expires = (datetime.fromtimestamp(int(claims[name]), UTC) for name in _MOMENTS)
        self._seen[assertion] = (issued, expires, caller)
        return caller


class PublicKeys:
    """Identity's public keys, fetched again when an unknown key id turns up."""

    def __init__(
        self, fetch: Callable[[], Mapping[str, str]], monotonic: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._asked_at = float("-inf")

    def key_for(self, key_id: str) -> Ed25519PublicKey:
        """:raises LookupError: identity does not know the id either; asked at most once a second."""
        if key_id not in self._keys:
            with self._guard:
                if key_id not in self._keys and self._monotonic() - self._asked_at > 1:
                    fetched = self._fetch()
                    self._asked_at = self._monotonic()
                    self._keys = {
                        name: Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw))
                        for name, raw in fetched.items()
                    }
        return self._keys[key_id]
