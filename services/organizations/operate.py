"""Operator commands on organizations: `python -m services.organizations.operate ownerless`.

    ownerless                                   list those that lost their last owner
    appoint-owner ORGANIZATION_ID ACCOUNT_ID    make one of the members of such a one its owner

An appointment is in the organization's audit, with the name of the shell's user and the --reason.
The exit status is 0 when it is done, 1 when it was refused, 2 when the command is wrong.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from uuid import UUID, uuid4

from chassis.config import Config
from chassis.context import CallContext, use
from chassis.service import Kit
from contracts.errors import Refusal
from services.organizations.service import OrganizationsService

_USER_MOST = 30
_REASON_MOST = 80


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m services.organizations.operate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("ownerless")
    appointing = commands.add_parser("appoint-owner")
    appointing.add_argument("organization_id", type=UUID)
    appointing.add_argument("account_id", type=UUID)
    appointing.add_argument("--reason", required=True, help="such as a ticket's number")
    chosen = parser.parse_args(arguments)
    kit = Kit(OrganizationsService, Config.load())
    if chosen.command == "ownerless":
        return ownerless(kit)
    return appoint(kit, chosen.organization_id, chosen.account_id, chosen.reason)


def ownerless(kit: Kit) -> int:
    for organization_id in _equipped(kit).ownerless_organizations():
        print(organization_id)  # noqa: T201 a command speaks
    return 0


def appoint(kit: Kit, organization_id: UUID, account_id: UUID, reason: str) -> int:
    organizations = _equipped(kit)
    why = f"by {getpass.getuser()[:_USER_MOST]}: {reason[:_REASON_MOST]}"
    try:
        with use(organizations.context):
            organizations.appoint_owner(organization_id, account_id, why=why)
    except Refusal as refusal:
        print(f"not done: {refusal.detail}", file=sys.stderr)  # noqa: T201 a command speaks
        return 1
    print("done")  # noqa: T201 a command speaks
    return 0


def _equipped(kit: Kit) -> OrganizationsService:
    organizations = OrganizationsService()
    kit.equip(organizations, CallContext(request_id=str(uuid4())))
    organizations.acting_as = "operator"
    return organizations


if __name__ == "__main__":
    sys.exit(main())
