"""How strong a password is; advice by its code in the contract."""

from __future__ import annotations

from gateway.console.words import in_three

STRENGTH = in_three(
    {
        "label": ("Strength", "強度", "강도"),
        "score_0": ("very weak", "とても弱い", "매우 약함"),
        "score_1": ("weak", "弱い", "약함"),
        "score_2": ("fair", "普通", "보통"),
        "score_3": ("strong", "強い", "강함"),
        "score_4": ("very strong", "とても強い", "매우 강함"),
        "more-words": (
            "Add another word or two; uncommon ones are better.",
            "単語をあと1つか2つ加えてください。あまり使われない単語ほど効果的です。",
            "단어를 한두 개 더 넣으십시오. 흔하지 않은 단어일수록 좋습니다.",
        ),
        "common": (
            "It is, or resembles, a password that many people use.",
            "多くの人が使うパスワード、またはそれに似たものです。",
            "많은 사람이 쓰는 비밀번호이거나 그와 비슷합니다.",
        ),
        "single-word": (
            "A word by itself is easy to guess.",
            "単語1つだけでは容易に推測されます。",
            "단어 하나만으로는 쉽게 추측됩니다.",
        ),
        "names": (
            "Names of people are easy to guess.",
            "人名は容易に推測されます。",
            "사람 이름은 쉽게 추측됩니다.",
        ),
        "repeats": (
            "Repeated words and characters help little.",
            "単語や文字の繰り返しはあまり効果がありません。",
            "단어나 문자를 반복해도 별로 도움이 되지 않습니다.",
        ),
        "sequences": (
            "Sequences like “abc” or “6543” are easy to guess.",
            "「abc」や「6543」のような連続した文字は容易に推測されます。",
            "“abc”나 “6543”처럼 이어지는 문자는 쉽게 추측됩니다.",
        ),
        "keyboard": (
            "Neighboring keys in a row are easy to guess.",
            "キーボードで隣り合うキーの並びは容易に推測されます。",
            "키보드에서 이웃한 키를 늘어놓으면 쉽게 추측됩니다.",
        ),
        "dates": (
            "Dates and years are easy to guess.",
            "日付や年は容易に推測されます。",
            "날짜나 연도는 쉽게 추측됩니다.",
        ),
        "capitals": (
            "Capital letters help little.",
            "大文字にしてもあまり効果がありません。",
            "대문자로 써도 별로 도움이 되지 않습니다.",
        ),
        "substitutions": (
            "Signs in place of letters, like “@” for “a”, help little.",
            "「a」の代わりに「@」を使うような置き換えはあまり効果がありません。",
            "“a” 대신 “@”를 쓰는 식의 치환은 별로 도움이 되지 않습니다.",
        ),
        "reversed": (
            "Words written backwards help little.",
            "単語を逆から書いてもあまり効果がありません。",
            "단어를 거꾸로 써도 별로 도움이 되지 않습니다.",
        ),
    }
)
