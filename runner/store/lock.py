"""Lock a name so that one run of it is active. The system frees the lock of a killed process."""

from __future__ import annotations

import importlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from runner.errors import BusyError
from runner.files.atomic import store_error
from runner.files.documents import parse_json, write_json

_PATIENCE = 0.5
"""Seconds to wait for the name of a lock owner that has just taken the lock."""
_CLOCKS: Final = 60.0
"""Seconds by which a clock may have been set since."""


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock at `path`. Raises BusyError within a second, naming pid and host of the lock owner."""
    file_lock = FileLock(path)
    _acquire(file_lock, path)
    try:
        with sign_lock(path):
            yield
    finally:
        file_lock.release()


@contextmanager
def sign_lock(path: Path) -> Iterator[None]:
    """Keep pid and host of this process next to the lock at `path`, for processes that wait."""
    write_json(_owner_path(path), {"pid": os.getpid(), "host": socket.gethostname()})
    try:
        yield
    finally:
        with suppress(OSError):
            _owner_path(path).unlink()


def lock_owner(path: Path) -> str | None:
    """Return the owner of the lock at `path` as `pid 123 on host X`; None when it is unknown or dead."""
    owner = _read(_owner_path(path))
    if owner is None or not may_live(owner["pid"], owner["host"]):
        return None
    return f"pid {owner['pid']} on host {owner['host']}"


def _acquire(file_lock: FileLock, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file_lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(f"{_wait_for_owner(path)} is running this experiment; hint: wait for it or stop it") from None
    except OSError as error:
        raise store_error(path, error) from error


def _wait_for_owner(path: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while (owner := lock_owner(path)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return owner or "another process"


def _read(path: Path) -> Any:
    try:
        owner = parse_json(path.read_bytes())
        return owner if {"pid", "host"} <= owner.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def may_live(pid: object, host: str, since: str = "") -> bool:
    """Return False for a pid that no process of this machine has; True for any process of another machine.

    `since` is a time (ISO 8601) at which it was already active: a younger process only reuses its pid.
    """
    if host and host != socket.gethostname():
        return True
    psutil: Any = importlib.import_module("psutil")  # takes a tenth of a second
    try:
        started = psutil.Process(int(str(pid))).create_time()
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError, OverflowError):  # ended, or not a pid
        return False
    return not since or started < datetime.fromisoformat(since).timestamp() + _CLOCKS


@contextmanager
def try_lock(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Yield whether the lock at `path` was taken within so many seconds; and hold it until the block ends.

    No other thread or process may hold it. The thread that took it must release it.
    """
    file_lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file_lock.acquire(timeout=patience)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise store_error(path, error) from error
    try:
        yield True
    finally:
        file_lock.release()


def _owner_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.owner")
