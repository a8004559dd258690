"""A weighted mean of other members' forecasts. Timmermann (2006), "Forecast combinations", Handbook of Economic
Forecasting 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from runner.families.models import ModelError
from runner.families.models.base import Task
from runner.families.models.files import write_meta
from runner.values.panel import Bools, Floats, Forecast, View, last_observed


@dataclass(frozen=True)
class BlendFit:
    """A blend on one window, complete from the start."""

    weights: Mapping[str, float]
    blended: Forecast
    shape: tuple[int, int] = (0, 0)
    """It learns from no row."""

    def grow(self, rounds: int) -> None:
        """Do nothing: a blend does not grow."""

    def forecast(self) -> Forecast:
        """Return the forecast, [N, H]."""
        return self.blended

    def save(self) -> dict[str, bytes]:
        """Return `meta.json`: the weight of each member."""
        return write_meta("blend", {"of": list(self.weights), "weights": dict(self.weights)})


@dataclass(frozen=True)
class Blend:
    """A weighted mean of the task's members."""

    of: tuple[str, ...] | None
    """Names of the members; all that the task brings when None."""
    weights: Mapping[str, float] | None
    """Member -> weight, not negative and summing to one; equal when None."""
    grows: bool = False
    inputs: str = "members"

    def start(self, task: Task) -> BlendFit:
        """Combine members. Raises ModelError when one is absent or has no forecast where there is history."""
        names = tuple(task.members) if self.of is None else self.of
        absent = [name for name in names if name not in task.members]
        if absent or not names:
            raise ModelError(f"no forecast of {', '.join(absent) or 'any member'} to blend")
        members = {name: task.members[name] for name in names}
        _refuse_holes(members, task.view)
        weights = self.weights or dict.fromkeys(names, 1 / len(names))
        return BlendFit(weights, _combine(members, weights))

    def forecast(self, task: Task) -> Forecast:
        """Return the combination of the task's members, [N, H]."""
        return self.start(task).forecast()


def blend(params: Mapping[str, Any], _seed: int) -> Blend:
    """Return the blend of `of` with `weights`: `equal`, or member -> weight. Raises ModelError."""
    unknown = sorted(set(params) - {"of", "weights"})
    if unknown:
        raise ModelError(f"blend takes `of` and `weights`, not {', '.join(unknown)}")
    of = tuple(params["of"]) if params.get("of") is not None else None
    weights = params.get("weights", "equal")
    if weights == "equal" or weights is None:
        return Blend(of, None)
    if not isinstance(weights, Mapping):
        raise ModelError(f"weights of a blend are `equal` or a number for each member, not {weights!r}")
    if of is not None and set(weights) != set(of):
        raise ModelError(f"weights are given for {', '.join(sorted(weights))} but members are {', '.join(sorted(of))}")
    if min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > 1e-6:
        raise ModelError("weights of a blend must not be negative and must sum to one")
    return Blend(of or tuple(weights), dict(weights))


def _refuse_holes(members: Mapping[str, Forecast], view: View) -> None:
    """Raise when a member has no forecast of a series with history: a blend is not renormalized."""
    has_history = np.isfinite(last_observed(view.panel.y))  # [N]
    for name, member in members.items():
        holes = has_history[:, None] & ~np.isfinite(member.point)  # [N, H]
        if holes.any():
            series = int(np.argwhere(holes)[0, 0])
            raise ModelError(
                f"member {name} has no forecast in {int(holes.sum())} cells, first for {view.panel.label(series)}"
            )


def _combine(members: Mapping[str, Forecast], weights: Mapping[str, float]) -> Forecast:
    point = _weighted([(weights[name], member.point) for name, member in members.items()])  # [N, H]
    spread = [(weights[name], m.quantiles) for name, m in members.items() if m.quantiles is not None]
    marks: list[Bools] = [m.fallback for m in members.values() if m.fallback is not None]
    return Forecast(
        point,
        quantiles=_weighted(spread) if len(spread) == len(members) else None,  # [N, H, Q]
        fallback=reduce(np.logical_or, marks) if marks else None,
    )


def _weighted(terms: Sequence[tuple[float, Floats]]) -> Floats:
    total: Floats = reduce(np.add, [weight * values for weight, values in terms])
    return total
