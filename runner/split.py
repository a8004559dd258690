"""Windows of a rolling backtest, derived from a few numbers, and the cells that count in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runner.panel import Bools, Ints

Part = Literal["tuning", "test"]


@dataclass(frozen=True)
class Window:
    """One cut-off per series and the steps forecast after it."""

    part: Part
    number: int  # from 1, the earliest first
    cutoff: Ints  # [N], steps before it are visible
    first: Ints  # [N], steps before it are hidden (0 when the window expands)
    gap: int
    horizon: int  # H; less than the spec's only for late tuning windows under `min_horizon`
    cells: Bools  # [N, H], truth present and at least one observation before the cut-off

    @property
    def name(self) -> str:
        return f"{self.part}-{self.number}"
