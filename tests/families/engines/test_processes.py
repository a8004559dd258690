"""Local workers die, hang and are killed while they start; they end with their parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.data.workspace import Workspace
from runner.errors import Interrupted
from runner.families.engines import local
from runner.families.engines.base import EngineOptions, Job, Lost
from runner.families.engines.local import Processes
from runner.families.engines.stop import Stop
from runner.testing.engines import die, die_once, echo, sleep, stop_at_each


def crash(_workspace: Workspace) -> None:
    """End the worker as a fault in a C library does."""
    os.kill(os.getpid(), signal.SIGSEGV)


class TwoWordsError(Exception):
    """An exception that cannot be read back from its pickle."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def fail_with_two_words(_workspace: Workspace) -> None:
    """Raise what breaks a pool when it is read."""
    raise TwoWordsError("two", "words")


@pytest.fixture
def engine() -> Iterator[Processes]:
    with closing(Processes(EngineOptions(workers=2, retries=1, timeout=20))) as engine:
        yield engine


def job(folder: Path, function: Any, *arguments: Any) -> Job:
    return Job(f"{function.__module__}:{function.__name__}", arguments, Workspace(folder, folder, "k"))


@pytest.mark.slow
def test_processes_dead_worker_names_the_signal(engine: Processes, tmp_path: Path) -> None:
    for function in (die, crash):
        engine.submit(job(tmp_path, function))
    outcomes = {job.function.partition(":")[2]: outcome for job, outcome in engine.outcomes()}
    assert outcomes["die"] == Lost("signal: the worker died of SIGKILL (out of memory, or killed by someone)", 2)
    assert outcomes["crash"] == Lost("signal: the worker died of SIGSEGV", 2)


@pytest.mark.slow
def test_processes_retry_comes_before_other_jobs(tmp_path: Path) -> None:
    with closing(Processes(EngineOptions(workers=1, retries=1))) as engine:
        jobs = [job(tmp_path, die_once, str(tmp_path / "died")), job(tmp_path, echo, 1), job(tmp_path, echo, 2)]
        for one in jobs:
            engine.submit(one)
        assert [one for one, _ in engine.outcomes()] == jobs


@pytest.mark.slow
def test_processes_new_job_starts_while_others_run(engine: Processes, tmp_path: Path) -> None:
    seen = []
    engine.submit(job(tmp_path, sleep, 1.5))
    engine.submit(job(tmp_path, echo, 1))
    for finished, _ in engine.outcomes():
        seen.append(finished.arguments[0])
        if len(seen) < 3:
            engine.submit(job(tmp_path, echo, len(seen) + 1))
    assert seen == [1, 2, 3, 1.5]


@pytest.mark.slow
def test_processes_stop_waits_for_the_time_of_grace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "GRACE_SECONDS", 2.0)
    stop = Stop()
    with closing(Processes(EngineOptions(workers=2, retries=0, stop=stop))) as engine:
        for arguments in ((echo, 0), (sleep, 1.0), (sleep, 60)):
            engine.submit(job(tmp_path, *arguments))
        seen: list[Any] = []
        with pytest.raises(Interrupted):
            seen.extend(stop_at_each(engine, stop, signal.SIGINT))
    assert seen == [(0,), (1.0,)]


def test_workers_end_soon_after_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, pathlib, sys, time
            from runner.data.workspace import Workspace
            from runner.families.engines.base import EngineOptions, Job
            from runner.families.engines.local import Processes
            def work(workspace):
                workspace.panel.write_text(str(os.getpid()))
                time.sleep(60)
            if __name__ == "__main__":
                path = pathlib.Path(sys.argv[1])
                engine = Processes(EngineOptions(workers=1, retries=0))
                engine.submit(Job("parent:work", (), Workspace(path, path, "k")))
                list(engine.outcomes())
            """
        )
    )
    marker = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, str(script), str(marker)])
    assert_within(lambda: marker.exists() and marker.read_text() != "", 20)
    child = int(marker.read_text())
    parent.kill()
    parent.wait()
    assert_within(lambda: not _alive(child), 2)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def assert_within(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


def test_processes_worker_killed_while_it_starts_is_replaced(engine: Processes, tmp_path: Path) -> None:
    for number in range(4):
        engine.submit(job(tmp_path, echo, number))
    killer = threading.Timer(0.3, _kill_a_child)
    killer.start()
    assert sorted(outcome for _, outcome in engine.outcomes()) == [("k", number) for number in range(4)]
    killer.join()


def _kill_a_child() -> None:
    children = multiprocessing.active_children()
    if children:
        children[0].kill()


def test_processes_jobs_of_a_broken_pool_use_no_attempt(tmp_path: Path) -> None:
    with closing(Processes(EngineOptions(workers=2, retries=0, timeout=20))) as engine:
        engine.submit(job(tmp_path, sleep, 1.0))
        engine.submit(job(tmp_path, echo, 1))
        outcomes = []
        for _, outcome in engine.outcomes():
            outcomes.append(outcome)
            if len(outcomes) == 1:
                engine._replace_pool()
    assert outcomes == [("k", 1), 1.0]


def test_processes_raise_errors_that_cannot_be_pickled(engine: Processes, tmp_path: Path) -> None:
    engine.submit(job(tmp_path, fail_with_two_words))
    with pytest.raises(RuntimeError, match="TwoWordsError: two words") as caught:
        list(engine.outcomes())
    assert "in fail_with_two_words" in caught.value.__notes__[0]
