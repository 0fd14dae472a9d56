"""Alembic's way into the devices database."""

from chassis import migrations
from services.devices.models import Base

migrations.run(Base.metadata)
