"""The page that the link in a verification mail opens.

Opening it changes nothing, for mail scanners open links too; the button does (security 2.5).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from contracts.errors import Invalid, Refusal
from gateway import rpc
from gateway.console import frame
from gateway.problems import STATUS_OF

blueprint = Blueprint("verification", __name__)

WORDS: frame.Words = {
    "en": {
        "title": "Verify your e-mail address",
        "ask": "One more step: confirm that this address is yours.",
        "button": "Verify",
        "done": "Your address is verified",
        "done_text": "You can sign in now. This page may be closed.",
        "refused": "This link does not work",
        "refused_text": "It was used already, is older than 24 hours, or is not complete. If you "
        "verified your address before, sign in; else register again for a new link.",
        "away": "Please try again in a moment",
        "away_text": "Nothing is lost: the link stays good. Open it again shortly.",
    },
    "ja": {
        "title": "メールアドレスの確認",
        "ask": "あと一歩です。このアドレスがご自身のものであることを確認してください。",
        "button": "確認する",
        "done": "メールアドレスが確認されました",
        "done_text": "サインインできます。このページは閉じてかまいません。",
        "refused": "このリンクは使用できません",
        "refused_text": "すでに使用されたか、24時間を過ぎたか、リンクが途中で切れています。"
        "確認済みの場合はサインインしてください。そうでない場合は、もう一度登録して新しいリンクを受け取ってください。",
        "away": "しばらくしてからもう一度お試しください",
        "away_text": "リンクは引き続き有効です。少し待ってからもう一度開いてください。",
    },
    "ko": {
        "title": "이메일 주소 확인",
        "ask": "마지막 단계입니다. 이 주소가 본인의 것인지 확인해 주세요.",
        "button": "확인",
        "done": "이메일 주소가 확인되었습니다",
        "done_text": "이제 로그인할 수 있습니다. 이 페이지를 닫아도 됩니다.",
        "refused": "이 링크는 사용할 수 없습니다",
        "refused_text": "이미 사용되었거나 24시간이 지났거나 링크가 온전하지 않습니다. "
        "이미 확인했다면 로그인하고, 아니면 다시 등록하여 새 링크를 받으세요.",
        "away": "잠시 후 다시 시도해 주세요",
        "away_text": "링크는 계속 유효합니다. 잠시 후 다시 열어 주세요.",
    },
}


@blueprint.get("/verify-email")
def ask() -> Response:
    return _page("ask", token=request.args.get("token", ""))


@blueprint.post("/verify-email")
def verify() -> Response:
    try:
        rpc.call("identity", "verify_email", {"token": request.form.get("token", "")})
    except Invalid as refusal:
        return _page("refused", STATUS_OF[refusal.family])
    except Refusal as refusal:
        return _page("away", STATUS_OF[refusal.family])
    return _page("done")


def _page(state: str, status: int = 200, **values: Any) -> Response:
    return frame.page("verification/verify_email.html", WORDS, status, state=state, **values)
