"""Samplers: a new one for each ask."""

from __future__ import annotations

import warnings

import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from runner.members.samplers import Sampler


def tpe(sampler: Sampler, seed: int) -> BaseSampler:
    """Return the multivariate TPE with grouped branches."""
    with warnings.catch_warnings():
        # `group` is marked experimental; it is what keeps branches from being drawn independently.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return TPESampler(seed=seed, n_startup_trials=sampler.startup, multivariate=True, group=True)


def random(_sampler: Sampler, seed: int) -> BaseSampler:
    """Return independent draws."""
    return RandomSampler(seed=seed)
