"""pwdgrp.cgi: the users of a camera, and the first of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.devices.domain.device import Credentials
from services.devices.vapix import errors, pwdgrp
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.pwdgrp import Role, User
from services.devices.vapix.session import Session
from tests.unit.devices.vapix.scripted import (
    DIGEST,
    NOT_FOUND,
    OTHER_SECRET,
    SERIAL,
    Scripted,
    Transcript,
    challenge,
    page,
    reply,
    says,
)

JOE = Credentials("joe", OTHER_SECRET)
SHOWN = says({"apiVersion": "1.3", "data": {"propertyList": {"SerialNumber": SERIAL}}})
OS_12 = (
    'admin="root,fakeroot"\n'
    'operator="root,fakeroot,acs"\n'
    'viewer="root,fakeroot,acs,eve"\n'
    'ptz="root"\n'
    'digusers="root,fakeroot,acs,eve,lost"\n'
)
# The groups of its services among those of people, as 10.12 answers.
OS_10 = (
    'root=""\ntty="scheduled,imaged,ptzadm"\nvideo="jpeg-streamer,sdk"\nusers="root2"\n'
    'admin="wwwaop,wwwa,root,debugar,root2,wwwaovp"\n'
    'operator="wwwov,vdo,root,sdk,root2,ptzadm"\n'
    'viewer="root,wwwovp,sdk,root2,wwwvp"\n'
    'ptz="wwwovp,wwwp,root"\n'
    'legacymappings="led,audiocontrol"\nwww-data=""\nnogroup=""\n'
    'digusers="root,root2,not-a-name,"\n\n'
)


def test_a_user_is_added_by_a_form_with_the_groups_of_its_role(camera: Scripted) -> None:
    """vapix.md 2, pwdgrp: action add; sgrp; put arguments in the body; HTML answer."""
    camera.will_say(camera.challenge, page("Created account joe."))
    with camera.session() as session:
        pwdgrp.add(session, JOE, Role.OPERATOR, has_ptz=True)
    heard = camera.heard[1]
    assert heard.target == "/axis-cgi/pwdgrp.cgi"
    assert heard.form == {
        "action": "add",
        "user": "joe",
        "pwd": OTHER_SECRET,
        "grp": "users",
        "sgrp": "operator:viewer:ptz",
        "strict_pwd": "1",
    }


@pytest.mark.parametrize(
    ("role", "groups"),
    [
        (Role.VIEWER, "viewer"),
        (Role.OPERATOR, "operator:viewer"),
        (Role.ADMIN, "admin:operator:viewer"),
    ],
)
def test_each_role_has_its_groups(camera: Scripted, role: Role, groups: str) -> None:
    """vapix.md 2, pwdgrp: sgrp viewer|operator:viewer|admin:operator:viewer."""
    camera.will_say(camera.challenge, page("Modified account joe."))
    with camera.session() as session:
        pwdgrp.set_role(session, "joe", role, has_ptz=False)
    assert camera.heard[1].form == {"action": "update", "user": "joe", "sgrp": groups}


def test_a_password_is_changed_and_a_user_removed(camera: Scripted) -> None:
    """vapix.md 2, pwdgrp: "Modified account X.", "Removed account X."."""
    camera.will_say(camera.challenge, page("Modified account joe."), page("Removed account joe."))
    with camera.session() as session:
        pwdgrp.set_password(session, JOE)
        pwdgrp.remove(session, "joe")
    assert [each.form for each in camera.heard[1:]] == [
        {"action": "update", "user": "joe", "pwd": OTHER_SECRET, "strict_pwd": "1"},
        {"action": "remove", "user": "joe"},
    ]


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        (
            "Error: this user name already exists, consult the system log file.",
            errors.UserExists,
        ),
        ("Error: invalid password.", errors.PasswordUnfit),
        ("Error: account user name.", errors.UserNameRefused),
        ("Error: action operation type.", errors.RequestRefused),
        ("Error: malformed action operation, add.", errors.RequestRefused),
        ("Error: consult the system log file.", errors.RequestRefused),
        ("Please wait", errors.AnswerUnreadable),
        ("", errors.AnswerUnreadable),
    ],
)
def test_errors_in_pages_with_status_200_are_told_apart(
    camera: Scripted, transcript: Transcript, text: str, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2, pwdgrp: errors in body, HTTP 200."""
    camera.will_say(camera.challenge, page(text))
    with camera.session() as session, transcript.refusal(trouble):
        pwdgrp.add(session, JOE, Role.VIEWER, has_ptz=False)


def test_what_a_camera_says_to_a_password_is_not_repeated(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 2, pwdgrp: errors in body; a camera might quote what it refuses."""
    camera.will_say(camera.challenge, page(f"Error: invalid password: {OTHER_SECRET}"))
    with camera.session() as session, transcript.refusal(errors.PasswordUnfit) as caught:
        pwdgrp.set_password(session, JOE)
    assert caught.value.words == "The camera takes no such password."


@pytest.mark.parametrize(
    ("user", "trouble"),
    [
        (Credentials("", "secret"), errors.UserNameRefused),
        (Credentials("a" * 15, "secret"), errors.UserNameRefused),
        (Credentials("joe.doe", "secret"), errors.UserNameRefused),
        (Credentials("joe\n", "secret"), errors.UserNameRefused),
        (Credentials("joe", ""), errors.PasswordUnfit),
        (Credentials("joe", "x" * 65), errors.PasswordUnfit),
        (Credentials("joe", "pässword"), errors.PasswordUnfit),
        (Credentials("joe", "secret\n"), errors.PasswordUnfit),
    ],
)
@pytest.mark.parametrize(
    "create",
    [
        pwdgrp.create_first,
        lambda session, user: pwdgrp.add(session, user, Role.ADMIN, has_ptz=True),
    ],
    ids=["first", "further"],
)
def test_what_no_camera_takes_is_not_sent(
    camera: Scripted,
    transcript: Transcript,
    create: Callable[[Session, Credentials], None],
    user: Credentials,
    trouble: type[CameraTrouble],
) -> None:
    """vapix.md 2, pwdgrp: user 1-14 [A-Za-z0-9]; strict_pwd: 0x20-0x7E, <= 64."""
    with camera.session() as session, transcript.refusal(trouble):
        create(session, user)
    assert camera.heard == []


# The list


def test_users_are_listed_with_the_highest_of_their_roles(camera: Scripted) -> None:
    """vapix.md 2, pwdgrp: 11/12 five lines admin=,operator=,viewer=,ptz=,digusers=."""
    camera.will_say(camera.challenge, reply(OS_12, "text/plain"))
    with camera.session() as session:
        assert pwdgrp.users(session) == (
            User("root", Role.ADMIN, has_ptz=True),
            User("fakeroot", Role.ADMIN, has_ptz=False),
            User("acs", Role.OPERATOR, has_ptz=False),
            User("eve", Role.VIEWER, has_ptz=False),
            User("lost", None, has_ptz=False),
        )
    assert camera.heard[1].form == {"action": "get"}


def test_accounts_of_a_camera_s_own_services_are_no_users(camera: Scripted) -> None:
    """vapix.md 2, pwdgrp: 10.12 returns ~169 unix groups incl. www* service accounts -> filter."""
    camera.will_say(camera.challenge, reply(OS_10, "text/plain"))
    with camera.session() as session:
        assert pwdgrp.users(session) == (
            User("root", Role.ADMIN, has_ptz=True),
            User("root2", Role.ADMIN, has_ptz=False),
        )


def test_names_without_quotes_are_read_too(camera: Scripted) -> None:
    """vapix.md 2, pwdgrp: admin=,operator=."""
    camera.will_say(
        camera.challenge, reply("admin=root\r\nptz=\r\ndigusers=root\r\n", "text/plain")
    )
    with camera.session() as session:
        assert pwdgrp.users(session) == (User("root", Role.ADMIN, has_ptz=False),)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (page("Error: action operation type."), errors.RequestRefused),
        (page("Busy"), errors.AnswerUnreadable),
        (reply('admin="root"\n', "text/plain"), errors.AnswerUnreadable),
    ],
)
def test_a_list_of_users_that_is_none_is_not_taken_for_an_empty_one(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2, pwdgrp: errors in body, HTTP 200."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(trouble):
        pwdgrp.users(session)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("root\nadmin operator viewer ptz", Role.ADMIN),
        ("viewer\noperator viewer\n", Role.OPERATOR),
        ("admin\nviewer", Role.VIEWER),
        ("joe\n", None),
    ],
)
def test_who_signs_in_learns_its_own_role(camera: Scripted, text: str, role: Role | None) -> None:
    """vapix.md 2, usergroup.cgi -> "root\\nadmin operator viewer ptz"."""
    camera.will_say(camera.challenge, reply(text, "text/plain"))
    with camera.session() as session:
        assert pwdgrp.own_role(session) is role


# The first user


@pytest.mark.parametrize(("name", "group"), [("root", "root"), ("owner", "users")])
def test_the_first_user_is_an_administrator_and_needs_nobody_to_sign_in(
    camera: Scripted, name: str, group: str
) -> None:
    """vapix.md 2, pwdgrp, initial user: anonymous, once; >=11.5 any name, admin+ptz."""
    camera.will_say(SHOWN, page(f"Created account {name}."))
    with camera.session(credentials=None) as session:
        pwdgrp.create_first(session, Credentials(name, OTHER_SECRET))
    heard = camera.heard[1]
    assert heard.proof is None
    assert heard.form == {
        "action": "add",
        "user": name,
        "pwd": OTHER_SECRET,
        "grp": group,
        "sgrp": "admin:operator:viewer:ptz",
    }


def test_the_first_password_does_not_go_to_another_camera(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 2: identity check by realm and basicdeviceinfo, before anything is given."""
    camera.will_say(SHOWN.replace(SERIAL.encode(), b"ACCC8E999999"))
    with (
        camera.session(credentials=None) as session,
        transcript.refusal(errors.WrongSerial),
    ):
        pwdgrp.create_first(session, JOE)
    assert len(camera.heard) == 1


def test_the_first_password_does_not_go_to_who_is_no_camera(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 2: identity check by realm and basicdeviceinfo, before anything is given."""
    camera.will_say(NOT_FOUND, page("Hello"))
    with camera.session(credentials=None) as session, transcript.refusal(errors.NotAxis):
        pwdgrp.create_first(session, JOE)
    assert [OTHER_SECRET in str(each.body) for each in camera.heard] == [False, False]


def test_a_camera_that_tells_nobody_who_it_is_says_so_by_its_realm(camera: Scripted) -> None:
    """vapix.md 2, basicdeviceinfo: [VAPX] factory-default units answer 401."""
    asked = challenge(DIGEST, text="Error: initial admin user must be created first.")
    camera.will_say(asked, asked, page("Created account joe."))
    with camera.session(credentials=None) as session:
        pwdgrp.create_first(session, JOE)
    assert camera.heard[2].form["user"] == "joe"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (
            challenge(DIGEST, text="Error: not a valid initial admin user."),
            errors.FirstUserRefused,
        ),
        (
            challenge(DIGEST, text="Error: initial admin user must be created first."),
            errors.FirstUserRefused,
        ),
        (challenge(DIGEST), errors.CredentialsRefused),
        (page("Error: invalid password."), errors.PasswordUnfit),
        (page("Error: account user name."), errors.UserNameRefused),
        (NOT_FOUND, errors.Unsupported),
    ],
    ids=range(6),
)
def test_a_first_user_that_is_refused_is_told_why(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2, pwdgrp: HTTP 401: "Error: not a valid initial admin user."; <11.5 name root."""
    camera.will_say(SHOWN, answer)
    with camera.session(credentials=None) as session, transcript.refusal(trouble):
        pwdgrp.create_first(session, JOE)


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
