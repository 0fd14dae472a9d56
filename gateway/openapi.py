"""The OpenAPI document without a broker: ``python -m gateway.openapi > docs/openapi.json``."""

from __future__ import annotations

import json
import sys
from typing import Any

from chassis.config import Config
from gateway.app import create_app


def document() -> dict[str, Any]:
    app = create_app(Config({}))
    with app.test_client() as client:
        answer: dict[str, Any] = json.loads(client.get("/openapi.json").data)
    return answer


def text() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
