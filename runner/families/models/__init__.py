"""Models: built and restored by kind. Nothing heavy is imported before a kind is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.members.models import MODELS

if TYPE_CHECKING:
    from pathlib import Path

    from runner.families.models.base import Model, Restored


class ModelError(Exception):
    """A model cannot be fitted or forecast; the message is the reason on the scoreboard."""


def build(kind: str, params: Mapping[str, Any], seed: int) -> Model:
    """The model of a kind, with the library's own parameter names."""
    model: Model = MODELS[kind].implementation()(params, seed)
    return model


def restore(kind: str, folder: Path) -> Restored:
    """A trained model from the native files that `Fit.save` wrote.

    Raises ModelError when they are absent, garbled or of another kind, and for a kind that is not trained on rows.
    """
    module = importlib.import_module(MODELS[kind].module)
    if not hasattr(module, "restore"):
        raise ModelError(f"{kind} is not trained on rows: build it from its parameters")
    restored: Restored = module.restore(folder)
    return restored
