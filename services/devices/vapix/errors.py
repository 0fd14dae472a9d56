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


class SignInUnsafe(CameraTrouble):
    cause = Cause.SIGN_IN_UNSAFE


class Unsupported(CameraTrouble):
    cause = Cause.UNSUPPORTED


class RequestRefused(CameraTrouble):
    cause = Cause.REQUEST_REFUSED


class ImageUnavailable(CameraTrouble):
    cause = Cause.IMAGE_UNAVAILABLE


class ApiRefused(CameraTrouble):
    """The camera answered with an error code of its own."""

    def __init__(self, code: int, message: str, cause: Cause) -> None:
        super().__init__(f"The camera answered {code}: {message[:200]}")
        self.code = code
        # One class carries all codes of the firmware API; the cause is the code's.
        self.cause = cause  # type: ignore[misc]


def firmware_refused(code: int, message: str) -> ApiRefused:
    return ApiRefused(code, message, BY_CODE.get(code, Cause.REQUEST_REFUSED))
