"""What operators do in licensing: `python -m services.licensing.operate COMMAND`.

    show ORGANIZATION_ID                         how it stands, what it holds, its latest history
    prove ORGANIZATION_ID                        its history is as it was written
    replay ORGANIZATION_ID [--into URL]          carried out again, its history comes out the same
    unlock-redeeming ORGANIZATION_ID             after a hundred wrong keys
    revoke-key KEY --reason WHY                  end a key nobody redeemed, by its id or last five
    reverse ORGANIZATION_ID NUMBER --reason WHY  undo a redemption or an allocation of its history
    replace-system ORGANIZATION_ID OLD NEW       hand the licenses of broken hardware over
    accept-system-file ORGANIZATION_ID PRODUCT FILE --reason WHY
                                                 though the system's key or hardware changed
    supplier-key SUPPLIER_ID (KEY | --none) --reason WHY
                                                 believe the vouchers that this key signed
    catalogue FILE [--dry-run]                   add products and license types, or extend them

What is changed is in licensing's audit, and what concerns an organization in its history, with the
name of the shell's user and the --reason. The exit status is 0 when it is done, 1 when it was
refused or a proof failed, 2 when the command is wrong.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid4

from chassis.config import Config
from chassis.context import CallContext, use
from chassis.service import Kit
from contracts.errors import Refusal
from services.licensing.operate.catalogue import extend_catalogue
from services.licensing.operate.changes import (
    accept_system_file,
    enter_supplier_key,
    reverse,
    revoke_key,
    unlock_redeeming,
)
from services.licensing.operate.history import prove, replay, show
from services.licensing.service import LicensingService, replacing

__all__ = ["carry_out", "main", "prove", "unlock_redeeming"]

_USER_MOST = 30
_REASON_MOST = 80
_PUBLIC_KEY_BYTES = 32
_Chosen = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    return carry_out(Kit(LicensingService, Config.load()), chosen)


def carry_out(kit: Kit, chosen: _Chosen) -> int:
    licensing = LicensingService()
    kit.equip(licensing, CallContext(request_id=str(uuid4())))
    try:
        with use(licensing.context):
            return _COMMANDS[chosen.command](licensing, chosen)
    except Refusal as refusal:
        sys.stderr.write(f"not done: {refusal.detail}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.licensing.operate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = {name: commands.add_parser(name) for name in _COMMANDS}
    for name in ("show", "prove", "replay", "unlock-redeeming", "reverse"):
        named[name].add_argument("organization_id", type=UUID)
    named["replay"].add_argument(
        "--into", metavar="URL", help="an empty database; else one in a temporary file"
    )
    named["revoke-key"].add_argument("key", type=_key, help="its id, or its last five symbols")
    named["reverse"].add_argument("number", type=int, help="of the entry of the history")
    named["catalogue"].add_argument("file", type=Path)
    named["catalogue"].add_argument("--dry-run", action="store_true", help="say what would change")
    replacing.add_arguments(named[replacing.NAME])
    named["accept-system-file"].add_argument("organization_id", type=UUID)
    named["accept-system-file"].add_argument("product")
    named["accept-system-file"].add_argument("file", type=Path)
    named["supplier-key"].add_argument("supplier_id", type=UUID)
    which = named["supplier-key"].add_mutually_exclusive_group(required=True)
    which.add_argument("public_key", nargs="?", type=_public_key, help="64 hexadecimal digits")
    which.add_argument("--none", action="store_true", help="believe no voucher any more")
    for name in ("revoke-key", "reverse", "accept-system-file", "supplier-key"):
        named[name].add_argument("--reason", required=True, help="such as a ticket's number")
    return parser


def _key(text: str) -> UUID | str:
    return text.upper() if len(text) == 5 else UUID(text)


def _public_key(text: str) -> str:
    if len(bytes.fromhex(text)) != _PUBLIC_KEY_BYTES:
        raise ValueError
    return text.lower()


def _why(chosen: _Chosen) -> str:
    return f"by {getpass.getuser()[:_USER_MOST]}: {chosen.reason[:_REASON_MOST]}"


def _told(line: str) -> int:
    sys.stdout.write(f"done\n{line}\n")
    return 0


_COMMANDS: Mapping[str, Callable[[LicensingService, _Chosen], int]] = {
    "show": lambda licensing, chosen: show(licensing, chosen.organization_id),
    "prove": lambda licensing, chosen: prove(licensing.db, chosen.organization_id),
    "replay": lambda licensing, chosen: replay(licensing.kit, chosen.organization_id, chosen.into),
    "unlock-redeeming": lambda licensing, chosen: unlock_redeeming(
        licensing.db, chosen.organization_id, licensing.clock.now()
    ),
    "revoke-key": lambda licensing, chosen: revoke_key(licensing, chosen.key, _why(chosen)),
    "reverse": lambda licensing, chosen: reverse(
        licensing, chosen.organization_id, chosen.number, _why(chosen)
    ),
    replacing.NAME: lambda licensing, chosen: _told(replacing.carry_out(licensing.kit, chosen)),
    "accept-system-file": lambda licensing, chosen: accept_system_file(
        licensing, chosen.organization_id, chosen.product, chosen.file, _why(chosen)
    ),
    "supplier-key": lambda licensing, chosen: enter_supplier_key(
        licensing, chosen.supplier_id, chosen.public_key, _why(chosen)
    ),
    "catalogue": lambda licensing, chosen: extend_catalogue(
        licensing, chosen.file, is_rehearsal=chosen.dry_run
    ),
}
