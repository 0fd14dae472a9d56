"""The least a gateway can do: one HTTP request, one call to the bare echo."""

from __future__ import annotations

import os

from flask import Flask, Response, jsonify

from chassis.client import RpcClient

app = Flask(__name__)
client = RpcClient(os.environ["FREEHOLD_BROKER_URL"], "bench", 5.0)


@app.get("/echo")
def echo() -> Response:
    return jsonify(client.call("echo", "echo", {"words": "to be or not to be"}))


@app.get("/readyz")
def ready() -> Response:
    return jsonify(client.call("echo", "echo", {}))
