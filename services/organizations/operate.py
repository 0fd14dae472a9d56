"""Operator commands on organizations: `python -m services.organizations.operate ownerless`.

    ownerless                                   list those that lost their last owner
    appoint-owner ORGANIZATION_ID ACCOUNT_ID    make one of the members of such a one its owner
    show ORGANIZATION_ID                        what it is, and how much is in it
    unarchive ORGANIZATION_ID                   bring an archived one back, without its licenses
    deletions ORGANIZATION_ID                   list the deletions of folders that can be undone
    restore-folders DELETION_ID                 undo one of them, without any grant

What is changed is in the organization's audit, with the name of the shell's user and the --reason.
The exit status is 0 when it is done, 1 when it was refused, 2 when the command is wrong.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from chassis.config import Config
from chassis.context import CallContext, use
from chassis.service import Kit
from contracts.errors import Refusal
from services.organizations.service import OrganizationsService

_USER_MOST = 30
_REASON_MOST = 80
# Command: the ids it takes. Those that change something take a reason, too.
_LOOKS = {"ownerless": (), "show": ("organization_id",), "deletions": ("organization_id",)}
_CHANGES = {
    "appoint-owner": ("organization_id", "account_id"),
    "unarchive": ("organization_id",),
    "restore-folders": ("deletion_id",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m services.organizations.operate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, ids in {**_LOOKS, **_CHANGES}.items():
        command = commands.add_parser(name)
        for each in ids:
            command.add_argument(each, type=UUID)
        if name in _CHANGES:
            command.add_argument("--reason", required=True, help="such as a ticket's number")
    chosen = vars(parser.parse_args(arguments))
    name, reason = chosen.pop("command"), chosen.pop("reason", "")
    return carry_out(
        Kit(OrganizationsService, Config.load()), name, *chosen.values(), reason=reason
    )


def carry_out(kit: Kit, command: str, *ids: UUID, reason: str = "") -> int:
    organizations = OrganizationsService()
    kit.equip(organizations, CallContext(request_id=str(uuid4())))
    organizations.acting_as = "operator"
    why = f"by {getpass.getuser()[:_USER_MOST]}: {reason[:_REASON_MOST]}"
    try:
        with use(organizations.context):
            for line in _said(organizations, command, ids, why):
                print(line)  # noqa: T201 a command speaks
    except Refusal as refusal:
        print(f"not done: {refusal.detail}", file=sys.stderr)  # noqa: T201 a command speaks
        return 1
    return 0


def _said(
    organizations: OrganizationsService, command: str, ids: Sequence[UUID], why: str
) -> Iterable[str]:
    match command:
        case "ownerless":
            return [str(each) for each in organizations.ownerless_organizations()]
        case "appoint-owner":
            organizations.appoint_owner(*ids, why=why)
            return ["done"]
        case "show":
            return _shown(organizations, *ids)
        case "unarchive":
            return _unarchived(organizations, *ids, why=why)
        case "deletions":
            return _listed(organizations, *ids)
        case "restore-folders":
            folder = organizations.restore_folders(*ids, why=why)
            return ["done", f"folder: {folder.id}", f"name: {folder.name}"]
    raise AssertionError(command)


def _shown(organizations: OrganizationsService, organization_id: UUID) -> Iterable[str]:
    found = organizations.overview(organization_id)
    yield f"name: {found.name}"
    yield f"status: {found.status}"
    yield f"created: {_moment(found.created_at)}"
    if found.archived_at is not None:
        yield f"archived: {_moment(found.archived_at)}"
    yield f"members need an authenticator: {'yes' if found.members_need_authenticator else 'no'}"
    for role, count in found.members.items():
        yield f"members, {role}: {count}"
    yield f"folders: {found.folders}"
    yield f"grants: {found.grants}"
    yield f"invitations that wait: {found.pending_invitations}"
    yield f"deletions that can be undone: {found.restorable_deletions}"
    yield f"epoch: {found.epoch}"


def _unarchived(
    organizations: OrganizationsService, organization_id: UUID, *, why: str
) -> Iterable[str]:
    organizations.unarchive(organization_id, why=why)
    yield "done"
    if organization_id in organizations.ownerless_organizations():
        yield "it has no owner: appoint one of its members (appoint-owner)"


def _listed(organizations: OrganizationsService, organization_id: UUID) -> Iterable[str]:
    organizations.overview(organization_id)
    for each in organizations.deletions(organization_id):
        if each.restored_at is None:
            state = f"can be undone until {_moment(each.forget_at)}"
        else:
            state = f"undone {_moment(each.restored_at)}"
        yield (
            f"{each.id}  {_moment(each.deleted_at)}  by {each.deleted_by}  "
            f"{each.folders} folders  {each.folder_name}  {state}"
        )


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


if __name__ == "__main__":
    sys.exit(main())
