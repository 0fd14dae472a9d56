"""pwdgrp.cgi: the users of a camera; the first one is created by anybody, once.

It answers errors as text with status 200 and has no codes for them, so that here, and only here,
texts are compared. Arguments travel in the body: an address ends up in logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.devices.domain.device import Credentials
from services.devices.vapix import basicdeviceinfo
from services.devices.vapix.errors import (
    AnswerUnreadable,
    CredentialsRefused,
    FirstUserRefused,
    PasswordUnfit,
    RequestRefused,
    UserExists,
    UserNameRefused,
)
from services.devices.vapix.session import Session

PATH = "/axis-cgi/pwdgrp.cgi"
OWN_PATH = "/axis-cgi/usergroup.cgi"
_NAME = re.compile(r"[A-Za-z0-9]{1,14}")
_PASSWORD = re.compile(r"[\x20-\x7e]{1,64}")
_LINE = re.compile(r'([\w-]+)="?([^"]*)"?')
_DONE = re.compile(r"(Created|Modified|Removed)( the)? account ")
_REFUSED: Mapping[str, tuple[type[RequestRefused], str]] = {
    "Error: this user name already exists": (UserExists, "A user of this name exists."),
    "Error: invalid password": (PasswordUnfit, "The camera takes no such password."),
    "Error: account user name": (UserNameRefused, "The camera knows or takes no such user."),
}


class Role(StrEnum):
    """Each may what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


_GROUPS = {
    Role.VIEWER: "viewer",
    Role.OPERATOR: "operator:viewer",
    Role.ADMIN: "admin:operator:viewer",
}


@dataclass(frozen=True)
class User:
    name: str
    role: Role | None
    has_ptz: bool


def create_first(session: Session, user: Credentials) -> None:
    """The administrator of a camera without any; it asks nobody to sign in for that.

    Which camera it is is asked before the password leaves.

    :raises FirstUserRefused: before AXIS OS 11.5 the name must be root.
    :raises CredentialsRefused: the camera has a user already.
    """
    _require_fit(user)
    basicdeviceinfo.recognize(session)
    fields = {
        "action": "add",
        "user": user.user,
        "pwd": user.password,
        "grp": "root" if user.user == "root" else "users",
        "sgrp": _groups(Role.ADMIN, has_ptz=True),
    }
    answer = session.anonymous_form(PATH, fields)
    if answer.needs_setup:
        raise FirstUserRefused("The camera does not take this user as its first one.")
    if answer.status == 401:
        raise CredentialsRefused("The camera has a user already.")
    _require_done(answer.text())


def add(session: Session, user: Credentials, role: Role, *, has_ptz: bool) -> None:
    """:raises UserExists: and ``PasswordUnfit``, ``UserNameRefused``."""
    _require_fit(user)
    fields = {
        "action": "add",
        "user": user.user,
        "pwd": user.password,
        "grp": "users",
        "sgrp": _groups(role, has_ptz=has_ptz),
        "strict_pwd": "1",
    }
    _require_done(session.form(PATH, fields))


def set_password(session: Session, user: Credentials) -> None:
    """:raises UserNameRefused: there is no such user."""
    _require_fit(user)
    fields = {"action": "update", "user": user.user, "pwd": user.password, "strict_pwd": "1"}
    _require_done(session.form(PATH, fields))


def set_role(session: Session, name: str, role: Role, *, has_ptz: bool) -> None:
    """:raises UserNameRefused: there is no such user."""
    fields = {"action": "update", "user": name, "sgrp": _groups(role, has_ptz=has_ptz)}
    _require_done(session.form(PATH, fields))


def remove(session: Session, name: str) -> None:
    """:raises UserNameRefused: there is no such user, or it has to stay."""
    _require_done(session.form(PATH, {"action": "remove", "user": name}))


def users(session: Session) -> tuple[User, ...]:
    """People's accounts; before AXIS OS 11 those of the camera's own services are listed too."""
    text = session.form(PATH, {"action": "get"})
    groups = {
        found[1]: [name for name in found[2].split(",") if name]
        for found in map(_LINE.fullmatch, text.splitlines())
        if found
    }
    if "digusers" not in groups:
        _require_done(text)
        raise AnswerUnreadable("The camera's answer cannot be read.")
    return tuple(
        User(
            name=name,
            role=next((role for role in reversed(Role) if name in groups.get(role, ())), None),
            has_ptz=name in groups.get("ptz", ()),
        )
        for name in groups["digusers"]
        if _NAME.fullmatch(name)
    )


def own_role(session: Session) -> Role | None:
    """Of the user that signs in here, by which nobody locks themselves out."""
    groups = session.get(OWN_PATH).plain().split()[1:]
    return next((role for role in reversed(Role) if role in groups), None)


def _groups(role: Role, *, has_ptz: bool) -> str:
    return f"{_GROUPS[role]}:ptz" if has_ptz else _GROUPS[role]


def _require_fit(user: Credentials) -> None:
    if not _NAME.fullmatch(user.user):
        raise UserNameRefused("A camera's user has up to 14 letters and digits.")
    if not _PASSWORD.fullmatch(user.password):
        raise PasswordUnfit("A camera's password has up to 64 letters, digits and signs of ASCII.")


def _require_done(text: str) -> None:
    if _DONE.search(text):
        return
    for beginning, (trouble, words) in _REFUSED.items():
        if beginning in text:
            raise trouble(words)
    if "Error:" in text:
        raise RequestRefused("The camera refuses the change of its users.")
    raise AnswerUnreadable("The camera's answer cannot be read.")
