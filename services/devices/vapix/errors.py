"""What talking to a camera can raise: one class for each cause."""

from __future__ import annotations

from typing import ClassVar

from services.devices.domain.trouble import BY_CODE, Cause


class CameraTrouble(Exception):
    """``words`` may be shown to people: they hold no secret and nothing of the camera's pages."""

    cause: ClassVar[Cause]

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Unreachable(CameraTrouble):
    cause = Cause.UNREACHABLE


class NoAnswer(CameraTrouble):
    cause = Cause.NO_ANSWER


class AnswerLost(NoAnswer):
    """The whole image was sent, and then nothing came."""


class Busy(CameraTrouble):
    cause = Cause.BUSY


class ServerFailed(CameraTrouble):
    cause = Cause.SERVER_ERROR


class AnswerUnreadable(CameraTrouble):
    cause = Cause.ANSWER_UNREADABLE


class AnswerTooLarge(CameraTrouble):
    cause = Cause.ANSWER_TOO_LARGE


class Redirected(CameraTrouble):
    cause = Cause.REDIRECTED


class NotAllowed(CameraTrouble):
    cause = Cause.ADDRESS_NOT_ALLOWED


class CertificateChanged(CameraTrouble):
    cause = Cause.CERTIFICATE_CHANGED


class CertificateRefused(CameraTrouble):
    cause = Cause.CERTIFICATE_REFUSED


class WrongSerial(CameraTrouble):
    cause = Cause.WRONG_SERIAL


class NotAxis(CameraTrouble):
    cause = Cause.NOT_AXIS


class CredentialsRefused(CameraTrouble):
    cause = Cause.CREDENTIALS_REFUSED


class SetupNeeded(CredentialsRefused):
    """The camera has no user yet; its first one is created without signing in."""


class SignInUnsafe(CameraTrouble):
    cause = Cause.SIGN_IN_UNSAFE


class Unsupported(CameraTrouble):
    cause = Cause.UNSUPPORTED


class RequestRefused(CameraTrouble):
    cause = Cause.REQUEST_REFUSED


class ApiRefused(RequestRefused):
    """The camera answered with an error code of its own, 0 where it has none."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"The camera answered {code}: {message}")
        self.code = code


class FirstUserRefused(RequestRefused):
    """The first user of a camera is an administrator, and called root before AXIS OS 11.5."""


class UserExists(RequestRefused):
    """A user of this name exists."""


class UserNameRefused(RequestRefused):
    """No user of this name exists, or none can."""


class PasswordUnfit(RequestRefused):
    """The camera takes no such password."""


class ParametersRefused(RequestRefused):
    """The camera did not take all of the values."""


class OlderVersion(CameraTrouble):
    cause = Cause.OLDER_VERSION


class VersionRevoked(CameraTrouble):
    cause = Cause.VERSION_REVOKED


class Uncommitted(CameraTrouble):
    cause = Cause.UNCOMMITTED


class ImageInvalid(CameraTrouble):
    cause = Cause.IMAGE_INVALID


class ImageOfAnotherDevice(CameraTrouble):
    cause = Cause.IMAGE_OF_ANOTHER_DEVICE


class SignatureMissing(CameraTrouble):
    cause = Cause.SIGNATURE_MISSING


class SignerUnknown(CameraTrouble):
    cause = Cause.SIGNER_UNKNOWN


class ImageUnavailable(CameraTrouble):
    cause = Cause.IMAGE_UNAVAILABLE


_OF_FIRMWARE: dict[Cause, type[CameraTrouble]] = {
    each.cause: each
    for each in (
        OlderVersion,
        VersionRevoked,
        Uncommitted,
        ImageInvalid,
        ImageOfAnotherDevice,
        SignatureMissing,
        SignerUnknown,
        Busy,
        ServerFailed,
    )
}


def firmware_trouble(refused: ApiRefused) -> CameraTrouble:
    """The cause that a code of the firmware API stands for; its text is for people only."""
    cause = BY_CODE.get(refused.code)
    return refused if cause is None else _OF_FIRMWARE[cause](refused.words)
