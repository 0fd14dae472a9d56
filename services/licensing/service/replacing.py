"""`replace-system`, one of the commands of `services.licensing.operate`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from chassis.context import CallContext, use
from chassis.service import Kit
from services.licensing.service import LicensingService

NAME = "replace-system"
HELP = "hand the licenses of a system that broke to the one registered in its place"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("organization_id", type=UUID)
    command.add_argument("old", type=UUID, help="the system that broke")
    command.add_argument("new", type=UUID, help="the one in its place, registered already")


def carry_out(kit: Kit, chosen: argparse.Namespace) -> str:
    """What was done, in a line for the operator.

    :raises contracts.errors.Refusal: nothing was.
    """
    told = replace_system(kit, chosen.organization_id, chosen.old, chosen.new)
    moved = ", ".join(f"{n} of type {code}" for code, n in told["moved"].items()) or "none"
    ended = ", ".join(f"{n} of type {code}" for code, n in told["ended"].items())
    return f"licenses moved: {moved}" + (f"; tied to both, and so ended: {ended}" if ended else "")


def replace_system(kit: Kit, organization_id: UUID, old: UUID, new: UUID) -> Mapping[str, Any]:
    service = LicensingService()
    kit.equip(service, CallContext(request_id=str(uuid4())))
    with use(service.context):
        return service.replace_licensed_system(organization_id, old, new)
