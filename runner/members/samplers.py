"""Samplers: how the next parameters are drawn. Closed to plug-ins."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from runner.members.family import Family
from runner.members.member import Member
from runner.members.slot import Slot
from runner.values.section import Section


class Sampler(Section):
    """How the next parameters are drawn."""

    name: str = "tpe"
    """tpe and random take any space."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Seed of the sampler and of the models."""
    startup: Annotated[int, Field(ge=1)] = 10
    """Trials drawn at random before tpe begins."""


TPE: Final = Member(
    "tpe", Sampler, "runner.search.samplers:tpe", "Tree-structured Parzen estimator, multivariate.", ("optuna",)
)
RANDOM: Final = Member(
    "random",
    Sampler,
    "runner.search.samplers:random",
    "Independent draws.",
    ("optuna",),
    frozenset({"ignores_scores"}),
)
SAMPLERS: Final = Family("samplers", (TPE, RANDOM), open=False)


def _with_name(value: Any) -> Any:
    if isinstance(value, str):
        return {"name": value}
    return {"name": "tpe", **value} if isinstance(value, dict) else value


SamplerSlot = Annotated[Sampler, Slot(SAMPLERS, "name", normalize=_with_name)]
