"""Tables of the catalogue: products, their license types, and how it was before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.columns import Moment
from services.licensing.models.base import Base


class ProductRow(Base):
    """``coterm``: whether it shares the organization's years or counts its own (D-4)."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("trial_days >= 0", name="product_trial_days"),)

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    trial_days: Mapped[int] = mapped_column(Integer)
    counts_devices_as: Mapped[str | None] = mapped_column(String(60))
    coterm: Mapped[str] = mapped_column(String(20), server_default="organization")


class LicenseTypeRow(Base):
    """``covers`` is the type whose need it meets where that is not its own; ``attributes`` (R45)."""

    __tablename__ = "license_type"

    product: Mapped[str] = mapped_column(String(60), ForeignKey("product.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    covers: Mapped[str | None] = mapped_column(String(60))
    upgrade_from: Mapped[str | None] = mapped_column(String(60))
    upgrade_to: Mapped[str | None] = mapped_column(String(60))
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")


class CatalogueVersionRow(Base):
    """All products as they were from a moment on, for whoever carries a history out again."""

    __tablename__ = "catalogue_version"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    products: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
