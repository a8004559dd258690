"""What every engine must do. The author of an engine subclasses this, says how it starts, and runs pytest."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

from runner.data.workspace import Workspace
from runner.errors import Interrupted
from runner.families.engines.base import Engine, EngineOptions, Job, Lost
from runner.families.engines.stop import Stop


def echo(workspace: Workspace, *arguments: Any) -> tuple[Any, ...]:
    """Return what the job was given."""
    return (workspace.key, *arguments)


def read_panel(workspace: Workspace) -> str:
    """Read what the driver has saved, wherever this engine's workers find it."""
    return (workspace.panel / "panel.json").read_text()


def write_columns(workspace: Workspace) -> int:
    """Write where a worker may."""
    workspace.cache.mkdir(parents=True, exist_ok=True)
    return (workspace.cache / "columns").write_bytes(b"12345")


def pack(_workspace: Workspace, size: int) -> dict[str, bytes]:
    """Return files, as the fit of a final model does."""
    return {"model.bin": bytes(size)}


def run_out_of_memory(_workspace: Workspace) -> None:
    """Fail as a fit does that needs too much."""
    raise MemoryError


def fail(_workspace: Workspace) -> None:
    """Fail as nothing that a run submits does."""
    raise ValueError("a fault of the program")


def fail_as_a_pool_does(_workspace: Workspace) -> None:
    """Fail with an error that an engine may take for its own."""
    raise RuntimeError("a fault of the program")


def die(_workspace: Workspace) -> None:
    """End the worker as the system does when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(_workspace: Workspace, marker: str) -> str:
    """End the first worker, and finish in the second."""
    if not Path(marker).exists():
        Path(marker).touch()
        os._exit(3)
    return "finished"


def sleep(_workspace: Workspace, seconds: float) -> float:
    """Take some time."""
    time.sleep(seconds)
    return seconds


def stop_at_each(engine: Engine, stop: Stop, number: int) -> Iterator[tuple[Any, ...]]:
    """Yield the arguments of finished jobs, and ask for a stop after each."""
    for job, _ in engine.outcomes():
        stop.signal = number
        yield job.arguments


class EngineConformance:
    """Tests of an engine; every job is a function of this module."""

    isolates: ClassVar[bool] = True
    """Whether a job runs in a process of its own, which can die and can be killed."""

    def start(self, options: EngineOptions) -> Engine:
        """Return the engine under test."""
        raise NotImplementedError

    @pytest.fixture
    def workspace(self, tmp_path: Path) -> Workspace:
        (tmp_path / "panel").mkdir()
        (tmp_path / "panel" / "panel.json").write_text("{}")
        return Workspace(tmp_path / "panel", tmp_path / "columns", "the key")

    @pytest.fixture
    def engine(self) -> Iterator[Engine]:
        with closing(self.start(EngineOptions(workers=2, retries=1, timeout=60))) as engine:
            yield engine

    def job(self, workspace: Workspace, function: Any, *arguments: Any) -> Job:
        return Job(f"{__name__}:{function.__name__}", arguments, workspace)

    def test_engine_without_jobs_has_no_outcome(self, engine: Engine) -> None:
        assert list(engine.outcomes()) == []

    def test_engine_gives_each_job_one_outcome(self, engine: Engine, workspace: Workspace) -> None:
        jobs = [self.job(workspace, echo, number, {"text": "é"}) for number in range(5)]
        for job in jobs:
            engine.submit(job)
        outcomes = list(engine.outcomes())
        assert sorted(job.arguments[0] for job, _ in outcomes) == list(range(5))
        assert all(job in jobs and outcome == ("the key", *job.arguments) for job, outcome in outcomes)

    def test_engine_runs_jobs_submitted_between_outcomes(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, echo, 0))
        seen = []
        for job, _ in engine.outcomes():
            seen.append(job.arguments[0])
            if len(seen) < 4:
                engine.submit(self.job(workspace, echo, len(seen)))
        assert seen == [0, 1, 2, 3]

    def test_engine_shows_the_panel_to_the_function(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, read_panel))
        assert [outcome for _, outcome in engine.outcomes()] == ["{}"]

    def test_engine_gives_the_function_a_cache(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, write_columns))
        assert [outcome for _, outcome in engine.outcomes()] == [5]

    def test_engine_returns_bytes_unchanged(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, pack, 5_000_000))
        ((_, outcome),) = engine.outcomes()
        assert outcome == {"model.bin": bytes(5_000_000)}

    def test_engine_job_out_of_memory_is_lost(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, run_out_of_memory))
        ((_, outcome),) = engine.outcomes()
        assert outcome == Lost("out of memory", 1)

    def test_engine_raises_what_a_function_raised(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, fail))
        with pytest.raises(ValueError, match="a fault of the program"):
            list(engine.outcomes())

    def test_engine_raises_the_runtime_error_of_functions(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, fail_as_a_pool_does))
        with pytest.raises(RuntimeError, match="a fault of the program"):
            list(engine.outcomes())

    def test_engine_close_forgets_jobs_and_allows_more(self, engine: Engine, workspace: Workspace) -> None:
        engine.submit(self.job(workspace, echo, "forgotten"))
        engine.close()
        engine.close()
        engine.submit(self.job(workspace, echo, "new"))
        assert [job.arguments for job, _ in engine.outcomes()] == [("new",)]

    def test_engine_after_a_stop_starts_no_job(self, workspace: Workspace) -> None:
        stop, seen = Stop(), list[Any]()
        notices: list[str] = []
        options = EngineOptions(workers=1, retries=0, stop=stop, on_stop=lambda: notices.append("stopping"))
        with closing(self.start(options)) as engine:
            for number in range(3):
                engine.submit(self.job(workspace, echo, number))
            with pytest.raises(Interrupted) as caught:
                seen.extend(stop_at_each(engine, stop, signal.SIGTERM))
        assert seen == [(0,)]
        assert notices == ["stopping"]
        assert caught.value.code == 143

    def test_engine_dead_worker_costs_its_own_job_only(self, engine: Engine, workspace: Workspace) -> None:
        self._needs_isolation()
        for job in (self.job(workspace, die), self.job(workspace, echo, 1), self.job(workspace, echo, 2)):
            engine.submit(job)
        outcomes = {job.function.partition(":")[2]: outcome for job, outcome in engine.outcomes()}
        assert outcomes["echo"] in [("the key", 1), ("the key", 2)]
        assert isinstance(outcomes["die"], Lost)
        assert outcomes["die"].attempts == 2

    def test_engine_retries_a_job_whose_worker_died(self, engine: Engine, workspace: Workspace, tmp_path: Path) -> None:
        self._needs_isolation()
        engine.submit(self.job(workspace, die_once, str(tmp_path / "died")))
        ((_, outcome),) = engine.outcomes()
        assert outcome == "finished"

    def test_engine_kills_a_job_at_its_time_limit(self, workspace: Workspace) -> None:
        self._needs_isolation()
        with closing(self.start(EngineOptions(workers=2, retries=1, timeout=1.5))) as engine:
            engine.submit(self.job(workspace, sleep, 60))
            engine.submit(self.job(workspace, echo, 1))
            outcomes = {job.arguments: outcome for job, outcome in engine.outcomes()}
        assert outcomes[(1,)] == ("the key", 1)
        assert outcomes[(60,)] == Lost("timeout: not finished within 1.5 s", 1, limit=1.5)

    def _needs_isolation(self) -> None:
        if not self.isolates:
            pytest.skip("jobs run in the driver's own process")
