"""The study, rebuilt from records: asking is a function of (space, sampler, key, records, number) and nothing else.

Optuna keeps no state of its own. Each ask gets a new study that holds the records of earlier generations only,
in number order, failures included, and a sampler seeded from (key, seed, number). What is asked is written before it
runs, so a resume reads the ask and draws nothing again. See `docs/decisions/0002-studies-from-records.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from runner.families.metrics.base import Direction
from runner.members.samplers import SAMPLERS, Sampler
from runner.search.sampled_space import Labels, Range, RealRange, WholeRange, ranges, sample_space
from runner.values.records import Ask, Generation, TrialRecord
from runner.values.space import Space, WideSpace

_STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "fail": TrialState.FAIL}
_STUDY_NAME = "run-spec"  # fixed: some samplers hash it

optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True)
class Search:
    """What decides the sequence of asks."""

    key: str  # identity of the study
    space: Space | WideSpace
    sampler: Sampler
    direction: Direction
    size: int  # trials in a generation


def ask_generation(search: Search, number: int, earlier: Sequence[TrialRecord]) -> Generation:
    """Return all asks of a generation; `earlier` are all records of generations before it."""
    first = number * search.size
    past = [as_frozen_trial(search, record) for record in sorted(earlier, key=lambda r: r.number)]
    asks = tuple(Ask(number=first + i, params=_ask(search, past, first + i)) for i in range(search.size))
    return Generation(number=number, asks=asks)


def as_frozen_trial(search: Search, record: TrialRecord) -> FrozenTrial:
    """Return a record as a trial of Optuna, with the distributions of the present space."""
    complete = record.state == "complete"
    value = record.value if record.value is None or search.direction != "zero" else abs(record.value)
    return create_trial(
        state=_STATES[record.state],
        params=dict(record.params),
        distributions={path: _distribution(r) for path, r in ranges(search.space, record.params).items()},
        value=value if complete else None,
        intermediate_values={} if complete else _intermediate(search, record),
    )


def _intermediate(search: Search, record: TrialRecord) -> dict[int, float]:
    values = {step: point.value for step, point in enumerate(record.curve) if point.value is not None}
    return {step: abs(v) if search.direction == "zero" else v for step, v in values.items()}


def _ask(search: Search, past: Sequence[FrozenTrial], number: int) -> dict[str, Any]:
    study = optuna.create_study(
        study_name=_STUDY_NAME,
        sampler=_sampler(search, number),
        pruner=optuna.pruners.NopPruner(),
        direction=StudyDirection.MAXIMIZE if search.direction == "higher" else StudyDirection.MINIMIZE,
    )
    study.add_trials(past)
    trial = study.ask()
    draws: dict[str, Any] = {}

    def draw(path: str, within: Range) -> Any:
        draws[path] = _suggest(trial, path, within)
        return draws[path]

    sample_space(search.space, draw)
    return draws


def _suggest(trial: optuna.Trial, path: str, within: Range) -> Any:
    match within:
        case RealRange(low, high, log, step):
            return trial.suggest_float(path, low, high, log=log, step=step)
        case WholeRange(low, high, log, step):
            return trial.suggest_int(path, low, high, log=log, step=step)
        case Labels(choices):
            return trial.suggest_categorical(path, choices)


def _distribution(within: Range) -> BaseDistribution:
    match within:
        case RealRange(low, high, log, step):
            return FloatDistribution(low, high, log=log, step=step)
        case WholeRange(low, high, log, step):
            return IntDistribution(low, high, log=log, step=step)
        case Labels(choices):
            return CategoricalDistribution(choices)


def _sampler(search: Search, number: int) -> BaseSampler:
    seed = seed_of(search.key, search.sampler.seed, number)
    sampler: BaseSampler = SAMPLERS[search.sampler.name].implementation()(search.sampler, seed)
    return sampler


def seed_of(*parts: object) -> int:
    """Return a 31-bit seed from any parts."""
    text = "|".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
