"""param.cgi: the parameters as lines of text, asked for by group."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from aiohttp import web

from simulator.call import Call, text_answer
from simulator.camera import Camera
from simulator.parameters import READ_ONLY, parameters
from simulator.settings import Role


async def answer_call(call: Call) -> web.Response:
    arguments = await call.arguments()
    action = arguments.pop("action", "list")
    if action == "list":
        call.require(Role.VIEWER)
        return text_answer(_listed(parameters(call.camera), arguments.get("group", "root")))
    call.require(Role.ADMIN)
    if action == "update":
        return text_answer(_updated(call.camera, arguments))
    return text_answer("# Error: malformed action operation\n")


def _listed(known: Mapping[str, str], groups: str) -> str:
    """The names echo the form they were asked for in, with or without `root.`."""
    lines = []
    for group in groups.split(","):
        prefix = "root." if group == "root" or group.startswith("root.") else ""
        wanted = group.removeprefix("root").removeprefix(".").removesuffix(".*")
        found = [name for name in known if _is_in(name, wanted)]
        if not found:
            lines.append(f"# Error: Error -1 getting param in group '{group}'")
        lines += [f"{prefix}{name}={known[name]}" for name in found]
    return "\n".join(lines) + "\n"


def _is_in(name: str, group: str) -> bool:
    if group == "":
        return True
    return fnmatchcase(name, group) or fnmatchcase(name, f"{group}.*")


def _updated(camera: Camera, arguments: Mapping[str, str]) -> str:
    known = parameters(camera)
    wanted = {name.removeprefix("root."): value for name, value in arguments.items()}
    refused = [name for name in wanted if name not in known or name.startswith(READ_ONLY)]
    if refused:
        lines = (f"# Error: Error setting 'root.{name}' to '{wanted[name]}'!" for name in refused)
        return "\n".join(lines) + "\n"
    camera.settings = camera.settings.with_parameters(wanted)
    return "OK"
