"""A stage of DVC ends with it: an orphan would write into the outputs of the next `dvc repro`.

DVC that is killed leaves its stage running. Every record is there whole or not at all, so the stage can be killed as
hard: the same command resumes it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

DVC_STAGE = "DVC_STAGE"
"""What DVC sets for the commands that it runs."""
_PR_SET_PDEATHSIG = 1
_SECONDS = 0.5
_SHELLS = ("sh", "bash", "dash", "zsh", "fish", "ksh")


def follow_dvc(environ: Mapping[str, str]) -> None:
    """End this process with the one that runs it, when that is DVC; otherwise nothing."""
    if DVC_STAGE not in environ:
        return
    chain = ancestors()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without prctl: the watch below is enough
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(chain,), name="parent-watch", daemon=True).start()


def ancestors() -> tuple[int, ...]:
    """Return the parent and, where that is a shell, its parent; without /proc the parent alone."""
    parent = os.getppid()
    above = _parent_of(parent) if _name_of(parent) in _SHELLS else None
    return (parent,) if above is None else (parent, above)


def _watch(chain: tuple[int, ...]) -> None:
    while ancestors() == chain:
        time.sleep(_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _parent_of(pid: int) -> int | None:
    return None if (stat := _stat(pid)) is None else int(stat.rpartition(")")[2].split()[1])


def _name_of(pid: int) -> str | None:
    return None if (stat := _stat(pid)) is None else stat.partition("(")[2].rpartition(")")[0]


def _stat(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
