"""Workers die, hang and run out of memory; the others go on, and each job has exactly one outcome."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from runner.errors import Interrupted
from runner.families.engines.base import Lost
from runner.families.engines.local import Processes
from runner.families.engines.stop import Stop


def work(job: str) -> str:
    """Do as the job says."""
    verb, _, argument = job.partition(" ")
    if verb == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if verb == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if verb == "die-once":
        marker = Path(argument)
        if not marker.exists():
            marker.touch()
            os._exit(3)
    if verb == "sleep":
        time.sleep(float(argument))
    if verb == "hang":
        time.sleep(60)
    if verb == "starve":
        raise MemoryError
    return f"did {job}"


@pytest.fixture
def engine() -> Iterator[Processes]:
    made = Processes(work, workers=2, retries=1, timeout=20, stop=Stop())
    yield made
    made.close()


def test_every_job_has_one_outcome(engine: Processes) -> None:
    assert dict(engine.run(["a", "b", "c", "d", "e"])) == {job: f"did {job}" for job in "abcde"}


@pytest.mark.slow
def test_a_killed_worker_costs_its_own_job_only_and_names_the_signal(engine: Processes) -> None:
    outcomes = dict(engine.run(["die", "a", "crash", "b"]))
    assert outcomes["a"] == "did a"
    assert outcomes["b"] == "did b"
    assert outcomes["die"] == Lost("signal: the worker died of SIGKILL (out of memory, or killed by someone)", 2)
    assert outcomes["crash"] == Lost("signal: the worker died of SIGSEGV", 2)


def test_a_job_whose_worker_died_is_tried_again(engine: Processes, tmp_path: Path) -> None:
    job = f"die-once {tmp_path / 'marker'}"
    assert dict(engine.run([job])) == {job: f"did {job}"}


@pytest.mark.slow
def test_a_job_is_tried_again_before_others_are_begun(tmp_path: Path) -> None:
    engine = Processes(work, workers=1, retries=1, timeout=20, stop=Stop())
    again = f"die-once {tmp_path / 'marker'}"
    with closing(engine):
        assert [job for job, _ in engine.run([again, "a", "b"])] == [again, "a", "b"]


def test_running_out_of_memory_is_an_outcome(engine: Processes) -> None:
    assert dict(engine.run(["starve"])) == {"starve": Lost("out of memory", 1)}


@pytest.mark.slow
def test_a_job_over_its_time_limit_is_killed_and_the_others_go_on() -> None:
    engine = Processes(work, workers=2, retries=1, timeout=2, stop=Stop())
    with closing(engine):
        outcomes = dict(engine.run(["hang", "a"]))
    assert outcomes == {"hang": Lost("timeout: not finished within 2 s", 1, limit=2), "a": "did a"}


@pytest.mark.slow
def test_a_job_that_becomes_ready_by_an_outcome_is_begun_while_others_run(engine: Processes) -> None:
    ready, seen = deque(["sleep 1.5", "a"]), []

    def draw() -> Iterator[str | None]:
        while True:
            yield ready.popleft() if ready else None

    for job, _ in engine.run(draw()):
        seen.append(job)
        ready.extend({"a": ["b"], "b": ["c"]}.get(job, []))
    assert seen == ["a", "b", "c", "sleep 1.5"]


def test_a_stop_begins_no_new_job_and_keeps_what_was_running() -> None:
    stop = Stop()
    engine = Processes(work, workers=1, retries=0, timeout=None, stop=stop)
    seen = []

    def collect() -> None:
        for job, _ in engine.run(["a", "b", "c"]):
            seen.append(job)
            stop.ask(signal.SIGTERM)

    with closing(engine), pytest.raises(Interrupted) as caught:
        collect()
    assert seen == ["a"]
    assert caught.value.code == 143


def test_workers_end_within_two_seconds_of_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, pathlib, sys, time
            from runner.families.engines.local import Processes
            from runner.families.engines.stop import Stop
            def work(path):
                pathlib.Path(path).write_text(str(os.getpid()))
                time.sleep(60)
            if __name__ == "__main__":
                list(Processes(work, workers=1, retries=0, timeout=None, stop=Stop()).run([sys.argv[1]]))
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


def test_a_worker_killed_while_it_starts_is_replaced(engine: Processes) -> None:
    jobs = engine.run(["a", "b", "c", "d"])
    killer = threading.Timer(0.3, _kill_a_child)
    killer.start()
    assert dict(jobs) == {job: f"did {job}" for job in "abcd"}
    killer.join()


def _kill_a_child() -> None:
    children = multiprocessing.active_children()
    if children:
        children[0].kill()
