"""Spec, Panel -> Plan: everything that will be done, before any of it is done.

A pure function of the two, so a worker process that is handed the same spec and panel has the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from runner.data import split
from runner.data.split import Split
from runner.families import metrics
from runner.families.features.build import estimate_rows
from runner.families.features.config import TableConfig
from runner.families.metrics.base import Metric
from runner.language.frequency import main_season
from runner.language.members_used import ALWAYS_REPORTED
from runner.language.sections.experiment import Experiment
from runner.members.features.section import Features
from runner.members.metrics.registry import metric_from
from runner.members.metrics.section import MetricRef
from runner.members.models.registry import MODELS
from runner.members.models.section import ModelSection, TrainedModel
from runner.members.training import Rounds, Training
from runner.values.panel import Panel
from runner.values.records import TrialRecord
from runner.values.section import FrozenMap, Scalar, Section, as_values
from runner.values.space import Space, WideSpace

SECONDS_PER_CELL = 4.6e-9
"""Of one boosting round on one thread, per cell of the table."""
SECONDS_PER_ROUND = 0.003
"""Of one boosting round, for any size of the table."""
USUAL_COLUMNS = 25


@dataclass(frozen=True)
class Setup:
    """What all evaluations of a run share."""

    panel: Panel
    windows: Split
    season: int
    metrics: tuple[Metric, ...]  # the tuned one first, then the reported ones
    quantiles: tuple[float, ...]
    tables: Path  # folder of the feature cache
    key: str  # identity of data and code, for that cache

    @property
    def metric(self) -> Metric:
        """The one that is tuned and ranked by."""
        return self.metrics[0]


@dataclass(frozen=True)
class Candidate:
    """Everything that decides the numbers of one member on given windows."""

    model: str
    kind: str
    params: FrozenMap[str, Scalar]
    tables: TableConfig | None  # for models that learn from rows
    limits: Rounds
    seed: int
    rounds: int | None = None  # fixed; None: found by early stopping


@dataclass(frozen=True)
class Member:
    """One member of the scoreboard as planned."""

    name: str
    kind: str
    base: Candidate  # before anything is searched
    space: Space | WideSpace | None = None  # None: not trained; empty: one trial, which finds the rounds
    of: tuple[str, ...] = ()  # members of a blend
    learnt: bool = False  # whether its weights are learnt

    def candidate(self, values: Mapping[str, Mapping[str, Any]], rounds: int | None = None) -> Candidate:
        """The candidate with values drawn for params, features, target and training."""
        tables = self.base.tables
        if tables is not None:
            tables = TableConfig(
                _overlaid(Features, tables.features, values.get("features", {})),
                tables.target.overlaid(values.get("target", {})),
                _overlaid(Training, tables.training, values.get("training", {})),
            )
        return replace(
            self.base,
            params=FrozenMap({**self.base.params, **values.get("params", {})}),
            tables=tables,
            limits=tables.training.rounds if tables else self.base.limits,
            rounds=rounds,
        )


@dataclass(frozen=True)
class Plan:
    """What a run will do."""

    spec: Experiment
    setup: Setup
    members: tuple[Member, ...]  # every blend after its members

    @property
    def studies(self) -> tuple[Member, ...]:
        """Members that are tuned."""
        return tuple(m for m in self.members if m.space is not None)

    @property
    def calibrates(self) -> bool:
        """Whether winners are fitted on the tuning windows once more, for quantiles or learnt weights."""
        return bool(self.setup.quantiles) or any(m.learnt for m in self.members)

    def trials(self, member: Member) -> int:
        """Trials of a member's study: one when nothing is searched, since only its rounds are to be found."""
        if member.space is None:
            return 0
        return self.spec.study.budget.trials if _reaches(member.space) else 1

    def study_key(self, member: Member) -> str:
        """What a study's draws are seeded by: experiment and member, not the run.

        With other features or code the search still begins with the same draws, so that two runs differ by what was
        changed and not by luck.
        """
        return f"{self.spec.name}/{member.name}"

    def member(self, name: str) -> Member:
        return next(m for m in self.members if m.name == name)

    @property
    def fits(self) -> int:
        """Fits of trained models at the most, over all windows."""
        trained = [m for m in self.members if m.base.tables is not None]
        tuning, test = len(self.setup.windows.tuning), len(self.setup.windows.test)
        searched = sum(self.trials(m) for m in self.studies) * tuning
        return searched + len(trained) * (test + (tuning if self.calibrates else 0))


def make_plan(spec: Experiment, panel: Panel, *, tables: Path, key: str) -> Plan:
    """The plan. `panel` is what `split.keep_series` left of it; `tables` and `key` serve the feature cache.

    Raises DataError when the history is too short, or no cell of a part can be scored.
    """
    windows = split.split(panel, spec)
    season = main_season(spec.forecast.season, spec.data.freq)
    quantiles = spec.forecast.quantiles
    refs = reported(spec)
    setup = Setup(
        panel,
        windows,
        season,
        tuple(metrics.build(ref, season=season, quantiles=quantiles) for ref in refs),
        quantiles,
        tables,
        key,
    )
    for name in {name for metric in setup.metrics for name in metric.covariates}:
        split.known_values(panel, windows.test[0], name)  # raises now rather than in the first trial
    return Plan(spec, setup, _in_order(_members(spec)))


def estimate_seconds(plan: Plan) -> float:
    """Seconds of one worker for all fits, to a factor of three: half the most rounds, each by the size of its table.

    The unit was measured on LightGBM and CatBoost with a table of 400,000 rows and 40 columns on one thread.
    """
    setup, total = plan.setup, 0.0
    for member in plan.members:
        config = member.base.tables
        if config is None:
            continue
        times = {"tuning": plan.trials(member) + plan.calibrates, "test": 1}
        for window in (*setup.windows.tuning, *setup.windows.test):
            rows = estimate_rows(split.view(setup.panel, window, setup.season), config)
            round_seconds = SECONDS_PER_ROUND + rows * USUAL_COLUMNS * SECONDS_PER_CELL
            total += times[window.part] * round_seconds * config.training.rounds.max / 2
    return total


def rest_seconds(plan: Plan, recorded: Mapping[str, Sequence[TrialRecord]]) -> float | None:
    """Seconds of one worker for what is left, by what recorded trials took; None while a study has none."""
    test = len(plan.setup.windows.test) / len(plan.setup.windows.tuning) + plan.calibrates  # in trials
    total = 0.0
    for member in plan.studies:
        taken = [record.seconds for record in recorded.get(member.name, ())]
        if not taken:
            return None
        total += sum(taken) / len(taken) * (max(plan.trials(member) - len(taken), 0) + test)
    return total


def unobserved(plan: Plan) -> str:
    """A sentence that names the series without any observation; empty when there is none."""
    panel = plan.setup.panel
    empty = np.flatnonzero(~np.isfinite(panel.y).any(axis=1))
    if not len(empty):
        return ""
    verb = "series has" if len(empty) == 1 else "series have"
    return (
        f"{len(empty):,} of {panel.n_series:,} {verb} no observation of {plan.spec.data.target} at all, and no score: "
        f"{split.named(panel, empty)}"
    )


def reported(spec: Experiment) -> tuple[MetricRef, ...]:
    """The tuned metric, the reported ones, and those that every document has; each once."""
    refs = [spec.evaluation.metric, *spec.evaluation.report]
    refs += [metric_from(kind) for kind in ALWAYS_REPORTED]
    return tuple({ref.name: ref for ref in reversed(refs)}[name] for name in dict.fromkeys(r.name for r in refs))


def _members(spec: Experiment) -> list[Member]:
    models = dict(spec.models)
    baseline = spec.evaluation.baseline
    if baseline not in models:  # a baseline kind: the language has checked
        models = {baseline: MODELS[baseline].spec.model_validate({"use": baseline}), **models}
    return [_member(name, model, spec) for name, model in models.items()]


def _member(name: str, model: ModelSection, spec: Experiment) -> Member:
    tables, space = None, None
    if isinstance(model, TrainedModel):
        tables = TableConfig(
            model.features or spec.features, model.target or spec.target, model.training or spec.training
        )
        space = model.space
    limits = tables.training.rounds if tables else spec.training.rounds
    params = FrozenMap[str, Scalar](model.arguments)
    base = Candidate(name, model.use, params, tables, limits, spec.study.sampler.seed)
    return Member(name, model.use, base, space, model.members, learnt=getattr(model, "weights", "") == "learnt")


def _reaches(space: Space | WideSpace) -> bool:
    """Whether anything is searched."""
    if isinstance(space, WideSpace):
        return any(getattr(space, section) for section in WideSpace.model_fields)
    return bool(space)


def _in_order(members: Sequence[Member]) -> tuple[Member, ...]:
    """Every blend after its members; otherwise as written. The language has refused cycles."""
    ordered: list[Member] = []
    waiting = list(members)
    while waiting:
        ready = next(m for m in waiting if set(m.of) <= {o.name for o in ordered})
        ordered.append(ready)
        waiting.remove(ready)
    return tuple(ordered)


S = TypeVar("S", bound=Section)


def _overlaid(section: type[S], base: S, changes: Mapping[str, Any]) -> S:
    if not changes:
        return base
    return section.model_validate(as_values({**base.model_dump(), **changes}))
