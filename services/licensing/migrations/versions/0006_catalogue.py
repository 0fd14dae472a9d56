"""More products, and every version of the catalogue that was ever in force."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment

revision = "0006"
down_revision = "0005"

SUBSCRIPTION, EXTENSION, TIED, UPGRADE = "subscription", "extension", "tied", "upgrade"


def _type(product: str, code: str, kind: str, **more: Any) -> dict[str, Any]:
    named: dict[str, Any] = {
        "covers": None,
        "upgrade_from": None,
        "upgrade_to": None,
        "attributes": {},
    }
    return {"product": product, "code": code, "kind": kind, **named, **more}


def _recording(resolution: str, days: int) -> dict[str, Any]:
    return {"attributes": {"resolution": resolution, "retention_days": days}}


PRODUCTS = (
    ("video-center", "Video Center", 90, "organization"),
    ("network-recorder", "Network Recorder", 0, "organization"),
    ("cloud-recording", "Cloud Recording", 30, "product"),
)
TYPES = (
    _type("video-center", "core", SUBSCRIPTION),
    _type("video-center", "universal", SUBSCRIPTION),
    _type(
        "video-center", "core-to-universal", UPGRADE, upgrade_from="core", upgrade_to="universal"
    ),
    _type("network-recorder", "channel", EXTENSION),
    _type("network-recorder", "preloaded-channel", TIED, covers="channel"),
    _type("network-recorder", "analytics-channel", EXTENSION),
    _type(
        "network-recorder",
        "channel-to-analytics",
        UPGRADE,
        upgrade_from="channel",
        upgrade_to="analytics-channel",
    ),
    _type("cloud-recording", "hd-30", SUBSCRIPTION, **_recording("1920x1080", 30)),
    _type("cloud-recording", "hd-90", SUBSCRIPTION, **_recording("1920x1080", 90)),
    _type("cloud-recording", "uhd-30", SUBSCRIPTION, **_recording("3840x2160", 30)),
    _type("cloud-recording", "hd-30-to-uhd-30", UPGRADE, upgrade_from="hd-30", upgrade_to="uhd-30"),
)


def upgrade() -> None:
    _add_products()
    _create_versions()


def _add_products() -> None:
    product = sa.table(
        "product",
        *(sa.column(name, sa.String) for name in ("code", "name", "coterm", "counts_devices_as")),
        sa.column("trial_days", sa.Integer),
    )
    named = ("code", "name", "trial_days", "coterm")
    op.bulk_insert(
        product,
        [{**dict(zip(named, row, strict=True)), "counts_devices_as": None} for row in PRODUCTS],
    )
    license_type = sa.table(
        "license_type",
        *(
            sa.column(name, sa.String)
            for name in ("product", "code", "kind", "covers", "upgrade_from", "upgrade_to")
        ),
        sa.column("attributes", sa.JSON),
    )
    op.bulk_insert(license_type, list(TYPES))


def _create_versions() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.Column("products", sa.JSON, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER catalogue_version_only_added BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON catalogue_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER catalogue_version_no_{change.lower()} BEFORE {change} "
            "ON catalogue_version "
            "BEGIN SELECT RAISE(ABORT, 'catalogue_version is only added to'); END"
        )
