"""pwdgrp.cgi: the accounts; the first one is created by anybody, once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web

from simulator.call import Call, SignInRequired, html_answer, text_answer
from simulator.camera import Camera
from simulator.releases import any_initial_user_name, release
from simulator.settings import Policy, Role, User

NAME: Final = re.compile(r"[A-Za-z0-9]{1,14}")
PASSWORD: Final = re.compile(r"[\x20-\x7e]{1,64}")
ROLES: Final = {"admin": Role.ADMIN, "operator": Role.OPERATOR, "viewer": Role.VIEWER}
# Old cameras list the accounts of their services among the people: each has a group of its own.
SERVICES: Final = (
    "actionengined", "addon", "addonmanagerconf", "anonymous", "api-discovery", "audioanalytics",
    "audioapi", "audiocontrol", "audiomixer", "capturemoded", "compute", "confcached", "crypto",
    "daemon", "debugar", "depd", "devicemanager", "diskmanager", "dynamic_overlayd", "environment",
    "event", "eventbridged", "eventconsumerd", "eventproducerd", "feature-flag", "geolocationd",
    "gpio", "gpu", "gtourd", "httpwdd", "iiodevices", "imaged", "ioboxd", "iod", "jpeg-streamer",
    "larod", "led", "legacymappings", "licensekey-manager", "light", "lldpd", "maskd", "mdio",
    "mediaclip", "messagebus", "metadata", "motion", "mqtt-client", "netd", "nogroup", "ntp",
    "ntpconfd", "optics", "overlay", "pipewire", "power", "product-info", "ptod", "ptzadm",
    "pwauth", "rotation", "ruleengined", "scheduled", "sdk", "sessioncgi", "shadow", "sipd",
    "snmpd", "ssh-users", "sshd", "stclient", "storage", "streamer", "syslog-ng", "systemlog",
    "systemmanager", "tampering", "template", "time-service", "tpm", "upnp", "users", "vdo",
    "video", "videoapi", "viewarea", "virtualinputd", "wsauth", "wsd", "wsdd", "www", "xved",
)  # fmt: skip
# What the web server runs as for each set of rights, and is itself a member for.
WEB_ACCOUNTS: Final = ("wwwa", "wwwao", "wwwaov", "wwwaovp", "wwwo", "wwwov", "wwwovp", "wwwv")


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


async def answer_own_groups(call: Call) -> web.Response:
    """usergroup.cgi: who asks, and what that account may do."""
    user = call.require(Role.VIEWER)
    groups = [name for name, role in ROLES.items() if role <= user.role]
    if user.has_ptz:
        groups.append("ptz")
    return text_answer(f"{user.name}\n{' '.join(groups)}\n")


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
        password=_password(camera, arguments.get("pwd", "")),
        role=role,
        has_ptz=has_ptz,
        comment=arguments.get("comment", ""),
    )
    camera.settings = camera.settings.with_user(user)
    return f"Created account {name}."


def _update(camera: Camera, arguments: dict[str, str]) -> str:
    user = _known(camera, arguments)
    if "pwd" in arguments:
        user = replace(user, password=_password(camera, arguments["pwd"]))
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


def _password(camera: Camera, text: str) -> str:
    is_enough = PASSPHRASES[camera.passphrase_policy](text)
    if PASSWORD.fullmatch(text) is None or not is_enough:
        raise AccountRefused("Error: invalid password.")
    return text


def _is_complex(text: str) -> bool:
    kinds = (str.isupper, str.islower, str.isdigit, lambda symbol: not symbol.isalnum())
    return len(text) >= 12 and all(any(map(kind, text)) for kind in kinds)


PASSPHRASES: Final[Mapping[Policy, Callable[[str], bool]]] = {
    Policy.NONE: lambda _: True,
    Policy.LENGTH: lambda text: len(text) >= 15,
    Policy.COMPLEX: _is_complex,
}


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
        lines = [f'{service}="{service}"' for service in SERVICES]
        for group, names in members.items():
            web = [account for account in WEB_ACCOUNTS if group[0] in account.removeprefix("www")]
            listed = names if group == "digusers" else [*web, *names]
            lines.append(f'{group}="{",".join(listed)}"')
    return "\n".join(lines) + "\n"
