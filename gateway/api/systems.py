"""Connected systems over HTTP."""

from __future__ import annotations

from contracts.access import Permission
from contracts.devices import MoveReport
from contracts.systems import (
    AddSystem,
    ListSystems,
    MoveSystem,
    MoveSystems,
    SystemOne,
    SystemPage,
    SystemView,
    UpdateSystem,
)
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

SYSTEMS = "/organizations/<uuid:organization_id>/systems"
SYSTEM = f"{SYSTEMS}/<uuid:system_id>"

blueprint = Blueprint(
    "systems", description="Camera stations and body worn systems connected to an organization."
)


@blueprint.operation(
    "POST",
    SYSTEMS,
    needs=Permission.DEVICE_MANAGE,
    takes=AddSystem,
    gives=SystemView,
    status=201,
    location="/organizations/{organization_id}/systems/{id}",
    idempotent=True,
    problems=(404, 409),
)
def add_system(payload: Payload) -> Reply:
    """Add a connected system to a folder.

    Needs `device:manage` on the folder. It goes with its folder when that is deleted.
    """
    return rpc.call("devices", "add_system", payload)


@blueprint.operation(
    "GET",
    SYSTEMS,
    needs=Permission.SERVER_MONITOR,
    takes=ListSystems,
    gives=SystemPage,
    problems=(404,),
)
def list_systems(payload: Payload) -> Reply:
    """The connected systems whose folders the caller monitors, by name."""
    return rpc.call("devices", "list_systems", payload, read=True)


@blueprint.operation(
    "GET",
    SYSTEM,
    needs=Permission.SERVER_MONITOR,
    takes=SystemOne,
    gives=SystemView,
    problems=(404,),
)
def get_system(payload: Payload) -> Reply:
    """One connected system."""
    return rpc.call("devices", "get_system", payload, read=True)


@blueprint.operation(
    "PATCH",
    SYSTEM,
    needs=Permission.DEVICE_MANAGE,
    takes=UpdateSystem,
    gives=SystemView,
    problems=(404,),
)
def update_system(payload: Payload) -> Reply:
    """Change the name or the address of a connected system.

    Needs `device:manage` on its folder.
    """
    return rpc.call("devices", "update_system", payload)


@blueprint.operation(
    "DELETE",
    SYSTEM,
    needs=Permission.DEVICE_MANAGE,
    takes=SystemOne,
    status=204,
    problems=(404,),
)
def remove_system(payload: Payload) -> Reply:
    """Remove a connected system from the organization.

    Needs `device:manage` on its folder. Nothing happens at the system itself.
    """
    return rpc.call("devices", "remove_system", payload)


@blueprint.operation(
    "POST",
    f"{SYSTEM}/move",
    needs=Permission.DEVICE_MANAGE,
    takes=MoveSystem,
    gives=SystemView,
    problems=(404,),
)
def move_system(payload: Payload) -> Reply:
    """Put a connected system into another folder of the organization.

    Needs `device:manage` on the folder it is in and on the one it goes to.
    """
    return rpc.call("devices", "move_system", payload)


@blueprint.operation(
    "POST",
    f"{SYSTEMS}/move",
    needs=Permission.DEVICE_MANAGE,
    takes=MoveSystems,
    gives=MoveReport,
    problems=(404,),
)
def move_systems(payload: Payload) -> Reply:
    """Put up to 200 connected systems into another folder of the organization.

    Each is answered for itself. Needs `device:manage`, as for one.
    """
    return rpc.call("devices", "move_systems", payload)
