"""`models:` the members of the scoreboard. The key is the name; `use:` is the kind, the key itself if it is one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from runner.errors import PluginError
from runner.members.models.registry import MODELS, Model
from runner.values.section import Frozen


def _name_kinds(value: Any) -> Any:
    """Write the key as `use` where the key is itself a kind."""
    if not isinstance(value, dict):
        return value
    return {
        name: {"use": name, **model} if isinstance(model, dict) and "use" not in model and _is_kind(name) else model
        for name, model in value.items()
    }


def _is_kind(name: Any) -> bool:
    try:
        return name in MODELS
    except PluginError:
        return True  # the slot says what is wrong with it


ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Models = Annotated[dict[ModelName, Model], Frozen, BeforeValidator(_name_kinds), Field(min_length=1)]
