"""One run of a name at a time. The system frees the lock of a killed process, so there is never one to break."""

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
"""Seconds given to a holder that has the lock but has not yet written its name, before it is called unknown."""
_CLOCKS: Final = 60.0
"""Seconds that a clock may have been set since."""


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock at `path` (`Store.lock_path(name)`). Raises BusyError within a second, naming pid and host."""
    held = FileLock(path)
    _acquire(held, path)
    try:
        with signed(path):
            yield
    finally:
        held.release()


@contextmanager
def signed(path: Path) -> Iterator[None]:
    """Who holds the lock at `path` has its name beside it meanwhile, for those who wait."""
    write_json(_holder_path(path), {"pid": os.getpid(), "host": socket.gethostname()})
    try:
        yield
    finally:
        with suppress(OSError):
            _holder_path(path).unlink()


def holder(path: Path) -> str | None:
    """`pid 123 on host X`, who holds the lock at `path`; None when nobody has signed, or it has died since."""
    found = _read(_holder_path(path))
    known = found is not None and may_live(found["pid"], found["host"])
    return f"pid {found['pid']} on host {found['host']}" if known else None


def _acquire(held: FileLock, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=0)
    except Timeout:
        raise BusyError(f"{_holder(path)} is running this experiment; wait for it or stop it") from None
    except OSError as error:
        raise store_error(path, error) from error


def _holder(path: Path) -> str:
    """Who holds it, as soon as the holder has signed."""
    give_up = time.monotonic() + _PATIENCE
    while (found := holder(path)) is None and time.monotonic() < give_up:
        time.sleep(0.02)
    return found or "another process"


def _read(path: Path) -> Any:
    try:
        found = parse_json(path.read_bytes())
        return found if {"pid", "host"} <= found.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def may_live(pid: object, host: str, since: str = "") -> bool:
    """False for a process of this machine that is gone, and for what is none; of another machine's nobody knows.

    `since` is when it was at work already (ISO 8601): a younger process only has its number.
    """
    if host and host != socket.gethostname():
        return True
    psutil: Any = importlib.import_module("psutil")  # a tenth of a second, for those alone who must know
    try:
        born = psutil.Process(int(str(pid))).create_time()
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError, OverflowError):  # gone, or no process at all
        return False
    return not since or born < datetime.fromisoformat(since).timestamp() + _CLOCKS


@contextmanager
def alone(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Whether nobody else, in this process or another, is at it by the end of so many seconds.

    It is held meanwhile, and given back by the thread that took it.
    """
    held = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=patience)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise store_error(path, error) from error
    try:
        yield True
    finally:
        held.release()


def _holder_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.holder")
