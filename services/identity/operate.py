"""Operator commands on accounts: `python -m services.identity.operate show ada@example.com`.

    grant-operator EMAIL         may bring in firmware, suppliers and all else of the installation
    revoke-operator EMAIL        may no longer, from the next request on
    disable-account EMAIL        ends its sessions and API tokens; nobody signs in to it
    enable-account EMAIL         its owner may sign in again
    reset-second-factors EMAIL   for a person who has lost them all; ends their sessions
    show EMAIL                   what support needs to know, as JSON; no secrets
    re-encrypt                   seals under the current key what stands under an older one
    purge                        drops what has expired; the audit is never purged

Each may be repeated. What is done, and each look at an account, is in the audit with the name of
the shell's user; disabling, enabling and resetting need a --reason, which is kept there too. The
exit status is 0 when it is done or there was nothing to do, 1 when it was refused, 2 when the
command or the configuration is wrong.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from chassis.config import Config, ConfigurationError
from chassis.context import CallContext, use
from chassis.secrets import SecretUnreadable
from chassis.service import Kit
from contracts.errors import Refusal
from services.identity.service import IdentityService

REASON_MOST = 80
_USER_MOST = 30


def _changes(change: Callable[[IdentityService, str, str], bool]) -> Command:
    return lambda identity, email, why: (
        "done" if change(identity, email, why) else "nothing to change"
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


# By name, what each says on stdout when it is done; `why` goes to the audit.
Command = Callable[[IdentityService, str, str], str]
ON_ACCOUNTS: Mapping[str, Command] = {
    "grant-operator": _changes(
        lambda identity, email, why: identity.set_operator(email, is_operator=True, why=why)
    ),
    "revoke-operator": _changes(
        lambda identity, email, why: identity.set_operator(email, is_operator=False, why=why)
    ),
    "disable-account": _changes(
        lambda identity, email, why: identity.disable_account(email, why=why)
    ),
    "enable-account": _changes(
        lambda identity, email, why: identity.enable_account(email, why=why)
    ),
    "forget-failures": _changes(
        lambda identity, email, why: identity.forget_failures(email, why=why)
    ),
    "reset-second-factors": _changes(
        lambda identity, email, why: identity.reset_second_factors(email, why=why)
    ),
    "show": lambda identity, email, why: json.dumps(
        identity.show_account(email, why=why), default=_plain, ensure_ascii=False, indent=2
    ),
}
ON_EVERYTHING: Mapping[str, Command] = {
    "re-encrypt": lambda identity, _email, why: (
        f"{identity.reseal(why=why)} sealed under the key {identity.kit.box.current}"
    ),
    "purge": lambda identity, _email, why: (
        f"{identity.purge(why=why)} rows dropped; the audit is append-only and stays whole"
    ),
}
NEED_A_REASON = frozenset(
    {"disable-account", "enable-account", "forget-failures", "reset-second-factors"}
)


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        kit = Kit(IdentityService, Config.load())
    except (ConfigurationError, ValueError) as error:
        print(f"not done: {error}", file=sys.stderr)  # noqa: T201 a command speaks
        return 2
    return carry_out(kit, chosen.command, chosen.email, chosen.reason or "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.identity.operate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in (*ON_ACCOUNTS, *ON_EVERYTHING):
        command = commands.add_parser(name)
        command.set_defaults(email="")
        if name in ON_ACCOUNTS:
            command.add_argument("email", help="of a verified account")
        command.add_argument(
            "--reason",
            type=_reason,
            required=name in NEED_A_REASON,
            help=f"such as a ticket's number; at most {REASON_MOST} characters, kept in the audit",
        )
    return parser


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason or len(reason) > REASON_MOST or not reason.isprintable():
        raise argparse.ArgumentTypeError(f"say why in 1 to {REASON_MOST} printable characters")
    return reason


def carry_out(kit: Kit, command: str, email: str = "", reason: str = "") -> int:
    """The exit status: 0 also where there was nothing to change."""
    context = CallContext(request_id=str(uuid4()))
    identity = IdentityService()
    kit.equip(identity, context)
    identity.acting_as = "operator"
    by = f"by {getpass.getuser()[:_USER_MOST]}"
    why = f"{by}: {reason}" if reason else by
    try:
        with use(context):
            said = {**ON_ACCOUNTS, **ON_EVERYTHING}[command](identity, email, why)
    except Refusal as refusal:
        print(f"not done: {refusal.detail}", file=sys.stderr)  # noqa: T201 a command speaks
        return 1
    except SecretUnreadable as error:
        print(f"not done: {error}", file=sys.stderr)  # noqa: T201 a command speaks
        return 2
    print(said)  # noqa: T201 a command speaks
    return 0


if __name__ == "__main__":
    sys.exit(main())
