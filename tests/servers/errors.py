"""What keeps a test run from having its servers."""

from __future__ import annotations


class ServerUnavailable(Exception):
    """A server is missing or did not start; the text says what to do about it."""
