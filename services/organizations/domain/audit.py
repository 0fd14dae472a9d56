"""What organizations records, in the words of the OWASP logging vocabulary (security 2.10)."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    ORGANIZATION_CREATED = "organization_created"
    ORGANIZATION_RENAMED = "org_renamed"
    NOTES_CHANGED = "org_notes_changed"
    POLICY_CHANGED = "org_policy_changed"
    ORGANIZATION_ARCHIVED = "org_archived"
    ORGANIZATION_RESTORED = "org_restored"
    OWNER_CHANGED = "owner_changed"
    OWNER_MISSING = "owner_missing"
    PERMISSIONS_CHANGED = "privilege_permissions_changed"
    USER_INVITED = "user_invited"
    INVITATION_CHANGED = "invitation_changed"
    INVITATION_RESENT = "invitation_resent"
    INVITATION_REVOKED = "invitation_revoked"
    USER_JOINED = "user_joined"
    USER_LEFT = "user_left"
    USER_REMOVED = "user_removed"
    FOLDER_CREATED = "folder_created"
    FOLDER_RENAMED = "folder_renamed"
    FOLDER_MOVED = "folder_moved"
    FOLDER_DELETED = "folder_deleted"
    FOLDER_RESTORED = "folder_restored"
    DELETION_FORGOTTEN = "deletion_forgotten"
    AUTHZ_FAIL = "authz_fail"
