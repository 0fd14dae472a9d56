"""Operator commands on accounts: `python -m services.identity.operate grant-operator EMAIL`.

    grant-operator EMAIL        may bring in firmware, suppliers and all else of the installation
    revoke-operator EMAIL       may no longer, from the next request on
    remove-authenticator EMAIL  for a person who has lost theirs; ends their sessions

Each change is in the audit, with the name of the shell's user.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from uuid import uuid4

from chassis.config import Config, ConfigurationError
from chassis.context import CallContext, use
from chassis.service import Kit
from contracts.errors import Refusal
from services.identity.service import IdentityService

Command = Callable[[IdentityService, str, str], bool]

COMMANDS: dict[str, Command] = {
    "grant-operator": lambda identity, email, by: identity.set_operator(
        email, is_operator=True, by=by
    ),
    "revoke-operator": lambda identity, email, by: identity.set_operator(
        email, is_operator=False, by=by
    ),
    "remove-authenticator": lambda identity, email, by: identity.remove_authenticator(email, by=by),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m services.identity.operate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("email", help="of a verified account")
    chosen = parser.parse_args(arguments)
    try:
        kit = Kit(IdentityService, Config.load())
    except (ConfigurationError, ValueError) as error:
        print(f"not done: {error}", file=sys.stderr)  # noqa: T201 a command speaks
        return 2
    return carry_out(kit, chosen.command, chosen.email)


def carry_out(kit: Kit, command: str, email: str) -> int:
    """The exit status: 0 also where there was nothing to change."""
    context = CallContext(request_id=str(uuid4()))
    identity = IdentityService()
    kit.equip(identity, context)
    try:
        with use(context):
            changed = COMMANDS[command](identity, email, getpass.getuser())
    except Refusal as refusal:
        print(f"not done: {refusal.detail}", file=sys.stderr)  # noqa: T201 a command speaks
        return 1
    print("done" if changed else "nothing to change")  # noqa: T201 a command speaks
    return 0


if __name__ == "__main__":
    sys.exit(main())
