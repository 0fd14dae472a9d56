"""Memberships: how recipes find one, and what identity tells of the accounts behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import Unavailable
from services.organizations.domain.roles import require_members
from services.organizations.models import Membership
from services.organizations.queries import members
from services.organizations.service.changes import Recipes

# Well within what a gateway waits for the list itself, so that it comes without addresses.
EMAIL_SECONDS = 2.0


class Memberships(Recipes):
    """Identity is asked outside of any transaction: decision 0006."""

    def _membership(self, session: Session, organization_id: UUID, account_id: UUID) -> Membership:
        """:raises MemberNotFound:"""
        found = members.memberships(session, organization_id, [account_id])
        require_members([account_id], [each.account_id for each in found])
        return found[0]

    def _emails(self, account_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """None of them while identity does not answer: a list is worth having without."""
        try:
            described = self._described(account_ids, timeout=EMAIL_SECONDS)
        except Unavailable:
            return {}
        return {account_id: each["email"] for account_id, each in described.items()}

    def _described(
        self, account_ids: Collection[UUID], *, timeout: float | None = None
    ) -> Mapping[UUID, dict[str, Any]]:
        """Without accounts that identity does not know.

        :param timeout: seconds; None: as long as services usually wait.
        :raises Unavailable: identity does not answer.
        """
        if not account_ids:
            return {}
        asked = {"account_ids": [str(account_id) for account_id in account_ids]}
        answer = self.call("identity", "describe_accounts", asked, timeout=timeout)
        return {UUID(each["account_id"]): each for each in answer["items"]}
