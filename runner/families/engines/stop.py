"""A request to stop: once, and no new work begins; by a second signal the process ends.

Only the command line listens to signals (Ctrl-C and SIGTERM). A program that calls `runner.run` keeps its own handlers.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

GRACE_SECONDS: Final = 10.0
"""How long running jobs may continue after the first signal."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether the user has asked for an end, and by which signal."""

    def __init__(self, *, by_signals: bool = False) -> None:
        self.by_signals = by_signals
        self.signal: int | None = None

    def __bool__(self) -> bool:
        return self.signal is not None

    def ask(self, number: int, _frame: FrameType | None = None) -> None:
        """Remember the signal. A second one ends the process at once; its workers follow their parent."""
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number

    @contextmanager
    def listening(self) -> Iterator[Stop]:
        """Set the flag on the two signals while this is open, where the caller asked for it.

        Outside the main thread Python allows no handlers, so none are installed.
        """
        allowed = self.by_signals and threading.current_thread() is threading.main_thread()
        before = {number: signal.signal(number, self.ask) for number in _SIGNALS if allowed}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
