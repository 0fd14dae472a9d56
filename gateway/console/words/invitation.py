"""The page of an invitation's link."""

from __future__ import annotations

from gateway.console.words import in_three

INVITATION = in_three(
    {
        "title": (
            "You are invited to {organization}",
            "「{organization}」への招待",
            "“{organization}” 조직 초대",
        ),
        "head": ("Invitation", "招待", "초대"),
        "for": ("For", "招待先", "초대 대상"),
        "role": ("Role", "役割", "역할"),
        "until": ("Until", "期限", "기한"),
        "elevated_later": (
            (
                "You join as {role}. The role {requested} was chosen for you; an owner or admin gives "
                "it to you once you are a member."
            ),
            (
                "参加時の役割は「{role}」です。予定されている役割「{requested}」は、参加後に所有者または"
                "管理者が付与します。"
            ),
            (
                "{role} 역할로 참여합니다. 지정된 {requested} 역할은 참여한 뒤에 소유자나 관리자가 "
                "부여합니다."
            ),
        ),
        "accept_lead": (
            "You are signed in as {email}.",
            "{email} としてサインインしています。",
            "{email} 계정으로 로그인되어 있습니다.",
        ),
        "accept": ("ACCEPT THE INVITATION", "招待を承諾", "초대 수락"),
        "other": (
            (
                "You are signed in as {account}, but the invitation is for {email}. Sign in with that "
                "address to accept it."
            ),
            (
                "{account} としてサインインしていますが、この招待は {email} 宛てです。承諾するには、"
                "そのアドレスでサインインしてください。"
            ),
            (
                "{account} 계정으로 로그인되어 있지만 이 초대는 {email} 주소로 보낸 것입니다. "
                "수락하려면 그 주소로 로그인하십시오."
            ),
        ),
        "anonymous": (
            "To accept it, sign in with this address. If you have no account yet, register first.",
            (
                "承諾するには、このアドレスでサインインしてください。アカウントがない場合は、"
                "先に登録してください。"
            ),
            "수락하려면 이 주소로 로그인하십시오. 계정이 없으면 먼저 등록하십시오.",
        ),
        "sign_in": ("SIGN IN", "サインイン", "로그인"),
        "register": ("REGISTER", "登録", "등록"),
        "ignore": (
            "You did not expect it? Then close this page: nothing happens.",
            "お心当たりがない場合は、このページを閉じてください。何も起こりません。",
            "예상하지 못한 초대라면 이 페이지를 닫으십시오. 아무 일도 일어나지 않습니다.",
        ),
        "over": (
            "This invitation does not work any more",
            "この招待は使用できません",
            "이 초대는 사용할 수 없습니다",
        ),
        "over_text": (
            "Ask whoever invited you for a new one.",
            "招待した方に、新しい招待を依頼してください。",
            "초대한 사람에게 새 초대를 요청하십시오.",
        ),
        "over_hint": (
            (
                "It was accepted or withdrawn, its time is over, a newer mail has another link, or "
                "the link is not complete. If you accepted it before, you find the organization in "
                "My Systems."
            ),
            (
                "すでに承諾されたか、取り消されたか、期限が切れたか、新しいメールのリンクに替わったか、"
                "リンクが途中で切れています。すでに承諾した場合、組織は My Systems にあります。"
            ),
            (
                "이미 수락되었거나 취소되었거나 기한이 지났거나 새 이메일의 링크로 바뀌었거나 링크가 "
                "온전하지 않습니다. 이미 수락했다면 조직은 My Systems에 있습니다."
            ),
        ),
        "member": (
            "You are a member already",
            "すでにメンバーです",
            "이미 구성원입니다",
        ),
        "member_text": (
            "You find the organization in My Systems.",
            "組織は My Systems にあります。",
            "조직은 My Systems에 있습니다.",
        ),
    }
)

REGISTER_INVITED = in_three(
    {
        "lead": (
            (
                "For the invitation to {organization}. The link proves that the address is yours, so "
                "no further mail is needed."
            ),
            (
                "「{organization}」への招待のための登録です。リンクでアドレスが確認されるため、"
                "確認メールは送信されません。"
            ),
            (
                "“{organization}” 조직 초대를 위한 등록입니다. 링크로 주소가 확인되므로 확인 이메일은 "
                "보내지 않습니다."
            ),
        ),
        "email_hint": (
            "The invitation is for this address; it becomes your account name.",
            "この招待の宛先です。アカウント名になります。",
            "초대받은 주소이며 계정 이름이 됩니다.",
        ),
        "back": ("Back to the invitation", "招待に戻る", "초대로 돌아가기"),
    }
)
