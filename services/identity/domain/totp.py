"""Time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 seconds)."""

from __future__ import annotations

import hmac
import io
import re
import unicodedata
from datetime import datetime

import pyotp
import segno

from contracts.errors import Invalid

PERIOD_SECONDS = 30

_SIX_DIGITS = re.compile(r"[0-9]{6}")


class CodeRefused(Invalid):
    """The code is not the right one, or no longer."""

    code = "code-refused"


class CodeUsed(CodeRefused):
    """The code is right and was used before: each works once (TOTP-3)."""

    code = "code-used"


class ClockOff(CodeRefused):
    """The code belongs to another time: the phone's clock is wrong."""

    code = "totp-out-of-sync"

    def __init__(self, detail: str, *, step: int) -> None:
        """:param step: the one that the code belongs to; it is told to nobody."""
        super().__init__(detail)
        self.step = step


def typed(code: str) -> str:
    """The six digits of what a person typed; full-width digits and spaces are understood.

    :raises CodeRefused: it cannot be a code, so it is not counted as a try either.
    """
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code))
    if _SIX_DIGITS.fullmatch(plain) is None:
        raise CodeRefused("A code has six digits.")
    return plain


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // PERIOD_SECONDS


def accepted_step(
    setup_key: str, code: str, now: datetime, drift: int = 0, telling: int = 10
) -> int:
    """The time step the code belongs to; the caller must use it up for the account.

    :param drift: steps that are accepted before and after the present one.
    :param telling: steps outside of these whose code shows that the clock is the trouble.
    :raises ClockOff: it belongs to a step near, but too far to be accepted.
    :raises CodeRefused: it belongs to none of them.
    """
    password = pyotp.TOTP(setup_key)
    present = step_at(now)
    found = None
    near = None
    # Every step is compared, so that the time it takes tells nothing.
    around = drift + telling
    for step in range(present - around, present + around + 1):
        matches = step >= 0 and hmac.compare_digest(password.generate_otp(step), code)
        if matches and abs(step - present) <= drift:
            found = step
        # The last of several: what is still to come must not be of use to a guesser.
        near = step if matches else near
    if found is not None:
        return found
    if near is not None:
        raise ClockOff("That code belongs to another time. Set the clock of your phone.", step=near)
    raise CodeRefused("That code is not right.")


def otpauth_uri(setup_key: str, email: str, issuer: str) -> str:
    return pyotp.TOTP(setup_key).provisioning_uri(name=email, issuer_name=issuer)


def qr_svg(uri: str) -> str:
    """The QR code as one SVG element, black on white also where the page is dark."""
    image = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        image, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, nl=False
    )
    return image.getvalue().decode()
