"""What operators of the installation do to accounts, from a shell on it."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from chassis.config import Config
from chassis.secrets import new_key
from chassis.service import Kit, database_at
from services.identity.models import TotpActive, TotpStep
from services.identity.operate import REASON_MOST, carry_out, main
from services.identity.service import IdentityService
from tests.service.identity.conftest import CHEAP
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

ADA = "ada@example.com"
CHANGES = ("disable-account", "enable-account", "forget-failures", "reset-second-factors")
FOR_ACCOUNTS = (*CHANGES, "grant-operator", "revoke-operator", "show")


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def operates(town: Town, command: str, email: str = "", reason: str = "") -> int:
    return carry_out(town.suite.kits["identity"], command, email, reason)


def entries(town: Town, action: str) -> list[Any]:
    return [entry for entry in town.audit() if entry.action == action]


def program_of(town: Town, token: str) -> str:
    expires_at = (town.clock.now() + timedelta(days=30)).isoformat()
    made = town.ask(
        "create_api_token", token, name="ci", scopes=["folder:read"], expires_at=expires_at
    )
    return str(made["token"])


# Disabling


def test_disabling_ends_whatever_the_account_is_signed_in_with(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    held = [token, program_of(town, token), town.manages(ada, token)]
    assert operates(town, "disable-account", "ADA@example.com", "ticket 7") == 0
    for one in held:
        assert town.outcome("introspect", token=one) == "unauthenticated"
    ended = [name for name, _data in town.suite.waiting("identity")]
    assert ended[-3:] == ["session_ended"] * 3
    assert "disabled" in town.mails(ADA)[-1].subject


def test_nobody_signs_in_to_a_disabled_account_nor_learns_that_it_is_one(
    town: Town, ada: Person
) -> None:
    """Security 2.8."""
    operates(town, "disable-account", ADA, "ticket 7")
    told = []
    for email, password in (
        (ADA, PASSWORD),
        (ADA, "a wrong guess"),
        ("nobody@example.com", PASSWORD),
    ):
        with pytest.raises(Exception) as refused:
            town.ask("sign_in", email=email, password=password)
        told.append((type(refused.value), refused.value.args, vars(refused.value)))
    assert told[0] == told[1] == told[2]


def test_what_was_begun_before_leads_nowhere(town: Town, ada: Person) -> None:
    key, token = town.enrols(ada, town.signs_in(ada))
    town.ask("request_password_reset", email=ADA)
    reset = town.mails(ADA)[-1].token
    town.ask("request_email_change", token, email="lovelace@example.com")
    change = town.mails("lovelace@example.com")[-1].token
    sign_in = town.begins(ada)
    operates(town, "disable-account", ADA, "ticket 7")
    code = town.next_code(key)
    for operation in ("complete_sign_in", "open_manage"):
        given = {"sign_in": sign_in, "method": "totp", "code": code}
        assert town.outcome(operation, **given) == "sign-in-over"
    new_password = "another unusual sentence"
    refused = town.outcome("reset_password", token=reset, new_password=new_password)
    assert refused == "reset-refused"
    assert town.outcome("confirm_email_change", token=change) == "email-change-refused"
    before = len(town.mails(ADA))
    assert town.outcome("request_password_reset", email=ADA) == "done"
    assert len(town.mails(ADA)) == before


def test_enabling_lets_the_owner_sign_in_as_before(town: Town, ada: Person) -> None:
    key, _token = town.enrols(ada, town.signs_in(ada))
    operates(town, "disable-account", ADA, "ticket 7")
    assert operates(town, "enable-account", ADA, "ticket 7 closed") == 0
    assert town.outcome("get_account", town.signs_in_with(ada, key)) == "done"


def test_doing_it_again_changes_nothing(
    town: Town, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    town.registers(town.manages(ada, town.signs_in(ada)))
    for command in (*CHANGES, *CHANGES[1:]):
        assert operates(town, command, ADA, "ticket 7") == 0
        audit, mails = len(town.audit()), len(town.mails())
        assert operates(town, command, ADA, "ticket 7") == 0
        assert (len(town.audit()), len(town.mails())) == (audit, mails)
    said = capsys.readouterr().out.split("\n")
    assert said[:8] == ["done", "nothing to change"] * 4
    assert said[8:] == ["nothing to change"] * 6 + [""]


# Second factors


def test_all_second_factors_are_reset_with_what_was_shown_and_not_confirmed(
    town: Town, ada: Person
) -> None:
    key, token = town.enrols(ada, town.signs_in(ada))
    manage = town.manages(ada, token, town.next_code(key))
    codes = town.issues(manage)
    pending = town.ask("register_authenticator", manage)
    batch = town.ask("create_recovery_codes", manage)
    assert operates(town, "reset-second-factors", ADA, "ticket 7") == 0
    for held in (token, manage):
        assert town.outcome("introspect", token=held) == "unauthenticated"
    begun = town.ask("sign_in", email=ADA, password=PASSWORD)
    assert (begun["methods"], begun["manage_methods"]) == (["email"], [])
    for code in (*codes[:2], *batch["codes"][:2]):
        given = {"sign_in": begun["sign_in"], "method": "recovery_code", "code": code}
        assert town.outcome("open_manage", **given) == "method-not-offered"
    seen = town.ask("get_account", town.signs_in(ada))
    assert (seen["authenticator_id"], seen["recovery_codes_left"]) == (None, None)
    manage = town.manages(ada, town.signs_in(ada))
    given = {"authenticator_id": pending["authenticator_id"], "code": "123456"}
    assert town.outcome("confirm_authenticator", manage, **given) == "authenticator-not-found"
    assert "second" in "".join(mail.subject.lower() for mail in town.mails(ADA))


def test_a_step_that_was_used_up_stays_used_up(town: Town, ada: Person) -> None:
    """TOTP-3: per account, whatever the secret."""
    town.enrols(ada, town.signs_in(ada))
    db = town.suite.databases["identity"]
    with db.reading() as session:
        before = session.scalars(select(TotpStep.last_used_step)).one()
    operates(town, "reset-second-factors", ADA, "ticket 7")
    with db.reading() as session:
        assert session.scalars(select(TotpStep.last_used_step)).one() == before
        assert session.scalars(select(TotpActive)).all() == []
    assert before > 0


def test_who_was_locked_out_by_wrong_codes_gets_in_after_the_reset(town: Town, ada: Person) -> None:
    key, _token = town.enrols(ada, town.signs_in(ada))
    sign_in = town.begins(ada)
    wrong = f"{(int(town.next_code(key)) + 1) % 10**6:06d}"
    given = {"sign_in": sign_in, "method": "totp", "code": wrong}
    outcomes = [town.outcome("complete_sign_in", **given) for _ in range(6)]
    assert outcomes[-1] == "throttled"
    operates(town, "reset-second-factors", ADA, "ticket 7")
    sign_in = town.begins(ada)
    town.ask("send_sign_in_code", sign_in=sign_in)
    given = {"sign_in": sign_in, "method": "email", "code": town.mails(ADA)[-1].code}
    assert town.outcome("complete_sign_in", **given) == "done"


# What is kept of it


@pytest.mark.parametrize(
    ("command", "action", "before"),
    [
        ("disable-account", "user_disabled", None),
        (
            "reset-second-factors",
            "mfa_factors_reset",
            {"authenticator": True, "recovery_codes": False},
        ),
        ("show", "user_shown", None),
    ],
)
def test_each_act_is_in_the_audit_with_who_and_why(
    town: Town, ada: Person, command: str, action: str, before: Any
) -> None:
    """Security 2.10: the account's owner is not the actor."""
    _key, token = town.enrols(ada, town.signs_in(ada))
    account_id = town.ask("get_account", token)["account_id"]
    known = len(town.audit())
    operates(town, command, ADA, "ticket 7")
    written = town.audit()[known:]
    assert [one.action for one in written].count(action) == 1
    for one in written:
        assert (one.actor_account_id, one.acting_as) == (None, "operator")
        assert len(one.request_id) > 8
    (entry,) = entries(town, action)
    assert entry.reason == f"by {getpass.getuser()}: ticket 7"
    assert (entry.object_type, entry.object_id) == ("account", account_id)
    assert (entry.before, entry.after) == (before, None)


def test_an_enabled_account_is_in_the_audit_too(town: Town, ada: Person) -> None:
    operates(town, "disable-account", ADA, "x" * REASON_MOST)
    operates(town, "enable-account", ADA, "x" * REASON_MOST)
    (entry,) = entries(town, "user_enabled")
    assert entry.reason == f"by {getpass.getuser()}: {'x' * REASON_MOST}"


@pytest.mark.parametrize("command", FOR_ACCOUNTS)
def test_an_address_that_nobody_has_is_said_plainly(
    town: Town, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert operates(town, command, "nobody@example.com", "ticket 7") == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "not done: No verified account has this address.\n")
    assert town.audit() == []


# Looking


def shown(town: Town, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert operates(town, "show", ADA) == 0
    facts: dict[str, Any] = json.loads(capsys.readouterr().out)
    return facts


def test_support_sees_how_an_account_is_protected(
    town: Town, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = shown(town, capsys)
    assert (facts["email"], facts["disabled_at"]) == (ADA, None)
    assert (facts["second_steps"], facts["last_signed_in_at"]) == (["email"], None)
    assert (facts["recovery_codes_left"], facts["live_sessions"]) == (None, 0)

    key, token = town.enrols(ada, town.signs_in(ada))
    signed_in_at = town.clock.now()
    town.issues(town.manages(ada, token, town.next_code(key)))
    program_of(town, token)
    for _ in range(3):
        town.outcome("sign_in", email=ADA, password="a wrong guess")
    facts = shown(town, capsys)
    assert facts["second_steps"] == ["totp", "email"]
    assert facts["authenticator_registered_at"] is not None
    assert (facts["recovery_codes_left"], facts["recovery_codes_disabled_at"]) == (10, None)
    assert (facts["api_tokens"], facts["wrong_passwords_in_a_row"]) == (1, 3)
    assert facts["last_signed_in_at"] == signed_in_at.isoformat()
    assert facts["last_signed_in_from"].startswith("198.18.")
    # One of them in the Manage area.
    assert facts["live_sessions"] == 3
    operates(town, "disable-account", ADA, "ticket 7")
    facts = shown(town, capsys)
    assert (facts["disabled_at"], facts["live_sessions"]) == (town.clock.now().isoformat(), 0)


def test_support_sees_nothing_one_could_sign_in_with(
    town: Town, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """J6."""
    key, token = town.enrols(ada, town.signs_in(ada))
    manage = town.manages(ada, token, town.next_code(key))
    secrets = [key, token, manage, PASSWORD, *town.issues(manage)]
    said = json.dumps(shown(town, capsys))
    assert [secret for secret in secrets if secret in said] == []
    for kept in ("argon2", "sealed", "digest", "hash", "salt"):
        assert kept not in said


# Keys and what is over


def test_secrets_are_sealed_again_and_open_with_the_new_key_alone(
    make_town: MakeTown, capsys: pytest.CaptureFixture[str]
) -> None:
    """Security 2.3."""
    old, new = new_key("old"), new_key("new")
    town = make_town(secret_keys=old)
    ada = town.newcomer(ADA)
    key = town.registers(town.manages(ada, town.signs_in(ada)))

    def kit(keys: str) -> Kit:
        values = {**CHEAP, "secret_keys": keys, "mail_url": f"capture:{town.suite.folder / 'mail'}"}
        config = Config({"suite": {"data_folder": str(town.suite.folder)}, "identity": values})
        return Kit(
            IdentityService,
            config,
            clock=town.clock,
            bus=town.suite.bus,
            db=town.suite.databases["identity"],
        )

    assert carry_out(kit(f"{new},{old}"), "re-encrypt") == 0
    assert carry_out(kit(f"{new},{old}"), "re-encrypt") == 0
    said = capsys.readouterr().out.split("\n")
    assert said[0].endswith("sealed under the key new")
    assert said[0] != "0 sealed under the key new"
    assert said[1] == "0 sealed under the key new"
    assert [one.after for one in entries(town, "secrets_resealed")][1] == {"count": 0}
    town.suite.kits["identity"] = kit(new)
    assert town.outcome("get_account", town.signs_in_with(ada, key)) == "done"


def test_a_key_that_is_missing_is_named(
    make_town: MakeTown, capsys: pytest.CaptureFixture[str]
) -> None:
    town = make_town(secret_keys=new_key("old"))
    ada = town.newcomer(ADA)
    town.registers(town.manages(ada, town.signs_in(ada)))
    config = Config(
        {
            "suite": {"data_folder": str(town.suite.folder)},
            "identity": {**CHEAP, "secret_keys": new_key("new")},
        }
    )
    kit = Kit(
        IdentityService,
        config,
        clock=town.clock,
        bus=town.suite.bus,
        db=town.suite.databases["identity"],
    )
    assert carry_out(kit, "re-encrypt") == 2
    assert "'old'" in capsys.readouterr().err


def test_a_purge_drops_what_is_over_and_leaves_the_audit_whole(
    town: Town, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """Security 2.10: kept for a year at least; here for good."""
    token = town.signs_in(ada)
    town.begins(ada)
    audit = [one.id for one in town.audit()]
    town.clock.advance(timedelta(days=800))
    assert operates(town, "purge") == 0
    assert capsys.readouterr().out.endswith(
        "rows dropped; the audit is append-only and stays whole\n"
    )
    assert [one.id for one in town.audit()][:-1] == audit
    (entry,) = entries(town, "outdated_purged")
    assert entry.after is not None
    assert entry.after["count"] > 1
    assert town.outcome("introspect", token=token) == "unauthenticated"
    operates(town, "purge")
    assert capsys.readouterr().out.startswith("0 rows dropped")


# The command line


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["promote", ADA],
        ["disable-account"],
        ["disable-account", ADA],
        ["enable-account", ADA],
        ["reset-second-factors", ADA],
        ["reset-second-factors", ADA, "--reason", " "],
        ["reset-second-factors", ADA, "--reason", "x" * (REASON_MOST + 1)],
        ["reset-second-factors", ADA, "--reason", "a\x1b[31mb"],
        ["purge", ADA],
    ],
)
def test_a_command_that_is_not_complete_does_nothing(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_the_command_finds_the_installation_in_its_environment(
    town: Town,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FREEHOLD_DATA_FOLDER", str(town.suite.folder))
    assert main(["disable-account", ADA, "--reason", "ticket\n 7"]) == 0
    assert main(["show", ADA]) == 0
    database_at(f"sqlite:///{town.suite.folder}/identity.sqlite").close()
    assert capsys.readouterr().out.startswith("done\n{")
    assert entries(town, "user_disabled")[0].reason.endswith(": ticket 7")


def test_a_setting_that_is_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FREEHOLD_IDENTITY_PASSWORD_MIN", "many")
    assert main(["purge"]) == 2
    assert "identity.password_min" in capsys.readouterr().err
