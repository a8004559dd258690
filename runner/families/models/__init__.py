"""Models: built and loaded by kind. Nothing heavy is imported before a kind is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.members.models import MODELS

if TYPE_CHECKING:
    from runner.families.models.base import Model, Rule, SavedModel


class ModelError(Exception):
    """A model cannot be fitted or forecast; the message is the reason on the scoreboard."""


def build(kind: str, params: Mapping[str, Any], seed: int) -> Model:
    """The model of a kind, with the library's own parameter names."""
    model: Model = MODELS[kind].implementation()(params, seed)
    return model


def load_rule(kind: str, params: Mapping[str, Any]) -> Rule:
    """Return a rule that can be the base of a target. Raises ModelError for any other kind."""
    model: Any = build(kind, params, 0) if kind in MODELS else None
    if not hasattr(model, "paths"):
        raise ModelError(f"{kind} is no rule that can be a base")
    rule: Rule = model
    return rule


def load(kind: str, files: Mapping[str, bytes]) -> SavedModel:
    """Return a model from what `Fit.save` returned. Raises ModelError when it is garbled or of another kind."""
    saved: SavedModel = importlib.import_module(MODELS[kind].module).load(files)
    return saved
