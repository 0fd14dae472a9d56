"""argon2id: what it is given, and how many runs of it there are at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import pytest
from argon2.low_level import Type, hash_secret_raw

from services.identity.service import hashing
from services.identity.service.hashing import Hasher

SALT = "00112233445566778899aabbccddeeff"


def cheap() -> Hasher:
    return Hasher(memory_kib=64, passes=1, lanes=1)


def test_a_salted_digest_is_argon2id_with_the_hashers_own_cost() -> None:
    """Security 2.1, 2.4."""
    expected = hash_secret_raw(
        b"a keyed code",
        bytes.fromhex(SALT),
        time_cost=3,
        memory_cost=128,
        parallelism=2,
        hash_len=32,
        type=Type.ID,
    )
    hasher = Hasher(memory_kib=128, passes=3, lanes=2)
    assert hasher.salted("a keyed code", SALT) == expected.hex()


def test_a_salted_digest_depends_on_secret_and_salt_alone() -> None:
    """Security 2.4: one run tells among all codes of a batch."""
    digest = cheap().salted("one", SALT)
    assert cheap().salted("one", SALT) == digest
    assert cheap().salted("two", SALT) != digest
    assert cheap().salted("one", SALT[::-1]) != digest


def test_without_a_salt_the_work_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Security 2.8: an account without recovery codes takes as long."""
    costs = []

    def spied(_secret: bytes, salt: bytes, **cost: Any) -> bytes:
        costs.append((len(salt), cost))
        return b""

    hasher = cheap()
    monkeypatch.setattr(hashing, "hash_secret_raw", spied)
    hasher.salted("one", SALT)
    hasher.salted("one", None)
    assert costs[0] == costs[1]


def test_no_more_runs_at_once_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Security 2.11."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    hasher = cheap()
    begun, may_end = threading.Semaphore(0), threading.Event()

    def held(*_given: Any, **_cost: Any) -> bytes:
        begun.release()
        assert may_end.wait(10)
        return b""

    monkeypatch.setattr(hashing, "hash_secret_raw", held)
    threads = [threading.Thread(target=hasher.salted, args=("one", SALT)) for _ in range(6)]
    for thread in threads:
        thread.start()
    try:
        assert begun.acquire(timeout=10)
        assert begun.acquire(timeout=10)
        assert not begun.acquire(timeout=0.2), "a third one has begun beside two"
    finally:
        may_end.set()
    for thread in threads:
        thread.join()
    assert all(begun.acquire(blocking=False) for _ in range(4))


BESIDE_GREEN_THREADS = """
import eventlet
eventlet.monkey_patch()
from services.identity.service.hashing import Hasher

hasher = Hasher(memory_kib=19456, passes=2, lanes=1)
running, turns = [eventlet.spawn(hasher.salted, "one", "00" * 16) for _ in range(10)], 0
while not all(one.dead for one in running):
    eventlet.sleep(0)
    turns += 1
print(turns, len({one.wait() for one in running}))
"""


def test_the_loop_turns_while_a_core_hashes() -> None:
    """Security 2.11: inline, each of the ten would hold every other green thread for 50 ms."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BESIDE_GREEN_THREADS],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    turns, digests = map(int, done.stdout.split())
    assert digests == 1
    assert turns > 100
