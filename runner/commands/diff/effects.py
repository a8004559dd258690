"""Derive what a change of the spec means for run id, windows, studies, fits and scores.

All of it follows from the two specs, as `split` and `plan` derive it from a spec and a panel; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from runner.language.inherit import COMMON
from runner.language.sections.evaluation import Windows
from runner.language.sections.experiment import Experiment
from runner.members.models.blend import BlendModel
from runner.members.models.section import TrainedModel
from runner.members.samplers import SAMPLERS
from runner.store.identity import numeric_part
from runner.values.space import WideSpace

Fate = Literal["added", "removed", "same", "first draws", "new"]


@dataclass(frozen=True, order=True)
class Offset:
    """A window by its distance from the end of the history: `cutoff` steps before it, `horizon` steps scored."""

    cutoff: int
    horizon: int
    history: int  # steps of training; 0 for all


@dataclass(frozen=True)
class WindowChange:
    """How the windows of one part differ, earliest first."""

    part: Literal["tuning", "test"]
    before: int
    after: int
    added: tuple[Offset, ...]
    removed: tuple[Offset, ...]

    @property
    def kept(self) -> int:
        """Return the number of windows in both specs."""
        return self.after - len(self.added)


@dataclass(frozen=True)
class StudyChange:
    """The effect on one tuned model. `draws` is how many of the first draws stay the same."""

    model: str
    fate: Fate
    trials_before: int
    trials_after: int
    draws: int = 0


@dataclass(frozen=True)
class Effects:
    """All effects of a change of the spec."""

    same_run: bool  # the same run id, for the same data, code and libraries
    windows: tuple[WindowChange, ...]
    studies: tuple[StudyChange, ...]
    models_added: tuple[str, ...]
    models_removed: tuple[str, ...]
    fits_before: int
    fits_after: int
    comparable: bool  # whether test scores of both are of the same cells


def effects(before: Experiment, after: Experiment) -> Effects:
    """Return the effects of replacing one spec by the other."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return Effects(
        numeric_part(old) == numeric_part(new),
        tuple(_window_changes(before, after)),
        tuple(_study_changes(before, after, old, new)),
        tuple(name for name in after.models if name not in before.models),
        tuple(name for name in before.models if name not in after.models),
        count_fits(before),
        count_fits(after),
        _same_cells(before, after, old, new),
    )


def offsets(spec: Experiment) -> Mapping[Literal["tuning", "test"], tuple[Offset, ...]]:
    """Return the windows of each part, earliest first, as `split` makes them."""
    horizon, gap, tuning, test = spec.forecast.horizon, spec.forecast.gap, spec.evaluation.tuning, spec.evaluation.test
    test_cutoffs = _cutoffs(0, test, horizon, gap, horizon)
    least = min(tuning.min_horizon or horizon, horizon)
    tuning_cutoffs = _cutoffs(test_cutoffs[0], tuning, horizon, gap, least)
    return {
        "tuning": tuple(
            Offset(cutoff, min(horizon, cutoff - gap - test_cutoffs[0]), tuning.history or 0)
            for cutoff in tuning_cutoffs
        ),
        "test": tuple(Offset(cutoff, min(horizon, cutoff - gap), test.history or 0) for cutoff in test_cutoffs),
    }


def _cutoffs(end: int, part: Windows, horizon: int, gap: int, last_horizon: int) -> list[int]:
    """Return the cutoffs as steps before the end of the history, earliest first."""
    step = part.step or horizon
    return [end + gap + last_horizon + back * step for back in reversed(range(part.windows))]


def _window_changes(before: Experiment, after: Experiment) -> Iterator[WindowChange]:
    old, new = offsets(before), offsets(after)
    parts: tuple[Literal["tuning", "test"], ...] = ("tuning", "test")
    for part in parts:
        added = tuple(window for window in new[part] if window not in old[part])
        removed = tuple(window for window in old[part] if window not in new[part])
        if added or removed:
            yield WindowChange(part, len(old[part]), len(new[part]), added, removed)


def studies(spec: Experiment) -> dict[str, int]:
    """Return tuned model -> trials; one trial where only the rounds are determined."""
    trained = {name: model for name, model in spec.models.items() if isinstance(model, TrainedModel)}
    return {name: spec.study.budget.trials if _searches(model) else 1 for name, model in trained.items()}


def count_fits(spec: Experiment) -> int:
    """Return the most fits of trained models, over all windows."""
    trials, tuning, test = studies(spec), spec.evaluation.tuning.windows, spec.evaluation.test.windows
    learns = any(isinstance(model, BlendModel) and model.weights == "learnt" for model in spec.models.values())
    again = tuning if learns or spec.forecast.quantiles else 0
    return sum(trials.values()) * tuning + len(trials) * (test + again)


def _searches(model: TrainedModel) -> bool:
    if isinstance(model.space, WideSpace):
        return any(getattr(model.space, section) for section in WideSpace.model_fields)
    return bool(model.space)


def _study_changes(
    before: Experiment, after: Experiment, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[StudyChange]:
    trials, now = studies(before), studies(after)
    for name in dict.fromkeys((*now, *trials)):
        if name not in trials:
            yield StudyChange(name, "added", 0, now[name])
        elif name not in now:
            yield StudyChange(name, "removed", trials[name], 0)
        else:
            draws = _same_draws(name, after, old, new, now[name])
            same = draws and _same_scores(name, before, after, old, new)
            fate: Fate = "same" if same else "first draws" if draws else "new"
            yield StudyChange(name, fate, trials[name], now[name], draws)


def _same_draws(name: str, after: Experiment, old: Mapping[str, Any], new: Mapping[str, Any], trials: int) -> int:
    """Return how many of the first draws stay the same: those before the sampler uses a score."""
    seeds = [(side["name"], *_search(name, side)) for side in (old, new)]
    if seeds[0] != seeds[1]:
        return 0
    if SAMPLERS.has(after.study.sampler.name, "ignores_scores"):
        return trials
    size = after.study.generation
    random_draws = -(-after.study.sampler.startup // size) * size  # before `startup` trials are recorded
    return min(trials, random_draws)


def _search(name: str, side: Mapping[str, Any]) -> tuple[Any, ...]:
    return side["models"][name]["space"], side["study"]["sampler"], side["study"]["generation"]


_SCORING: Final[Sequence[str]] = ("data", "forecast")


def _same_scores(
    name: str, before: Experiment, after: Experiment, old: Mapping[str, Any], new: Mapping[str, Any]
) -> bool:
    """Return whether every trial of the study would have the same score."""
    if offsets(before)["tuning"] != offsets(after)["tuning"]:
        return False
    inputs = [
        (
            [side[section] for section in _SCORING],
            [side["evaluation"][key] for key in ("metric", "anchor")],
            side["models"][name],
            [side["models"][name][section] or side[section] for section in COMMON],
            side["study"]["pruner"],
        )
        for side in (old, new)
    ]
    dropped = "drop" in (before.data.short_series, after.data.short_series)
    return inputs[0] == inputs[1] and (not dropped or old["evaluation"] == new["evaluation"])


def _same_cells(before: Experiment, after: Experiment, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether both are scored on the same test cells with the same truth."""
    if offsets(before)["test"] != offsets(after)["test"]:
        return False
    drops = {"covariates", "join", "future"}
    truth = [
        ({key: value for key, value in side["data"].items() if key not in drops}, side["evaluation"]["anchor"])
        for side in (old, new)
    ]
    return truth[0] == truth[1]
