"""Invitations: how somebody becomes a member, and what of it goes between the services."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import Schema, fields, validate

from contracts.access import Role
from contracts.fields import idempotency_key, next_cursor, said
from contracts.identity import Language, email_field, password_field, secret_field
from contracts.members import FOLDERS_MOST, each_once
from contracts.organizations import OfOrganization
from contracts.paging import PageQuery


class InvitationStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class Invite(OfOrganization):
    email = email_field()
    requested_role = fields.Enum(
        Role,
        by_value=True,
        required=True,
        metadata=said("viewer, operator or admin; what acceptance gives is `role` of the answer."),
    )
    folder_ids = fields.List(
        fields.UUID(),
        load_default=list,
        validate=[validate.Length(max=FOLDERS_MOST), each_once],
        metadata=said("At least one for viewers and operators; ignored for admins (INV-11)."),
    )
    idempotency_key = idempotency_key()


class InvitationRequest(OfOrganization):
    invitation_id = fields.UUID(required=True)


class UpdateInvitation(InvitationRequest):
    requested_role = fields.Enum(Role, by_value=True, metadata=said("Absent: stays as it is."))
    folder_ids = fields.List(
        fields.UUID(),
        validate=[validate.Length(max=FOLDERS_MOST), each_once],
        metadata=said("Absent: stay as they are."),
    )


class ResendInvitation(InvitationRequest):
    idempotency_key = idempotency_key()


class ListInvitations(PageQuery):
    organization_id = fields.UUID(required=True)
    status = fields.Enum(
        InvitationStatus,
        by_value=True,
        load_default=InvitationStatus.PENDING,
        metadata=said("Those that wait to be accepted, where nothing else is asked for."),
    )


class InvitationView(Schema):
    id = fields.UUID(required=True)
    email = fields.String(required=True)
    role = fields.Enum(
        Role, by_value=True, required=True, metadata=said("What acceptance gives (INV-7).")
    )
    requested_role = fields.Enum(Role, by_value=True, required=True)
    folder_ids = fields.List(fields.UUID(), required=True)
    status = fields.Enum(InvitationStatus, by_value=True, required=True)
    invited_by = fields.UUID(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class InvitationPage(Schema):
    items = fields.List(fields.Nested(InvitationView), required=True)
    next_cursor = next_cursor()


# What whoever holds the link may do


class InvitationToken(Schema):
    token = secret_field("From the link in the mail.")


class RegisterInvited(InvitationToken):
    password = password_field(
        "At least 15 characters, at most 128; known and guessable ones are not."
    )
    language = fields.Enum(
        Language,
        by_value=True,
        load_default=Language.ENGLISH,
        metadata=said("Of the mails to this address."),
    )


class InvitationSeen(Schema):
    organization_name = fields.String(required=True)
    email = fields.String(
        required=True, metadata=said("Only an account of this address can accept it (INV-10).")
    )
    role = fields.Enum(Role, by_value=True, required=True)
    requested_role = fields.Enum(Role, by_value=True, required=True)
    expires_at = fields.AwareDateTime(required=True)


# Between organizations and identity


class InvitedAddress(Schema):
    """What identity has to know to register whoever holds the token."""

    email = fields.String(required=True)
    organization_name = fields.String(required=True)


class IdentifyAddress(Schema):
    email = email_field()


class AddressIdentified(Schema):
    email = fields.String(required=True, metadata=said("As it is written in mails."))
    email_key = fields.String(required=True, metadata=said("Equal for equal addresses."))
    account_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said("The account whose verified address it is."),
    )


class DescribeAccounts(Schema):
    account_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=200))


class AccountDescription(Schema):
    account_id = fields.UUID(required=True)
    email = fields.String(required=True)
    is_verified = fields.Boolean(required=True)


class AccountDescriptions(Schema):
    items = fields.List(
        fields.Nested(AccountDescription), required=True, metadata=said("Without unknown ones.")
    )


class WriteInvitation(Schema):
    """The mail is written once, however often it is asked for with the same ``mail_id``."""

    mail_id = fields.UUID(required=True)
    organization_id = fields.UUID(required=True)
    email = email_field()
    invited_by = fields.UUID(
        required=True, metadata=said("Whose language it is in where nobody has the address yet.")
    )
    organization_name = fields.String(required=True, validate=validate.Length(max=200))
    token = secret_field("For the link; kept sealed until the mail has gone.")
    expires_at = fields.AwareDateTime(required=True)
