"""E-mail addresses: changed once the link mailed to the new one is followed."""

from __future__ import annotations

from services.identity.service.factors import FactorRecipes


class EmailChangeRecipes(FactorRecipes):
    pass
