"""Forms: what somebody typed, and what is wrong with it, as the page that is shown again says it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from werkzeug.exceptions import BadRequest

from contracts.errors import InvalidRequest, Refusal, StepUpRequired, Unauthenticated, Unavailable
from gateway import rpc
from gateway.console import frame
from gateway.console.words import LANGUAGES, Words
from gateway.console.words.frame import FRAME
from gateway.console.words.refusals import ANY_FIELD, FIELDS, REFUSALS
from gateway.problems import status_of

# What is typed in anew each time.
SECRETS = frozenset({"password", "current_password", "new_password", "code", "token"})
_WRONG_PASSWORD = "sign-in-refused"  # noqa: S105 the name of a refusal
# To which field a refusal belongs, where the page has it.
_FIELD_OF: Mapping[str, str] = {
    "code-refused": "code",
    "code-required": "code",
    "code-used": "code",
    "totp-out-of-sync": "code",
    "credentials-refused": "password",
    "password-unchanged": "password",
    "email-unchanged": "email",
    "already-member": "email",
    "api-token-name-taken": "name",
    "api-token-expiry": "days",
    "archiving-not-confirmed": "confirm_organization_id",
    "file-malformed": "file",
    "fingerprint-changed": "file",
    "folder-inside-itself": "parent_id",
    "folder-name-taken": "name",
    "folders-required": "folder_ids",
    "key-already-redeemed": "key",
    "key-expired": "key",
    "key-malformed": "key",
    "key-revoked": "key",
    "key-unknown": "key",
    "key-wrong-product": "key",
    "name-refused": "name",
    "owner-not-invitable": "requested_role",
    "ownership-proof-malformed": "ownership_proof",
    "ownership-proof-wrong": "ownership_proof",
    "password-breached": "password",
    "password-context": "password",
    "password-too-long": "password",
    "password-too-short": "password",
    "risk-not-confirmed": "confirm_risk",
    "signature-wrong": "file",
    "stale-system-file": "file",
    "system-file-from-future": "file",
    "system-file-too-old": "file",
    "system-key-changed": "file",
    "time-zone-unknown": "time_zone",
    "verification-password-refused": "password",
    "voucher-malformed": "key",
}


@dataclass(frozen=True)
class Form:
    """One form of a page; empty, or as it was sent and refused."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    refusal: str | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def shown(self, name: str) -> str:
        """What the field holds when the page is shown again."""
        return "" if name in SECRETS else self.values.get(name, "")

    def refused(self, refusal: Refusal, **renamed: str) -> Form:
        """The form with what is wrong with it.

        :param renamed: fields that have another name on this page: ``password="new_password"``.
        :raises Refusal: one that another page answers: the sign-in or session is over, or
            credentials have to be entered again.
        """
        is_over = isinstance(refusal, Unauthenticated) and refusal.code != _WRONG_PASSWORD
        if is_over or refusal.code == StepUpRequired.code:
            raise refusal
        problems = {}
        general = None
        if refusal.code == InvalidRequest.code:
            problems = {
                renamed.get(name, name): _field_words(name, detail)
                for name, detail in refusal.facts.items()
            }
        name = _FIELD_OF.get(refusal.code, "")
        name = renamed.get(name, name)
        if name in self.values:
            problems = {name: said(refusal)}
        elif not problems.keys() <= self.values.keys() or not problems:
            general = said(refusal)
        return Form(self.values, general, problems, status_of(refusal))


def sent(*names: str) -> Form:
    """The running request's form.

    :raises BadRequest: it holds a character that cannot be stored.
    """
    values = {name: request.form.get(name, "") for name in names}
    if any("\0" in value for value in values.values()):
        raise BadRequest("A text holds a character that cannot be stored.")
    return Form(values)


def said(refusal: Refusal) -> str:
    """Why, in the person's language; and when to try again."""
    language = frame.language()
    number = LANGUAGES.index(language)
    text = REFUSALS.get(refusal.code, ("", "", ""))[number]
    words = text.format_map({"least": "", "most": "", **refusal.facts}) or refusal.detail
    retry_after = refusal.facts.get("retry_after", "")
    if not retry_after.isdecimal():
        return words
    # Japanese sentences follow one another without a space.
    between = "" if language == "ja" else " "
    return f"{words}{between}{waiting(int(retry_after))}"


def least_password() -> int | None:
    """Characters a password has at least; None where identity is away, and the hint with it."""
    try:
        rule = rpc.call("identity", "get_password_rule", {}, read=True)
    except Unavailable:
        return None
    return int(rule["least"])


def waiting(seconds: int, words: Words = FRAME, name: str = "retry") -> str:
    """When to try again, rounded up.

    :param name: of the words, which are ``<name>_seconds``, ``<name>_minutes``, ``<name>_hours``.
    """
    own = words[frame.language()]
    if seconds < 120:
        # Never one: then the words would be others.
        return own[f"{name}_seconds"].format(count=max(2, seconds))
    if seconds < 7200:
        return own[f"{name}_minutes"].format(count=math.ceil(seconds / 60))
    return own[f"{name}_hours"].format(count=math.ceil(seconds / 3600))


def _field_words(name: str, detail: str) -> str:
    return FIELDS.get(name, ANY_FIELD)[LANGUAGES.index(frame.language())] or detail
