"""Trouble: everything that can go wrong between the suite and a camera, by cause."""

from __future__ import annotations

from enum import StrEnum

from contracts.errors import Conflict


class Cause(StrEnum):
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    SERVER_ERROR = "server_error"
    ANSWER_UNREADABLE = "answer_unreadable"
    ANSWER_TOO_LARGE = "answer_too_large"
    REDIRECTED = "redirected"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    CERTIFICATE_CHANGED = "certificate_changed"
    CERTIFICATE_REFUSED = "certificate_refused"
    WRONG_SERIAL = "wrong_serial"
    NOT_AXIS = "not_an_axis_camera"
    CREDENTIALS_REFUSED = "credentials_refused"
    SIGN_IN_UNSAFE = "sign_in_unsafe"
    UNSUPPORTED = "unsupported"
    OLDER_VERSION = "older_version"
    VERSION_REVOKED = "version_revoked"
    UNCOMMITTED = "uncommitted"
    IMAGE_INVALID = "image_invalid"
    IMAGE_OF_ANOTHER_DEVICE = "image_of_another_device"
    SIGNATURE_MISSING = "signature_missing"
    SIGNER_UNKNOWN = "signer_unknown"
    REQUEST_REFUSED = "request_refused"
    IMAGE_UNAVAILABLE = "image_unavailable"

    @property
    def passes(self) -> bool:
        """Whether waiting may help; the others wait for a person."""
        return self in _PASSING


# An unreadable answer or an error page is what a camera says while it starts or is overloaded.
_PASSING = frozenset(
    {
        Cause.UNREACHABLE,
        Cause.NO_ANSWER,
        Cause.BUSY,
        Cause.SERVER_ERROR,
        Cause.ANSWER_UNREADABLE,
        Cause.IMAGE_UNAVAILABLE,
    }
)

# Error codes of the camera's firmware API; its texts differ from release to release.
BY_CODE = {
    409: Cause.OLDER_VERSION,
    410: Cause.VERSION_REVOKED,
    412: Cause.UNCOMMITTED,
    415: Cause.IMAGE_INVALID,
    421: Cause.IMAGE_OF_ANOTHER_DEVICE,
    422: Cause.SIGNATURE_MISSING,
    423: Cause.BUSY,
    424: Cause.SIGNER_UNKNOWN,
    500: Cause.SERVER_ERROR,
}


class CameraUnreachable(Conflict):
    """Nothing answers at the address, or not in time."""

    code = "camera-unreachable"


class CameraAnswersStrangely(Conflict):
    """What answers at the address does not speak as an Axis camera does."""

    code = "camera-answers-strangely"


class CameraCredentialsRefused(Conflict):
    """The camera does not accept the user name and password."""

    code = "camera-credentials-refused"


class CameraCertificateRefused(Conflict):
    """The camera's certificate is not the one that was trusted."""

    code = "camera-certificate-refused"


class CameraSerialDiffers(Conflict):
    """The camera at the address has another serial number than the one given."""

    code = "camera-serial-differs"


class CameraSignInUnsafe(Conflict):
    """The camera asks for a password in the clear; reach it by HTTPS."""

    code = "camera-sign-in-unsafe"


REFUSALS: dict[Cause, type[Conflict]] = {
    Cause.UNREACHABLE: CameraUnreachable,
    Cause.NO_ANSWER: CameraUnreachable,
    Cause.BUSY: CameraUnreachable,
    Cause.CERTIFICATE_CHANGED: CameraCertificateRefused,
    Cause.CERTIFICATE_REFUSED: CameraCertificateRefused,
    Cause.WRONG_SERIAL: CameraSerialDiffers,
    Cause.CREDENTIALS_REFUSED: CameraCredentialsRefused,
    Cause.SIGN_IN_UNSAFE: CameraSignInUnsafe,
}


def refusal(cause: Cause, words: str) -> Conflict:
    """What a person who is adding a camera is told."""
    return REFUSALS.get(cause, CameraAnswersStrangely)(words, cause=cause.value)
