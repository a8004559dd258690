"""Trials -> importance of their parameters, by Optuna's PED-ANOVA.

Watanabe, Bansal and Hutter (2023), "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary
Subspaces", IJCAI.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

from runner.search import FEWEST_TRIALS_FOR_IMPORTANCE
from runner.values.records import TrialRecord


def importances(trials: Sequence[TrialRecord], direction: str) -> Mapping[str, float]:
    """Return full path -> share, of parameters in all complete trials; empty for too few trials."""
    done = [t for t in trials if t.state == "complete" and t.value is not None]
    names = [name for name in (done[0].params if done else ()) if all(name in t.params for t in done)]
    spaces = {name: _distribution([t.params[name] for t in done]) for name in names}
    spaces = {name: space for name, space in spaces.items() if not space.single()}
    if len(done) < FEWEST_TRIALS_FOR_IMPORTANCE or len(spaces) < 2:
        return {}
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize" if direction == "higher" else "minimize")
    study.add_trials([_trial(t, spaces, direction) for t in done])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is marked experimental, and warns of small samples
        try:
            shares = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(), normalize=True)
        except (ValueError, RuntimeError, ZeroDivisionError):
            return {}
    return {name: float(share) for name, share in shares.items()}


def _trial(record: TrialRecord, spaces: Mapping[str, BaseDistribution], direction: str) -> Any:
    value = abs(record.value or 0.0) if direction == "zero" else record.value
    params = {name: record.params[name] for name in spaces}
    return create_trial(params=params, distributions=dict(spaces), value=value)


def _distribution(values: Sequence[Any]) -> BaseDistribution:
    """Return the range of the values tried, which may be narrower than the space."""
    if any(isinstance(v, bool | str) for v in values):
        return CategoricalDistribution(tuple(dict.fromkeys(values)))
    low, high = min(values), max(values)
    log = low > 0 and high / low > 100
    if all(isinstance(v, int) for v in values):
        return IntDistribution(low, high, log=log)
    return FloatDistribution(low, high, log=log)
