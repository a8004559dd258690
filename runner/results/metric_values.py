"""Tell what the values of a metric mean and how they are written, without importing its code."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

from runner.members.metrics.registry import METRICS

Direction = Literal["lower", "higher", "zero"]
_DIRECTIONS: Final[Mapping[str, Direction]] = {"higher_is_better": "higher", "zero_is_best": "zero"}


def is_share(metric: str) -> bool:
    """Return whether a metric is shown as a percentage."""
    return "share" in _traits(metric)


def direction(metric: str) -> Direction:
    """Return which values are better, by the metric's name in tables, such as `mase_1` or `coverage_80`."""
    return next((_DIRECTIONS[trait] for trait in _traits(metric) if trait in _DIRECTIONS), "lower")


def badness(value: float | None, towards: str) -> float:
    """Return a number that is smaller for a better value, infinity for n/a and NaN; as `metrics.sort_key`."""
    if value is None or math.isnan(value):
        return math.inf
    return {"lower": value, "higher": -value, "zero": abs(value)}[towards]


def show(metric: str, value: float | None) -> str:
    """Return a score as people read it: 8.3% for shares, four digits otherwise, n/a for null."""
    if value is None:
        return "n/a"
    if is_share(metric):
        return _percent(value)
    return plain_number(value)


def plain_number(value: float) -> str:
    """Return four digits, and whole numbers with separators from ten thousand on."""
    if abs(value) >= 1e9:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _percent(value: float) -> str:
    """Return two decimals; whole numbers from a thousand percent on, and the share itself from a million on."""
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{value * 100:,.0f}%" if abs(value) >= 10 else f"{value * 100:.2f}%"


def _traits(metric: str) -> frozenset[str]:
    """Return the traits of a metric by its name in tables: a member's name followed by its arguments."""
    parts = metric.split("_")
    for end in range(len(parts), 0, -1):
        member = METRICS.get("_".join(parts[:end]))
        if member is not None:
            return member.traits
    return frozenset()
