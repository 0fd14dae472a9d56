"""What the mails about licenses say in English."""

from __future__ import annotations

from collections.abc import Mapping

from services.identity.mail.texts import Kind, Text

_SEE = "This page shows the licenses of the product:"
_WHY = "You get this mail because you are an owner or admin of the organization."

TEXTS: Mapping[Kind, Text] = {
    Kind.RENEWAL_NEAR: Text(
        "A subscription on {service} reaches its renewal date soon",
        (
            (
                "The subscription of “{product}” in the organization “{organization}” reaches its "
                "renewal date in {days}, on {on}."
            ),
            (
                "The subscription year that begins on that day needs licenses again. You can allocate "
                "them now, or in the grace period that begins with the year. If they are allocated "
                "already, there is nothing to do."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GRACE_STARTED: Text(
        "A grace period has begun on {service}",
        (
            (
                "A grace period has begun for “{product}” in the organization “{organization}”. Its "
                "last day is {on}."
            ),
            (
                "Until then the product can be used without licenses. Allocate as many as the current "
                "need says before that day is over. If the wallet holds too few, redeem a license key "
                "first."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GRACE_ENDING: Text(
        "A grace period ends soon on {service}",
        (
            (
                "The last day of the grace period of “{product}” in the organization "
                "“{organization}” comes in {days}, on {on}."
            ),
            (
                "Licenses for the current subscription year are still missing. If they are not "
                "allocated by then, the product is unlicensed from the next day on."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.UNLICENSED: Text(
        "A product on {service} is unlicensed",
        (
            (
                "“{product}” in the organization “{organization}” is unlicensed: its grace period is "
                "over, and the licenses that are allocated do not cover the current need."
            ),
            (
                "Allocate the licenses that are missing, and it is licensed again at once. Until then "
                "the product may block viewing and settings. Recording goes on."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GROWTH_NEAR: Text(
        "Growth of a product on {service} comes near its limit",
        (
            (
                "Within a subscription year a product may grow by as many licenses as are allocated to "
                "it. “{product}” in the organization “{organization}” has used most of that."
            ),
            (
                "There is nothing to do now: what it has grown by is needed at the next renewal. If it "
                "grows beyond the limit, more licenses have to be allocated to the current "
                "subscription year."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GROWTH_EXCEEDED: Text(
        "Growth of a product on {service} is beyond its limit",
        (
            (
                "“{product}” in the organization “{organization}” needs more than twice the licenses "
                "that are allocated to it. That is more growth than one subscription year allows."
            ),
            (
                "Allocate more licenses to the current subscription year. If nobody does, the product "
                "may after some time refuse to add devices."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.LICENSES_EXPIRING: Text(
        "Licenses in a wallet on {service} expire soon",
        (
            (
                "In the wallet of “{product}” in the organization “{organization}”, {licenses} will "
                "expire in {days}, on {on}."
            ),
            (
                "From that day on they cannot be allocated any more. Allocate them before; a coming "
                "subscription year will do as well. Licenses that are allocated by then are not "
                "affected."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.LICENSES_RETURNED: Text(
        "Licenses came back into a wallet on {service}",
        (
            ("The wallet of “{product}” in the organization “{organization}” got {licenses} back."),
            (
                "This is the compensation for days of a subscription year that were over when licenses "
                "were allocated to it. What came back can be allocated like any other license. There "
                "is nothing to do."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.REDEEMING_LOCKED: Text(
        "Redeeming license keys was locked on {service}",
        (
            (
                "Too many wrong license keys in a row were entered in the organization "
                "“{organization}”. Redeeming license keys was therefore locked for all of it. "
                "Everything else works as before."
            ),
            (
                "Check the keys with your supplier, then ask the operators of this installation to "
                "unlock redeeming."
            ),
            (
                "Only owners and admins of the organization can redeem. If none of you entered the "
                "keys, somebody may be using the account of one of you: check who is an owner or admin, "
                "and change your passwords."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
}
