"""Where do you belong? Organizations, their members and roles, folders, and access to them.

Owns organizations, memberships, folders and their deletions, grants on folders, invitations with the
mails they wait for, and the audit records of changes to all of them; decides, live and for every other
service, what a caller may do where. Operators act on it from a shell (`operate`).

Announces

    OrganizationCreated, OrganizationArchived, OrganizationRestored
    FolderCreated, FoldersDeleted, FoldersRestored, DeletionForgotten
    AccessChanged   with the organization's epoch, which rises with every change that can alter a
                    decision
    LicenseNoticeAddressed

Hears from identity that an account was deleted, after it has released that account's memberships,
from devices that folders which were deleted are empty, and from licensing what owners and admins have
to know. Asks identity whose an address is, which addresses accounts have, and to write the mails of
invitations; asks devices what is in a folder. By itself it hands those mails over, ends invitations
whose time is over, and forgets deletions.
"""
