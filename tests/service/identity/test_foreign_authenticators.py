"""Programs of other people: an authenticator (oathtool) and a reader of QR codes (zbarimg)."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from flask.testing import FlaskClient

from chassis.config import Config
from gateway.api import identity, manage
from gateway.app import create_app
from tests.in_process import InProcess
from tests.servers.install import find_tool
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Town

ADA = "ada@example.com"


def ran(tool: str, *words: object, given: bytes = b"") -> str:
    """What the tool prints."""
    done = subprocess.run(
        [find_tool(tool), *map(str, words)], input=given, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().removesuffix("\n")


def oathtool(setup_key: str, now: datetime) -> str:
    """What the authenticator shows at that moment; it knows nothing but the key."""
    moment = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    return ran("oathtool", "--totp", "--base32", "--now", moment, "-", given=setup_key.encode())


def zbarimg(svg: str, folder: Path) -> str:
    """What the QR code says to a camera."""
    picture = folder / "code.png"
    ran("rsvg-convert", "--format=png", f"--output={picture}", given=svg.encode())
    return ran("zbarimg", "--quiet", "--raw", "--nodbus", picture)


def client_of(town: Town) -> FlaskClient:
    # Nothing announces here that a session has ended, so none is kept between requests.
    config = Config({"gateway": {"introspection_seconds": 0}})
    blueprints = [identity.blueprint, manage.blueprint]
    transport = InProcess(town.suite)
    return create_app(config, transport, clock=town.clock, blueprints=blueprints).test_client()


def told(client: FlaskClient, path: str, token: str | None = None, **body: object) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.post(f"/v1/{path}", json=body or None, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def signs_in(client: FlaskClient, email: str, code: str) -> Any:
    begun = told(client, "sign-ins", email=email, password=PASSWORD)
    return told(client, "sign-ins/completion", sign_in=begun["sign_in"], method="totp", code=code)


def shown_to(town: Town, client: FlaskClient, email: str = ADA) -> tuple[str, dict[str, str]]:
    """A Manage session, and what its page shows of a new authenticator."""
    token = town.signs_in(town.newcomer(email))
    managing = told(client, "manage/sessions", token, password=PASSWORD)["token"]
    return managing, told(client, "manage/authenticators", managing)


def test_another_authenticator_registers_with_the_setup_key_and_signs_in(town: Town) -> None:
    """TOTP-1, TOTP-2, TOTP-4, TOTP-6, REG-2."""
    client = client_of(town)
    managing, shown = shown_to(town, client)
    setup_key = shown["setup_key"]
    path = f"manage/authenticators/{shown['authenticator_id']}/confirmation"
    told(client, path, managing, code=oathtool(setup_key, town.clock.now()))
    town.clock.advance(STEP)
    session = signs_in(client, ADA, oathtool(setup_key, town.clock.now()))
    assert session["level"] == "aal2"
    # A whole day of its passwords is what the service takes (drift 0).
    for _ in range(24):
        town.clock.advance(STEP * 120)
        assert oathtool(setup_key, town.clock.now()) == town.shown(setup_key)


def test_a_camera_reads_our_qr_code_and_every_app_shows_the_same(
    town: Town, tmp_path: Path
) -> None:
    """TOTP-4, TOTP-5, TOTP-7: the code holds the URI, whole and unchanged."""
    client = client_of(town)
    managing, shown = shown_to(town, client)
    read = zbarimg(shown["qr_svg"], tmp_path)
    assert read == shown["otpauth_uri"]
    phone = pyotp.parse_uri(read)
    assert isinstance(phone, pyotp.TOTP)
    assert (phone.secret, phone.issuer, phone.name) == (shown["setup_key"], "Freehold", ADA)
    assert (phone.digits, phone.interval, phone.digest().name) == (6, 30, "sha1")

    now = town.clock.now()
    (secret,) = parse_qs(urlsplit(read).query)["secret"]
    assert oathtool(secret, now) == phone.at(now)
    path = f"manage/authenticators/{shown['authenticator_id']}/confirmation"
    told(client, path, managing, code=phone.at(now))
    town.clock.advance(STEP)
    assert signs_in(client, ADA, oathtool(secret, town.clock.now()))["level"] == "aal2"


@pytest.mark.parametrize(
    ("service_name", "email"),
    [
        ("R&D? 100% #1 + more", "a&b?c%d+e=f#g@example.com"),
        ("カメラ管理", "ゆき@例え.jp"),
        ("카메라 / 관리", "o'ada_{0}@[192.0.2.1]"),
    ],
)
def test_a_name_of_any_letters_arrives_in_the_app(
    make_town: MakeTown, tmp_path: Path, service_name: str, email: str
) -> None:
    """TOTP-5: the label is ``Issuer:e-mail``."""
    town = make_town(service_name=service_name)
    _, shown = shown_to(town, client_of(town), email)
    read = zbarimg(shown["qr_svg"], tmp_path)
    assert read == shown["otpauth_uri"]
    parts = urlsplit(read)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    issuer, _, name = parts.path.removeprefix("/").partition(":")
    assert (unquote(issuer), unquote(name)) == (service_name, email)
    query = parse_qs(parts.query, strict_parsing=True)
    assert query == {"secret": [shown["setup_key"]], "issuer": [service_name]}
