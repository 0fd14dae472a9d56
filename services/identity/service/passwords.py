"""Passwords: changed by who knows them, reset by who reads the mail."""

from __future__ import annotations

from services.identity.service.factors import FactorRecipes


class PasswordRecipes(FactorRecipes):
    pass
