"""The lock of a local store: waited for with a word to the user, and not for ever."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from runner.files.atomic import store_error
from runner.store.lock import lock_owner, sign_lock

WORDS: Final = "runner.waiting"
"""Logger of what the command line says while something is waited for."""
_PATIENCE: Final = 30.0
_UNTOLD: Final = 1.0
"""Seconds to wait without a word."""
_AGAIN: Final = 60.0
"""Seconds for which a lock that was given up is not waited for again: `sync` asks for it once for each run."""
_given_up: Final[dict[Path, float]] = {}


@contextmanager
def only_one(database: Path) -> Iterator[None]:
    """Hold the lock beside a database.

    Raises TimeoutError, saying who has it, after half a minute, and StoreError where there can be none.
    """
    path = database.with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()  # filelock would try again and again where no file can be made
        held = FileLock(path)
        _acquire(held, path)
    except (Timeout, TimeoutError):
        raise TimeoutError(f"{_who(path)} keeps {path.name} locked; wait for it or stop it") from None
    except OSError as error:
        raise store_error(path, error) from None
    try:
        with sign_lock(path):
            yield
    finally:
        held.release()


def _acquire(held: FileLock, path: Path) -> None:
    if time.monotonic() - _given_up.get(path, float("-inf")) < _AGAIN:
        held.acquire(timeout=0.1)
    else:
        _wait(held, path)
    _given_up.pop(path, None)


def _wait(held: FileLock, path: Path) -> None:
    with suppress(Timeout):
        held.acquire(timeout=_UNTOLD)
        return
    if path not in _given_up:
        words = "%s: %s has it locked; waiting for at most %.0f s"
        logging.getLogger(WORDS).warning(words, path, _who(path), _PATIENCE)
    try:
        held.acquire(timeout=_PATIENCE - _UNTOLD)
    except Timeout:
        _given_up[path] = time.monotonic()
        raise


def _who(path: Path) -> str:
    """Return the lock owner's pid and host; another program leaves none."""
    return lock_owner(path) or "another process"
