"""The page of captured mail, which opens what a stranger wrote."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import requests

from demo.mailbox import serving

HOST = "127.0.0.1"


def test_a_mail_is_shown_as_it_is_and_its_links_lead_somewhere() -> None:
    message = EmailMessage()
    message["To"], message["From"] = "ada@example.com", "freehold@example.com"
    message["Subject"] = "A link & <b>more</b>"
    message.set_content("Open http://127.0.0.1:8000/verify-email?a=1&b=2.\n<script>x</script>\n")
    with serving((HOST, 0), (HOST, 0)) as (smtp_port, http_port):
        address = f"http://{HOST}:{http_port}"
        assert "No mail yet." in requests.get(address, timeout=10).text
        with smtplib.SMTP(HOST, smtp_port, timeout=10) as server:
            server.send_message(message)
        page = requests.get(address, timeout=10).text
        listed = requests.get(f"{address}/messages", timeout=10).json()["items"]
    assert "A link &amp; &lt;b&gt;more&lt;/b&gt;" in page
    link = "http://127.0.0.1:8000/verify-email?a=1&amp;b=2"
    assert f'<a href="{link}">{link}</a>.' in page
    assert "<script>" not in page
    assert [mail["to"] for mail in listed] == ["ada@example.com"]
