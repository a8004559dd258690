"""`target:` how the target of each series is brought to a common scale."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.values.section import Section


class TargetScaling(Section):
    """How the target of each series is brought to a common scale; undone after the forecast."""

    scale: Literal["none", "mean", "std", "difference"] = "mean"
    """Divide by the mean absolute value, standard deviation or mean absolute first difference before the origin."""
    level: Literal["none", "mean", "last"] = "none"
    """Subtract the mean or the last value before the origin first."""
    window: Annotated[int, Field(ge=1)] | None = None
    """Steps before the origin to take them from; all when absent."""
    base: Literal["none", "seasonal_naive"] = "none"
    """Model whose forecast is subtracted, so that the residual is learnt."""
    transform: Literal["none", "log1p"] = "none"
    """Transform applied before scaling."""
