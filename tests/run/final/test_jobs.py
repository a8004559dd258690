"""Jobs return records and bytes; nothing of the project is written but the cache."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forecast_worlds import World
from inline_engine import Inline

from runner.families.engines.base import Engine, EngineOptions, Job, Lost
from runner.progress import Event, MemberDone, TrialDone
from runner.run.benchmark.member import LostFit, MemberJob, MemberRun
from runner.run.final.fit import FinalJob
from runner.run.jobs import JobRunner
from runner.run.plan import Candidate
from runner.run.prepare import prepare_plan
from runner.search.pruning import Thresholds
from runner.search.tune import TrialJob

FILES = {"model.txt", "meta.json", "state.npz", "contributions.json"}


class Pickling(Inline):
    """An engine that sends each job through bytes, as one over processes does."""

    def submit(self, job: Job) -> None:
        super().submit(pickle.loads(pickle.dumps(job)))


class Losing(Inline):
    """An engine whose workers die."""

    def outcomes(self) -> Iterator[tuple[Job, Any | Lost]]:
        while self._waiting:
            yield self._waiting.popleft(), Lost("signal: the worker died of SIGKILL", 3, 1.5)


@pytest.fixture
def shown() -> list[Event]:
    return []


def jobs(world: World, shown: list[Event], engine: type[Inline] = Pickling) -> JobRunner:
    prepare_plan(world.session)
    started: Engine = engine(EngineOptions(workers=1, retries=0))
    return JobRunner(world.session, world.plan, started, shown.append)


def candidate(world: World) -> Candidate:
    return world.plan.member("lightgbm").candidate({}, rounds=5)


def trial(world: World) -> TrialJob:
    ask = world.session.folder.generations("lightgbm")[0].asks[0]
    return TrialJob("lightgbm", ask, Thresholds("lower"))


def project_files(world: World) -> dict[Path, int]:
    """Every file outside the cache, with the time of its last change."""
    root, cache = world.session.store.root, world.session.store.cache
    paths = (path for path in root.rglob("*") if path.is_file() and not path.is_relative_to(cache))
    return {path: path.stat().st_mtime_ns for path in paths}


def test_jobs_write_nothing_but_the_cache(world: World, shown: list[Event]) -> None:
    runner, before = jobs(world, shown), project_files(world)
    runner.submit(trial(world))
    ((_, record),) = runner.outcomes()
    ((_, run),) = runner.fit_winners([MemberJob(candidate(world), calibrate=False)])
    ((_, files),) = runner.fit_final_models([FinalJob(candidate(world))])
    assert record.state == "complete"
    assert isinstance(run, MemberRun)
    assert not isinstance(files, str)
    assert set(run.files) == FILES - {"contributions.json"}
    assert set(files) == FILES
    assert project_files(world) == before


def test_jobs_trial_record_equals_the_recorded_one(world: World, shown: list[Event]) -> None:
    runner = jobs(world, shown)
    runner.submit(trial(world))
    ((_, record),) = runner.outcomes()
    first, *_ = trials = world.session.folder.trials("lightgbm")
    assert (record.value, record.curve, record.scores) == (first.value, first.curve, first.scores)
    (event,) = shown
    assert isinstance(event, TrialDone)
    assert (event.number, event.done, event.best) == (0, 3, min(one.value for one in trials if one.value is not None))


def test_jobs_of_lost_workers_are_failures(world: World, shown: list[Event]) -> None:
    runner = jobs(world, shown, Losing)
    runner.submit(trial(world))
    ((_, record),) = runner.outcomes()
    ((_, run),) = runner.fit_winners([MemberJob(candidate(world), calibrate=False)])
    ((_, files),) = runner.fit_final_models([FinalJob(candidate(world))])
    reason = "signal: the worker died of SIGKILL"
    assert (record.state, record.reason, record.attempts, record.seconds) == ("fail", reason, 3, 1.5)
    assert run == LostFit(reason)
    assert files == reason
    assert [event.reason for event in shown if isinstance(event, MemberDone)] == [reason]
