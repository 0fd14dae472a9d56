"""System: a camera station or body worn system that an organization has connected."""

from __future__ import annotations

from contracts.errors import NotFound


class SystemNotFound(NotFound):
    """There is none with this id in the organization, or the caller may not see it."""

    code = "system-not-found"
