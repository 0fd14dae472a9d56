"""License notices: whom they concern (D-21)."""

from __future__ import annotations

from contracts.access import PERMISSIONS, Permission

# Owners and admins: who can do something about it.
ADDRESSED = tuple(role for role, held in PERMISSIONS.items() if Permission.LICENSE_MANAGE in held)
# So many accounts are in one message: it stays small, and so does the work that it makes.
ADDRESSED_AT_ONCE = 200
