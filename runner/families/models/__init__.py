"""The family of models: kind -> "module:builder". Nothing heavy is imported before a kind is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from runner.families.models.base import Model, Restored

MODELS: Final[Mapping[str, str]] = {
    "naive": "runner.families.models.naive:naive",
    "seasonal_naive": "runner.families.models.naive:seasonal_naive",
    "seasonal_growth": "runner.families.models.naive:seasonal_growth",
    "drift": "runner.families.models.naive:drift",
    "moving_average": "runner.families.models.naive:moving_average",
    "zero": "runner.families.models.naive:zero",
    "lightgbm": "runner.families.models.lightgbm:lightgbm",
    "catboost": "runner.families.models.catboost:catboost",
    "blend": "runner.families.models.blend:blend",
}


class ModelError(Exception):
    """A model cannot be fitted or forecast; the message is the reason on the scoreboard."""


def build(kind: str, params: Mapping[str, Any], seed: int) -> Model:
    """The model of a kind, with the library's own parameter names."""
    module, _, name = MODELS[kind].partition(":")
    model: Model = getattr(importlib.import_module(module), name)(params, seed)
    return model


def restore(kind: str, folder: Path) -> Restored:
    """A trained model from the native files that `Fit.save` wrote.

    Raises ModelError when they are absent, garbled or of another kind, and for a kind that is not trained on rows.
    """
    module = importlib.import_module(MODELS[kind].partition(":")[0])
    if not hasattr(module, "restore"):
        raise ModelError(f"{kind} is not trained on rows: build it from its parameters")
    restored: Restored = module.restore(folder)
    return restored
