"""API tokens: named, scoped, expiring, revocable; for programs."""

from __future__ import annotations

from services.identity.service.factors import FactorRecipes


class ApiTokenRecipes(FactorRecipes):
    pass
