"""Subtract the forecast of a rule from each origin, so that a model learns the residual."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from runner.families.features.rows import Rows
from runner.families.models import load_rule
from runner.families.targets.chain import Additive
from runner.values.panel import Floats, Ints, View

BLOCK: Final = 4_000_000  # cells of paths in memory together


@dataclass(frozen=True)
class Base:
    """The name of a rule with the trait `can_be_base`."""

    base: str

    def fit(self, view: View, origins: Ints) -> FittedBase:
        """Bind the rule to a window; paths are made when rows ask for them."""
        rule = load_rule(self.base, {})
        return FittedBase(lambda some: rule.paths(view, some), origins, view.horizon)


@dataclass(frozen=True)
class FittedBase(Additive):
    """The rule's path of each (origin, step)."""

    paths: Callable[[Ints], Floats]  # [O, N] -> [O, N, H]
    origins: Ints  # [N, K]
    horizon: int

    def apply(self, y: Floats, rows: Rows) -> Floats:
        """Return y less the path of its row."""
        return y - self._at(rows)

    def undo(self, z: Floats, rows: Rows) -> Floats:
        """Add the path again."""
        return z + self._at(rows)

    def _at(self, rows: Rows) -> Floats:
        """Return the path's value at each row, [R], some origins at a time."""
        number = rows.spot % self.origins.shape[1]
        order = np.argsort(number, kind="stable")
        values = np.empty(len(rows))
        for some in self._blocks():
            begin, end = np.searchsorted(number[order], [some[0], some[-1] + 1])
            chosen = order[begin:end]
            paths = self.paths(self.origins[:, some].T)
            values[chosen] = paths[number[chosen] - some[0], rows.series[chosen], rows.step[chosen] - 1]
        return values

    def _blocks(self) -> Iterator[Ints]:
        n, k = self.origins.shape
        width = max(1, BLOCK // max(1, n * self.horizon))
        for at in range(0, k, width):
            yield np.arange(at, min(at + width, k))
