"""Answers to what people ask about signing in."""

from __future__ import annotations

from flask import Response

from gateway.console.area import area
from gateway.console.frame import page
from gateway.console.words.faq import FAQ, QUESTIONS

blueprint = area("faq")


@blueprint.get("/faq")
def read() -> Response:
    return page("console/faq.html", FAQ, questions=QUESTIONS)
