"""Password hashes (argon2id), never more at once than there are cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

import eventlet.patcher
import eventlet.semaphore
import eventlet.tpool
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import hash_secret_raw

SALT_BYTES = 16
HASH_BYTES = 32

Result = TypeVar("Result")


class Hasher:
    """Hashing keeps a core busy for some 50 ms: beside green threads it runs in a real one."""

    def __init__(self, *, memory_kib: int, passes: int, lanes: int) -> None:
        self._argon2 = PasswordHasher(
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=lanes,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        cores = os.cpu_count() or 1
        self._is_green = eventlet.patcher.is_monkey_patched("thread")
        if self._is_green:
            # As many real threads as cores: a free one takes the next hash by itself, while the
            # loop may be busy.
            eventlet.tpool.set_num_threads(cores)
        self._turns = threading.Semaphore(cores)
        # What is verified where there is no account, so that it takes as long.
        self._nobody_salt = os.urandom(SALT_BYTES)
        self._nobody = self.digest(os.urandom(SALT_BYTES).hex())

    def digest(self, password: str) -> str:
        return self._aside(lambda: self._argon2.hash(password))

    def matches(self, digest: str | None, password: str) -> bool:
        """False for no digest, after the same work."""
        found = self._aside(lambda: self._verified(digest or self._nobody, password))
        return found and digest is not None

    def is_outdated(self, digest: str) -> bool:
        return self._argon2.check_needs_rehash(digest)

    def salted(self, secret: str, salt: str | None) -> str:
        """The same digest for the same salt, in hex; one run tells among all codes of a batch.

        :param salt: 16 bytes in hex; None does the same work for nothing.
        """
        raw = bytes.fromhex(salt) if salt is not None else self._nobody_salt
        return self._aside(
            lambda: hash_secret_raw(
                secret.encode(),
                raw,
                time_cost=self._argon2.time_cost,
                memory_cost=self._argon2.memory_cost,
                parallelism=self._argon2.parallelism,
                hash_len=HASH_BYTES,
                type=Type.ID,
            )
        ).hex()

    def _verified(self, digest: str, password: str) -> bool:
        try:
            return self._argon2.verify(digest, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _aside(self, work: Callable[[], Result]) -> Result:
        if self._is_green:
            result: Result = eventlet.tpool.execute(work)
            return result
        with self._turns:
            return work()
