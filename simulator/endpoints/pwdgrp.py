"""pwdgrp.cgi: the accounts; the first one is created by anybody, once."""

import re
from dataclasses import replace
from typing import Final

from aiohttp import web

from simulator.call import Call, SignInRequired, html_answer, text_answer
from simulator.camera import Camera
from simulator.releases import any_initial_user_name, release
from simulator.settings import Role, User

NAME: Final = re.compile(r"[A-Za-z0-9]{1,14}")
PASSWORD: Final = re.compile(r"[\x20-\x7e]{1,64}")
ROLES: Final = {"admin": Role.ADMIN, "operator": Role.OPERATOR, "viewer": Role.VIEWER}
# Old cameras list the accounts of their services among the people.
SERVICE_GROUPS: Final = (
    "root=", "daemon=", "wheel=root", "video=vftpd,rtsp", "addon=www,sdk", "ssh=", "optics=imaged",
)  # fmt: skip


class AccountRefused(Exception):
    """Said in the page, with HTTP 200."""


async def answer_call(call: Call) -> web.Response:
    arguments = await call.arguments()
    camera = call.camera
    try:
        if camera.settings.needs_setup:
            text = _set_up(camera, arguments)
        else:
            call.require(Role.ADMIN)
            if arguments.get("action") == "get":
                return text_answer(_listed(camera))
            text = _changed(camera, arguments)
    except AccountRefused as refusal:
        text = str(refusal)
    return html_answer("User accounts", text)


def _set_up(camera: Camera, arguments: dict[str, str]) -> str:
    if arguments.get("action") != "add":
        raise SignInRequired("Error: initial admin user must be created first.")
    groups = set(arguments.get("sgrp", "").split(":"))
    is_name_free = any_initial_user_name(camera.version)
    is_named_well = is_name_free or (
        arguments.get("user") == "root" and not arguments.get("comment")
    )
    if not is_named_well or not {"admin", "ptz"} <= groups:
        raise SignInRequired("Error: not a valid initial admin user.")
    return _add(camera, arguments)


def _changed(camera: Camera, arguments: dict[str, str]) -> str:
    action = arguments.get("action", "")
    if action == "add":
        if arguments.get("grp", "users") != "users":
            raise AccountRefused("Error: malformed action operation, add.")
        return _add(camera, arguments)
    if action == "update":
        return _update(camera, arguments)
    if action == "remove":
        return _remove(camera, arguments)
    raise AccountRefused("Error: action operation type.")


def _add(camera: Camera, arguments: dict[str, str]) -> str:
    name = arguments.get("user", "")
    if NAME.fullmatch(name) is None:
        raise AccountRefused("Error: account user name.")
    if name in camera.settings.users:
        raise AccountRefused("Error: this user name already exists, consult the system log file.")
    role, has_ptz = _groups(arguments.get("sgrp", ""), "add")
    user = User(
        name=name,
        password=_password(arguments.get("pwd", "")),
        role=role,
        has_ptz=has_ptz,
        comment=arguments.get("comment", ""),
    )
    camera.settings = camera.settings.with_user(user)
    return f"Created account {name}."


def _update(camera: Camera, arguments: dict[str, str]) -> str:
    user = _known(camera, arguments)
    if "pwd" in arguments:
        user = replace(user, password=_password(arguments["pwd"]))
    if "sgrp" in arguments:
        role, has_ptz = _groups(arguments["sgrp"], "update")
        user = replace(user, role=role, has_ptz=has_ptz)
    if "comment" in arguments:
        user = replace(user, comment=arguments["comment"])
    camera.settings = camera.settings.with_user(user)
    return f"Modified account {user.name}."


def _remove(camera: Camera, arguments: dict[str, str]) -> str:
    user = _known(camera, arguments)
    is_kept = user.name == "root" and not any_initial_user_name(camera.version)
    others = camera.settings.without_user(user.name)
    if is_kept or not any(other.role is Role.ADMIN for other in others.users.values()):
        raise AccountRefused("Error: account user name.")
    camera.settings = others
    return f"Removed account {user.name}."


def _known(camera: Camera, arguments: dict[str, str]) -> User:
    user = camera.settings.users.get(arguments.get("user", ""))
    if user is None:
        raise AccountRefused("Error: account user name.")
    return user


def _password(text: str) -> str:
    if PASSWORD.fullmatch(text) is None:
        raise AccountRefused("Error: invalid password.")
    return text


def _groups(sgrp: str, action: str) -> tuple[Role, bool]:
    groups = set(sgrp.split(":"))
    roles = [ROLES[group] for group in groups if group in ROLES]
    if not roles or groups - ROLES.keys() - {"ptz"}:
        raise AccountRefused(f"Error: malformed action operation, {action}.")
    return max(roles), "ptz" in groups


def _listed(camera: Camera) -> str:
    users = camera.settings.users.values()
    members = {
        "admin": [user.name for user in users if user.role >= Role.ADMIN],
        "operator": [user.name for user in users if user.role >= Role.OPERATOR],
        "viewer": [user.name for user in users if user.role >= Role.VIEWER],
        "ptz": [user.name for user in users if user.has_ptz],
        "digusers": [user.name for user in users],
    }
    if release(camera.version) >= (11,):
        lines = [f'{group}="{",".join(names)}"' for group, names in members.items()]
    else:
        lines = list(SERVICE_GROUPS)
        lines += [f"{group}={','.join(['www', *names])}" for group, names in members.items()]
    return "\n".join(lines) + "\n"
