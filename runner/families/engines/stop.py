"""Ctrl-C and SIGTERM: once, and no new work begins; twice, and the process is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether the user has asked for an end, and by which signal."""

    def __init__(self) -> None:
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
        """While this is open, the two signals set the flag instead of ending the process."""
        before = {number: signal.signal(number, self.ask) for number in _SIGNALS}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
