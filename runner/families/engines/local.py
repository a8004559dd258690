"""Spawned worker processes: one thread each, killed at their time limit, replaced when they die.

Spawned, because a forked LightGBM hangs. A worker ends when its parent does, however that ended.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from runner.errors import Interrupted
from runner.families.engines.base import Lost, Perform
from runner.families.engines.stop import Stop
from runner.families.models.light_import import claim_process
from runner.files.log import write_log

J = TypeVar("J")
GRACE_SECONDS = 10.0
"""How long running jobs may go on after the first signal."""
_POLL_SECONDS = 0.2
_WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # glibc: large blocks are mapped and given back when freed; else a worker keeps the peak of each stage for good.
    "MALLOC_MMAP_THRESHOLD_": "1000000",
    "MALLOC_TRIM_THRESHOLD_": "10000000",
}


@dataclass
class _Running:
    job: Any
    attempts: int
    began: float

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 6)


class _Waiting:
    """Jobs that are not running: those to be tried again, then the one that was drawn, then what the source has."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source, self.again = source, deque[_Running]()

    def ready(self) -> bool:
        if not self.again and (job := next(self._source, None)) is not None:
            self.again.append(_Running(job, 1, 0.0))
        return bool(self.again)

    def take(self) -> _Running:
        item = self.again.popleft()
        item.began = item.began or time.monotonic()
        return item


class Processes:
    """An engine over local processes."""

    def __init__(
        self,
        perform: Perform,
        *,
        workers: int,
        retries: int,
        timeout: float | None,
        stop: Stop,
        log: Path | None = None,
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        self._perform, self._workers, self._retries = perform, workers, retries
        self._timeout, self._stop, self._log, self._on_stop = timeout, stop, log, on_stop
        self._pool: Any = None

    def run(self, jobs: Iterable[J | None]) -> Iterator[tuple[J, Any | Lost]]:
        """Each job with its outcome as it finishes; one whose worker died is tried again before others are begun."""
        waiting = _Waiting(iter(jobs))
        running: dict[Future[Any], _Running] = {}
        deadline: float | None = None
        while waiting.ready() or running:
            if self._stop:
                if deadline is None:
                    deadline = time.monotonic() + GRACE_SECONDS
                    if self._on_stop is not None:
                        self._on_stop()
                if not running or time.monotonic() > deadline:
                    raise Interrupted(self._stop.signal or signal.SIGINT)
            while len(running) < self._workers and not self._stop and waiting.ready():
                item = waiting.take()
                running[self._submit(item.job)] = item
            finished, _ = wait(running, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                item = running.pop(future)
                outcome = self._outcome(future, item)
                if outcome is _AGAIN:
                    waiting.again.appendleft(_Running(item.job, item.attempts + 1, item.began))
                else:
                    yield item.job, outcome

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _submit(self, job: Any) -> Future[Any]:
        try:
            return self._schedule(job)
        except RuntimeError:  # the pool broke meanwhile
            self.close()
            return self._schedule(job)

    def _schedule(self, job: Any) -> Future[Any]:
        if self._pool is None:
            for name, value in _WORKER_ENVIRONMENT.items():  # read when the spawned worker begins
                os.environ.setdefault(name, value)
            self._pool = ProcessPool(
                max_workers=self._workers,
                context=multiprocessing.get_context("spawn"),
                initializer=_begin_worker,
                initargs=(self._log,),
            )
        future: Future[Any] = self._pool.schedule(self._perform, args=[job], timeout=self._timeout)
        return future

    def _outcome(self, future: Future[Any], item: _Running) -> Any:
        try:
            return future.result()
        except TimeoutError:
            reason = f"timeout: not finished within {self._timeout:g} s"
            return Lost(reason, item.attempts, item.seconds, self._timeout)
        except ProcessExpired as error:
            # A signal to the whole group ends the workers too: that is the user's doing and no fault of the job.
            if item.attempts <= self._retries or self._stop:
                return _AGAIN
            return Lost(_cause(error), item.attempts, item.seconds)
        except MemoryError:
            return Lost("out of memory", item.attempts, item.seconds)
        except (BrokenExecutor, RuntimeError, CancelledError) as error:
            # A worker that dies while it starts takes the pool with it: a new pool, and the job once more.
            self.close()
            if item.attempts <= self._retries or self._stop:
                return _AGAIN
            return Lost(f"the workers could not be started: {error}", item.attempts, item.seconds)


_AGAIN = object()


def _cause(error: ProcessExpired) -> str:
    code = error.exitcode
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = " (out of memory, or killed by someone)" if name == "SIGKILL" else ""
        return f"signal: the worker died of {name}{hint}"
    return f"the worker ended with exit code {code}"


def _begin_worker(log: Path | None) -> None:
    """Leave Ctrl-C to the parent, end when it ends, and write what goes wrong into the run's log, never to the user."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    claim_process()
    logging.captureWarnings(True)
    if log is not None:
        write_log(log)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    os._exit(1)
