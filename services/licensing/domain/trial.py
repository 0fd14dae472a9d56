"""Trial: full function for some days, once for each product of an organization (D-18, R43)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from contracts.errors import Conflict
from services.licensing.domain.calendar import DAY, AlreadyStarted
from services.licensing.domain.product import RegisteredProduct


class TrialNotOffered(Conflict):
    """The product has no trial."""

    code = "trial-not-offered"


class TrialAlreadyUsed(Conflict):
    """The organization's trial of the product runs, or is over."""

    code = "trial-already-used"


def begun(product: RegisteredProduct, today: date) -> RegisteredProduct:
    """:raises AlreadyStarted: the subscription has started, and no trial follows it.
    :raises TrialAlreadyUsed:
    :raises TrialNotOffered:
    """
    if product.started_on is not None:
        raise AlreadyStarted("The product's subscription has started before.")
    if product.trial_ends_on is not None:
        raise TrialAlreadyUsed(
            f"The trial began on {product.trial_started_on}; there is one for each product.",
            trial_started_on=product.trial_started_on,
            trial_ends_on=product.trial_ends_on,
        )
    if not product.trial_days:
        raise TrialNotOffered("This product is used with licenses from its first day on.")
    ends_on = today + product.trial_days * DAY
    return replace(product, trial_started_on=today, trial_ends_on=ends_on)


def may_begin(product: RegisteredProduct) -> bool:
    """Whether a system that is registered begins it (R43)."""
    return bool(product.trial_days) and product.started_on is None and product.trial_ends_on is None


def ended(product: RegisteredProduct, today: date) -> RegisteredProduct:
    """By the start of the subscription, where it was not over before."""
    if product.trial_ends_on is None:
        return product
    return replace(product, trial_ends_on=min(product.trial_ends_on, today))
