"""What the values of a metric mean, and how they are written; all that readers need of a metric, without its code."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

from runner.members.metrics import METRICS

Direction = Literal["lower", "higher", "zero"]
_DIRECTIONS: Final[Mapping[str, Direction]] = {"higher_is_better": "higher", "zero_is_best": "zero"}


def is_share(metric: str) -> bool:
    """Whether a metric is shown as a percentage."""
    return "share" in _traits(metric)


def direction(metric: str) -> Direction:
    """Which values are better, of a metric by its name in tables, such as `mase_1` or `coverage_80`."""
    return next((_DIRECTIONS[trait] for trait in _traits(metric) if trait in _DIRECTIONS), "lower")


def badness(value: float | None, towards: str) -> float:
    """Smaller is better, whatever the direction; n/a and NaN come last. It is `metrics.sort_key`, without numpy."""
    if value is None or math.isnan(value):
        return math.inf
    return {"lower": value, "higher": -value, "zero": abs(value)}[towards]


def show(metric: str, value: float | None) -> str:
    """A score as people read it: 8.3% for shares, four digits otherwise, n/a for null."""
    if value is None:
        return "n/a"
    if is_share(metric):
        return _percent(value)
    return plain_number(value)


def plain_number(value: float) -> str:
    """Four digits, and whole numbers with separators from ten thousand on."""
    if abs(value) >= 1e9:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _percent(value: float) -> str:
    """Two decimals; whole numbers from a thousand per cent on, and the plain share from a million on."""
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{value * 100:,.0f}%" if abs(value) >= 10 else f"{value * 100:.2f}%"


def _traits(metric: str) -> frozenset[str]:
    """Traits of a metric by its name in tables: that of a member, with its arguments behind it."""
    parts = metric.split("_")
    for end in range(len(parts), 0, -1):
        member = METRICS.get("_".join(parts[:end]))
        if member is not None:
            return member.traits
    return frozenset()
