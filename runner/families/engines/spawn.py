"""Spawned worker processes that do not import the caller's script.

By default a spawned process runs the main script again, so that a script without `if __name__ == "__main__":` would
start the run a second time in each worker. Jobs name their functions by module, hence workers need no script.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from threading import Lock
from types import ModuleType

_swapping = Lock()


class WorkerProcess(SpawnProcess):
    """A spawned process without the script of its parent."""

    def start(self) -> None:
        """Start the process."""
        with _hidden_script():
            super().start()


class WorkerContext(SpawnContext):
    """The start method of workers, for pools."""

    Process = WorkerProcess


@contextmanager
def _hidden_script() -> Iterator[None]:
    """Show `multiprocessing` an empty main module while it records what the new process imports."""
    with _swapping:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
