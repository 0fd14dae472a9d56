"""Settings of the devices service and its worker: section ``devices``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from services.devices.domain.upgrade import Pace


@dataclass(frozen=True)
class DevicesSettings:
    networks: tuple[str, ...] = field(
        default=(
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
        ),
        metadata={"help": "Networks that cameras may be in, comma-separated."},
    )
    denied_networks: tuple[str, ...] = field(
        default=("169.254.169.254/32", "169.254.170.0/24", "fd00:ec2::/32"),
        metadata={"help": "Left out of them: cloud metadata, and the suite's own addresses."},
    )
    image_store: str = field(
        default="",
        metadata={
            "help": "fsspec URL of the AXIS OS images, without credentials; empty: a folder "
            "`images` in the data folder. Gateway, devices and workers need it."
        },
    )
    largest_image_bytes: int = field(
        default=1 << 30, metadata={"help": "Largest AXIS OS image that is taken."}
    )
    ca_bundle: str = field(
        default="", metadata={"help": "PEM file for cameras verified by certificate authority."}
    )
    connect_timeout_seconds: float = field(
        default=5.0, metadata={"help": "How long a camera may take to accept a connection."}
    )
    answer_timeout_seconds: float = field(
        default=10.0, metadata={"help": "How long a camera may take to answer."}
    )
    upload_timeout_seconds: float = field(
        default=1200.0,
        metadata={"help": "How long a camera may take to answer after it has the whole image."},
    )
    lease_seconds: float = field(
        default=60.0,
        metadata={"help": "How long a step may go without a sign of life of its worker."},
    )
    rollback_minutes: int = field(
        default=30,
        metadata={"help": "When a camera goes back by itself unless the upgrade is confirmed."},
    )
    health_seconds: float = field(
        default=10.0,
        metadata={"help": "How long a new version must be seen working before it is confirmed."},
    )
    poll_seconds: float = field(
        default=5.0, metadata={"help": "How often a rebooting camera is looked at."}
    )
    linger_seconds: float = field(
        default=30.0,
        metadata={"help": "How long after an unanswered upload a reboot may take to begin."},
    )
    boot_patience_seconds: float = field(
        default=2700.0,
        metadata={"help": "How long a camera may stay away after an upload; exceeds the rollback."},
    )
    patience_seconds: float = field(
        default=7 * 86400.0, metadata={"help": "How long offline cameras are waited for."}
    )
    retry_first_seconds: float = field(
        default=15.0, metadata={"help": "The first pause before another try; it doubles."}
    )
    retry_most_seconds: float = field(
        default=1800.0, metadata={"help": "The longest pause before another try."}
    )
    sweep_batch: int = field(
        default=500, metadata={"help": "How many due upgrades one sweep announces."}
    )

    @property
    def pace(self) -> Pace:
        return Pace(
            poll=timedelta(seconds=self.poll_seconds),
            linger=timedelta(seconds=self.linger_seconds),
            health=timedelta(seconds=self.health_seconds),
            boot_patience=timedelta(seconds=self.boot_patience_seconds),
            patience=timedelta(seconds=self.patience_seconds),
            retry_first=timedelta(seconds=self.retry_first_seconds),
            retry_most=timedelta(seconds=self.retry_most_seconds),
        )

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)
