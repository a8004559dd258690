"""The forecast of a rule as seen from each origin: descriptor and section."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member
from runner.members.targets.step import StepSection


class BaseStep(StepSection):
    """Subtract the forecast of a rule from each origin, so that the residual is learnt."""

    base: str
    """The rule: `naive`, `seasonal_naive`, `drift` or `moving_average`."""


BASE: Final = Member(
    "base",
    BaseStep,
    "runner.families.targets.base:Base",
    "Subtract the forecast of a rule from each origin, so that the residual is learnt.",
    traits=frozenset({"base"}),
)
