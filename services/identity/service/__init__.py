"""What identity does for others; one module per capability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chassis.config import ConfigurationError
from chassis.rotation import Sealed
from chassis.secrets import keys_from
from chassis.service import Kit
from services.identity.domain.password import PasswordRule
from services.identity.domain.settings import IdentitySettings
from services.identity.mail.transport import transport_for
from services.identity.models import OutgoingMail, TotpActive, TotpPending
from services.identity.service.accounts import AccountRecipes
from services.identity.service.api_tokens import ApiTokenRecipes
from services.identity.service.blocklist import Blocklist
from services.identity.service.email_changes import EmailChangeRecipes
from services.identity.service.factors import sealing_place
from services.identity.service.hashing import Hasher
from services.identity.service.invited import InvitedRecipes
from services.identity.service.license_notices import LicenseNoticeRecipes
from services.identity.service.manage import ManageRecipes
from services.identity.service.neighbors import NeighborRecipes
from services.identity.service.operating import OperatingRecipes
from services.identity.service.passwords import PasswordRecipes
from services.identity.service.recipes import Own, mail_place
from services.identity.service.recovery import RecoveryRecipes
from services.identity.service.sessions import SessionRecipes
from services.identity.service.sign_in import SignInRecipes
from services.identity.service.signing import Signer
from services.identity.service.strength import StrengthRecipes
from services.identity.service.upkeep import UpkeepRecipes


class IdentityService(
    SignInRecipes,
    ManageRecipes,
    RecoveryRecipes,
    PasswordRecipes,
    StrengthRecipes,
    EmailChangeRecipes,
    AccountRecipes,
    SessionRecipes,
    ApiTokenRecipes,
    InvitedRecipes,
    NeighborRecipes,
    LicenseNoticeRecipes,
    OperatingRecipes,
    UpkeepRecipes,
):
    name = "identity"
    sealed = (
        Sealed(TotpActive.sealed_key, lambda row: sealing_place(row.account_id, "totp")),
        Sealed(TotpPending.sealed_key, lambda row: sealing_place(row.account_id, "totp-pending")),
        Sealed(OutgoingMail.sealed_body, lambda row: mail_place(row.id)),
    )

    @classmethod
    def open(cls, kit: Kit) -> Any:
        settings = kit.config.section(IdentitySettings, cls.database)
        # A missing key is met when the process starts, not by the first person who signs in.
        assert kit.box
        assert kit.pepper
        listed = Blocklist(
            Path(settings.password_blocklist_file) if settings.password_blocklist_file else None
        )
        return Own(
            settings=settings,
            signer=Signer(
                keys_from(settings.signing_keys or kit.local_secret(f"{cls.database}.signing")),
                settings.assertion_life,
            ),
            hasher=Hasher(
                memory_kib=settings.argon2_memory_kib,
                passes=settings.argon2_passes,
                lanes=settings.argon2_lanes,
            ),
            password_rule=PasswordRule(
                settings.shortest_password, settings.password_max, listed.__contains__
            ),
            transport=transport_for(_mail_url(settings, kit), settings.mail_ca_file),
        )


def _mail_url(settings: IdentitySettings, kit: Kit) -> str:
    if settings.mail_url:
        return settings.mail_url
    if kit.config.is_production:
        raise ConfigurationError("Production needs identity.mail_url.")
    return f"capture:{kit.config.data_folder / 'mail'}"
