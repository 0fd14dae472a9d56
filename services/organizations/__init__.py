"""Where do you belong? Organizations, their members and roles, folders, and access to them.

Owns organizations, memberships, folders, grants on folders and the audit records of changes to
them; decides, live and for every other service, what a caller may do where. Announces
OrganizationCreated, FolderCreated and AccessChanged (with the organization's epoch, which rises
with every change that can alter a decision). Hears from identity that an account was deleted, after
it has released that account's memberships, and from devices that folders which were deleted are empty.
"""
