"""Models: built and loaded by kind. Nothing heavy is imported before a kind is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from runner.members.member import Member
from runner.members.models.registry import MODELS
from runner.members.models.section import ModelSection

if TYPE_CHECKING:
    from runner.families.models.base import Model, Rule, SavedModel


class ModelError(Exception):
    """A model cannot be fitted or forecast; the message is the reason on the scoreboard."""


def build(kind: str, params: Mapping[str, Any], seed: int) -> Model:
    """Return the model of a kind, with the library's own parameter names. Raises ModelError for a wrong parameter."""
    member = MODELS[kind]
    plain = not member.traits & {"trained", "combination"}
    model: Model = member.implementation()(_checked(member, params) if plain else params, seed)
    return model


def _checked(member: Member, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters after the member's section, with defaults."""
    try:
        section: ModelSection = member.spec.model_validate({"use": member.name, **params})
    except ValidationError as error:
        line = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in line["loc"])
        raise ModelError(f"{member.name}: parameter {name}: {line['msg']}") from None
    return section.arguments


def load_rule(kind: str, params: Mapping[str, Any]) -> Rule:
    """Return a rule that can be the base of a target. Raises ModelError for any other kind."""
    if not MODELS.has(kind, "can_be_base"):
        raise ModelError(f"{kind} is no rule that can be a base; hint: {', '.join(MODELS.with_trait('can_be_base'))}")
    rule: Rule = build(kind, params, 0)  # type: ignore[assignment]
    return rule


def load(kind: str, files: Mapping[str, bytes]) -> SavedModel:
    """Return a model from what `Fit.save` returned. Raises ModelError when it is garbled or of another kind.

    The kind's module reads it with `load(kind, files)`, one function for all kinds in the module; a module without
    this function has rules, which are saved as their parameters.
    """
    module = importlib.import_module(MODELS[kind].module)
    if hasattr(module, "load"):
        saved: SavedModel = module.load(kind, files)
        return saved
    files_module = importlib.import_module("runner.families.models.files")
    rule: Any = build(kind, files_module.read_meta(files, kind)["params"], 0)
    return rule  # type: ignore[no-any-return]
