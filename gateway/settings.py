"""The gateway's settings: section ``gateway`` of the configuration file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class GatewaySettings:
    public_url: str = field(
        default="http://127.0.0.1:8000",
        metadata={
            "help": "The address clients reach the API and the console at; https adds HSTS to every "
            "answer, and `Secure` to every cookie, which production sets in any case."
        },
    )
    bind: str = field(
        default="127.0.0.1:8000", metadata={"help": "Address and port gunicorn listens on."}
    )
    workers: int = field(default=2, metadata={"help": "Gateway processes."})
    threads: int = field(
        default=16, metadata={"help": "Requests one gateway process works on at once."}
    )
    stop_timeout_seconds: int = field(
        default=30, metadata={"help": "How long running requests may end in after SIGTERM."}
    )
    rpc_timeout_seconds: float = field(
        default=5.0,
        metadata={"help": "How long a service may take to answer before the gateway says 503."},
    )
    introspection_seconds: float = field(
        default=5.0,
        metadata={"help": "How long identity's word on a token is kept; at most 5, 0 keeps none."},
    )
    trusted_proxies: int = field(
        default=0,
        metadata={
            "help": "How many proxies in front add to X-Forwarded-For; 0 ignores the header."
        },
    )
    requests_per_minute_per_ip: int = field(
        default=600,
        metadata={
            "help": "Requests of one address (IPv6: of one /64) to one gateway process; "
            "0 sets no limit."
        },
    )
    body_limit_bytes: int = field(default=1_048_576, metadata={"help": "Largest JSON body."})
    upload_limit_bytes: int = field(default=1 << 30, metadata={"help": "Largest uploaded image."})
    metrics_networks: tuple[str, ...] = field(
        default=("127.0.0.0/8", "::1/128"),
        metadata={
            "help": "Networks /metrics answers to, comma-separated; never to a forwarded request."
        },
    )

    def __post_init__(self) -> None:
        # A revoked session must be gone within five seconds (security 2.6).
        if not 0 <= self.introspection_seconds <= 5:
            raise ValueError("gateway.introspection_seconds must lie between 0 and 5.")
        if self.trusted_proxies < 0:
            raise ValueError("gateway.trusted_proxies must not be negative.")
