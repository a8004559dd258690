"""An engine in the driver's own process: the least that the protocol asks for."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterator
from typing import Any

from runner.errors import Interrupted
from runner.families.engines.base import EngineOptions, Job, Lost, call


class Inline:
    """Runs each job when its outcome is asked for."""

    def __init__(self, options: EngineOptions, _section: Any = None) -> None:
        self._options, self._waiting = options, deque[Job]()

    def submit(self, job: Job) -> None:
        """Add a job."""
        self._waiting.append(job)

    def outcomes(self) -> Iterator[tuple[Job, Any | Lost]]:
        """Yield each job with its outcome, in order of submission."""
        while self._waiting:
            if self._options.stop:
                self._options.on_stop()
                raise Interrupted(self._options.stop.signal or signal.SIGINT)
            job = self._waiting.popleft()
            try:
                outcome = call(job)
            except MemoryError:
                outcome = Lost("out of memory", 1)
            yield job, outcome

    def close(self) -> None:
        """Forget what was submitted."""
        self._waiting.clear()
