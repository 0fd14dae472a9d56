"""Trials of products: once for each organization, before its subscription (D-18, R43)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.license_upgrades import StartTrial
from contracts.licensing import ProductOverview
from services.licensing.domain import trial
from services.licensing.domain.policy import TRIAL_STARTS_WITH_FIRST_SYSTEM
from services.licensing.domain.product import RegisteredProduct
from services.licensing.queries import ledger
from services.licensing.service.commands import Command, Commands, recipe
from services.licensing.service.views import current_overview


class Trials(Commands):
    @rpc(takes=StartTrial, gives=ProductOverview)
    def start_trial(self, organization_id: UUID, product: str, idempotency_key: str) -> Dumped:
        """Opens a product without licenses for the days of its trial."""
        licensee = self.licensee(organization_id)
        return self.carry_out("start_trial", licensee, product, idempotency_key, {})

    @recipe
    def _start_trial(self, command: Command) -> Dumped:
        begin_trial(command)
        known = command.position().product
        return self.done(
            command,
            ProductOverview,
            current_overview(command),
            {
                "trial_started_on": str(known.trial_started_on),
                "trial_ends_on": str(known.trial_ends_on),
            },
        )


def begin_trial(command: Command) -> None:
    """:raises AlreadyStarted:
    :raises TrialAlreadyUsed:
    :raises TrialNotOffered:
    """
    _keep(command, trial.begun(command.position().product, command.today))


def begin_trial_with_system(command: Command) -> None:
    """By the first system of a product that offers one; others change nothing (R43)."""
    if TRIAL_STARTS_WITH_FIRST_SYSTEM and trial.may_begin(command.position().product):
        begin_trial(command)


def end_trial(command: Command, on: date) -> None:
    """By the start of the subscription."""
    before = command.position().product
    after = trial.ended(before, on)
    if after != before:
        _keep(command, after)


def _keep(command: Command, product: RegisteredProduct) -> None:
    ledger.note_trial(command.session, command.organization_id, product)
    command.books = command.books.with_product(product)
