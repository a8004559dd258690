"""Spawned worker processes: one thread each, killed at their time limit, replaced when they die.

Spawned, because a forked LightGBM hangs. A worker ends when its parent does, however that ended.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pebble import ProcessExpired, ProcessPool

from runner.errors import Interrupted
from runner.families.engines.base import EngineOptions, Job, Lost, call
from runner.families.engines.spawn import WorkerContext
from runner.families.engines.stop import GRACE_SECONDS
from runner.families.models.light_import import claim_process
from runner.files.log import write_log

_POLL_SECONDS = 0.2
_RETRY: Final = object()
_WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # glibc: large blocks are mapped and returned when freed; else a worker keeps the peak of each stage for good.
    "MALLOC_MMAP_THRESHOLD_": "1000000",
    "MALLOC_TRIM_THRESHOLD_": "10000000",
}


@dataclass(frozen=True)
class _Attempt:
    """A job that waits or runs."""

    job: Job
    number: int = 1
    started: float | None = None  # the first attempt, by the monotonic clock

    def lost(self, reason: str, limit: float | None = None) -> Lost:
        seconds = 0.0 if self.started is None else round(time.monotonic() - self.started, 6)
        return Lost(reason, self.number, seconds, limit)


@dataclass(frozen=True)
class _Raised:
    """What the function of a job raised: a value, so that it is not taken for an error of the pool."""

    error: Exception  # with a note: the traceback in the worker


class Processes:
    """An engine over local processes."""

    def __init__(self, options: EngineOptions, _section: Any = None) -> None:
        self._options = options
        self._waiting: deque[_Attempt] = deque()
        self._running: dict[Future[Any], _Attempt] = {}
        self._pool: Any = None
        self._deadline: float | None = None  # of running jobs, once a stop was asked for

    def submit(self, job: Job) -> None:
        """Add a job."""
        self._waiting.append(_Attempt(job))

    def outcomes(self) -> Iterator[tuple[Job, Any | Lost]]:
        """Yield each job with its outcome as it finishes; one whose worker died is retried before others start."""
        while self._waiting or self._running:
            if self._options.stop:
                self._stop_in_time()
            while self._waiting and len(self._running) < self._options.workers and not self._options.stop:
                self._start(self._waiting.popleft())
            finished, _ = wait(self._running, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                attempt = self._running.pop(future, None)
                if attempt is None:  # its pool broke, and it waits again
                    continue
                outcome = self._outcome(future, attempt)
                if outcome is _RETRY:
                    self._waiting.appendleft(replace(attempt, number=attempt.number + 1))
                else:
                    yield attempt.job, outcome

    def close(self) -> None:
        """End the workers and forget what was submitted."""
        self._waiting.clear()
        self._running.clear()
        self._end_pool()

    def _stop_in_time(self) -> None:
        """Raise Interrupted when no job runs any more, or the time of grace is over."""
        if self._deadline is None:
            self._deadline = time.monotonic() + GRACE_SECONDS
            self._options.on_stop()
        if not self._running or time.monotonic() > self._deadline:
            raise Interrupted(self._options.stop.signal or signal.SIGINT)

    def _start(self, attempt: _Attempt) -> None:
        try:
            future = self._schedule(attempt.job)
        except RuntimeError:  # the pool broke meanwhile
            self._replace_pool()
            future = self._schedule(attempt.job)
        self._running[future] = replace(attempt, started=attempt.started or time.monotonic())

    def _schedule(self, job: Job) -> Future[Any]:
        if self._pool is None:
            for name, value in _WORKER_ENVIRONMENT.items():  # read when the spawned worker starts
                os.environ.setdefault(name, value)
            self._pool = ProcessPool(
                max_workers=self._options.workers,
                context=WorkerContext(),
                initializer=_start_worker,
                initargs=(self._options.log,),
            )
        future: Future[Any] = self._pool.schedule(_call_safely, args=[job], timeout=self._options.timeout)
        return future

    def _replace_pool(self) -> None:
        """End a broken pool. What else ran in it waits again: a job that another one ended has used no attempt."""
        self._end_pool()
        for future in list(self._running):
            if not future.done() or isinstance(future.exception(), BrokenExecutor):
                self._waiting.appendleft(self._running.pop(future))

    def _end_pool(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _outcome(self, future: Future[Any], attempt: _Attempt) -> Any:
        # A signal to the whole group ends the workers too: that is the user's doing and no fault of the job.
        retry = attempt.number <= self._options.retries or bool(self._options.stop)
        timeout = self._options.timeout
        try:
            result = future.result()
        except TimeoutError:
            return attempt.lost(f"timeout: not finished within {timeout:g} s", timeout)
        except ProcessExpired as error:
            return _RETRY if retry else attempt.lost(_cause(error))
        except BrokenExecutor as error:
            # A worker that dies while it starts breaks the pool: a new pool, and the job once more.
            self._replace_pool()
            return _RETRY if retry else attempt.lost(f"the workers could not be started: {error}")
        if not isinstance(result, _Raised):
            return result
        if isinstance(result.error, MemoryError):
            return attempt.lost("out of memory")
        raise result.error


def _call_safely(job: Job) -> Any:
    """Return what the job's function returns, or the exception it raises. Runs in a worker."""
    try:
        return call(job)
    except Exception as error:
        portable = _portable(error)
        portable.add_note(traceback.format_exc())
        return _Raised(portable)


def _portable(error: Exception) -> Exception:
    """Return the exception, or its text where it cannot be pickled: reading it would break the pool."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _cause(error: ProcessExpired) -> str:
    code = error.exitcode
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = " (out of memory, or killed by someone)" if name == "SIGKILL" else ""
        return f"signal: the worker died of {name}{hint}"
    return f"the worker ended with exit code {code}"


def _start_worker(log: Path | None) -> None:
    """Ignore Ctrl-C, end when the parent ends, and log into the run's log, never to the user."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    claim_process()
    logging.captureWarnings(True)
    if log is not None:
        write_log(log)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
