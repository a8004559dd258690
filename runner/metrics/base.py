"""What a metric is: additive parts per cell, so that any subset of cells (a window, a series, a step) can be scored.

score = finish(sum of numerators / sum of denominators); with `average = "series"` that is done per series first
and the mean over series is taken. A cell with denominator 0 does not count; no cell at all is `None` (n/a), never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from runner.panel import Floats, Forecast

Direction = Literal["lower", "higher", "zero"]
Average = Literal["cells", "series"]


@dataclass(frozen=True)
class Cells:
    """Truth and forecast of one window, with what scaled metrics need of the past."""

    truth: Floats  # [N, H], NaN where the cell does not count
    forecast: Forecast
    past: Floats  # [N, T], the visible target of the window
    last: Floats  # [N], the last value before the cut-off that is not missing
    season: int
    quantiles: tuple[float, ...] = ()  # [Q]


@dataclass(frozen=True)
class Parts:
    """Additive parts of a score; 0 / 0 where a cell does not count."""

    numerator: Floats  # [N, H]
    denominator: Floats  # [N, H]


class Metric(Protocol):
    """A metric with its arguments bound."""

    name: str
    direction: Direction
    """Which values are better; `zero`: the nearer to zero."""
    unit: str
    """`target`, `share` (of 1), `scale` (multiples of the in-sample error)."""
    average: Average

    def parts(self, cells: Cells) -> Parts:
        """What each cell contributes."""

    def finish(self, ratio: Floats) -> Floats:
        """From the ratio of sums to the score: the identity, or a square root."""
