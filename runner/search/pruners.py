"""Pruners: the percentage of earlier trials that a trial must be among, None to prune nothing."""

from __future__ import annotations

from runner.members.pruners import Pruner


def none(_pruner: Pruner) -> float | None:
    """Return no share: every trial runs to its end."""
    return None


def median(_pruner: Pruner) -> float | None:
    """Return the percentage of trials that is kept."""
    return 50.0


def percentile(pruner: Pruner) -> float | None:
    """Return the percentage of trials that is kept."""
    return pruner.percentile
