"""The steps of `target:`, applied in order and undone in reverse.

A pointwise step at the head of the list transforms the history too, so that features are in the units of the target.
A level and a scale belong to (series, origin), and give features their units. Any other step sees rows only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from runner.families.features.rows import Rows
from runner.families.models import ModelError
from runner.members.targets.registry import TARGETS
from runner.members.targets.section import TargetScaling
from runner.values.panel import Floats, Ints, View


class FittedTarget(Protocol):
    """A step on one window."""

    def apply(self, y: Floats, rows: Rows) -> Floats:
        """Transform values of the rows, [R] -> [R]."""

    def undo(self, z: Floats, rows: Rows) -> Floats:
        """Return the exact inverse of `apply`, [R] -> [R]."""


class Target(Protocol):
    """A step of the list: loaded with its arguments."""

    def fit(self, view: View, origins: Ints) -> FittedTarget:
        """Bind the step to a window; `origins` [N, K]. Raises ModelError when it cannot serve this target."""


@dataclass(frozen=True)
class Pointwise:
    """A step that treats every value alike, wherever it stands. Subclasses say how, and what they refuse."""

    def fit(self, view: View, origins: Ints) -> Pointwise:
        """Check the history. Raises ModelError for a value that has no transform."""
        self.check(view)
        return self

    def check(self, view: View) -> None:
        """Raise ModelError, with the series, for a value that has no transform."""

    def apply(self, y: Floats, rows: Rows | None = None) -> Floats:
        """Transform values of any shape."""
        raise NotImplementedError

    def undo(self, z: Floats, rows: Rows | None = None) -> Floats:
        """Return the values that `apply` was given."""
        raise NotImplementedError


class Additive:
    """Marks a fitted step that adds values which no prediction changes: a prediction keeps its units."""


@dataclass(frozen=True)
class Shift(Additive):
    """Subtract a value of each (series, origin)."""

    values: Floats  # [N, K]

    def apply(self, y: Floats, rows: Rows) -> Floats:
        """Return y less the value of its row."""
        return y - rows.spread(self.values)

    def undo(self, z: Floats, rows: Rows) -> Floats:
        """Add the value again."""
        return rows.spread(self.values) + z


@dataclass(frozen=True)
class FeatureLevel(Shift):
    """A level after a base: features are seen from it, and the residual, which has no level, stays as it is."""

    def apply(self, y: Floats, rows: Rows) -> Floats:
        """Return y."""
        return y

    def undo(self, z: Floats, rows: Rows) -> Floats:
        """Return z."""
        return z


@dataclass(frozen=True)
class Stretch:
    """Divide by a value of each (series, origin), which is never 0."""

    values: Floats  # [N, K]

    def apply(self, y: Floats, rows: Rows) -> Floats:
        """Return y in multiples of the value of its row."""
        return y / rows.spread(self.values)

    def undo(self, z: Floats, rows: Rows) -> Floats:
        """Multiply by the value again."""
        return rows.spread(self.values) * z


@dataclass(frozen=True)
class Units:
    """Level and scale of the target at each origin: features in the target's units are brought to them."""

    level: Floats  # [N, K]
    scale: Floats  # [N, K]

    def convert(self, values: Floats) -> Floats:
        """Return values [N, K] or [N, 1] in these units."""
        return (values - self.level) / self.scale

    def convert_rows(self, values: Floats, rows: Rows) -> Floats:
        """Return values [R] in these units."""
        return (values - rows.spread(self.level)) / rows.spread(self.scale)


@dataclass(frozen=True)
class Chain:
    """All steps on one window."""

    steps: tuple[FittedTarget, ...] = ()
    shape: tuple[int, int] = field(default=(0, 0))
    """N, K."""

    def apply(self, y: Floats, rows: Rows) -> Floats:
        """Return what a model learns of target values [R]."""
        for step in self.steps:
            y = step.apply(y, rows)
        return y

    def undo(self, z: Floats, rows: Rows) -> Floats:
        """Return predictions [R] in the units of the data."""
        for step in reversed(self.steps):
            z = step.undo(z, rows)
        return z

    @property
    def units(self) -> Units:
        """Return the level and scale that the steps set; 0 and 1 without any."""
        level, scale = np.zeros(self.shape), np.ones(self.shape)
        for step in self.steps:
            if isinstance(step, Shift):
                level = step.values
            elif isinstance(step, Stretch):
                scale = step.values
        return Units(level, scale)

    def factor(self, rows: Rows) -> Floats | None:
        """Return units of the data in one unit of a prediction, [R]; None unless every step is additive or a scale."""
        has_factor = all(isinstance(step, Additive | Stretch) for step in self.steps)
        return rows.spread(self.units.scale) if has_factor else None


def load_steps(section: TargetScaling) -> tuple[Target, ...]:
    """Return the steps of the section, each imported when first asked for."""
    return tuple(TARGETS[step.kind].implementation()(**step.arguments) for step in section.in_order())


def fit_chain(steps: Sequence[Target], view: View, origins: Ints) -> Chain:
    """Fit every step on the history as the pointwise steps at the head leave it. Raises ModelError."""
    fitted: list[FittedTarget] = []
    for step in steps:
        if _is_head(fitted):
            view = replace(view, panel=replace(view.panel, y=transform_history(fitted[-1:], view.panel.y)))
        new = step.fit(view, origins)
        fitted.append(FeatureLevel(new.values) if isinstance(new, Shift) and _has_base(fitted) else new)
    _check_order(fitted)
    return Chain(tuple(fitted), (origins.shape[0], origins.shape[1]))


def transform_history(steps: Sequence[Any], y: Floats) -> Floats:
    """Return y [N, T] in the units of the pointwise steps at the head of the list."""
    for step in steps:
        if not isinstance(step, Pointwise):
            break
        y = step.apply(y)
    return y


def _is_head(fitted: Sequence[FittedTarget]) -> bool:
    return bool(fitted) and all(isinstance(step, Pointwise) for step in fitted)


def _has_base(fitted: Sequence[FittedTarget]) -> bool:
    return any(isinstance(step, Additive) and not isinstance(step, Shift) for step in fitted)


def _check_order(fitted: Sequence[FittedTarget]) -> None:
    """Raise unless one level and one scale come before the features: (value - level) / scale."""
    kinds = [isinstance(step, Stretch) for step in fitted if isinstance(step, Shift | Stretch)]
    if kinds not in ([], [False], [True], [False, True]):
        raise ModelError("target: takes one level and one scale, in this order")
