"""Which rows a table has: one per (series, origin, step), the origins counted back from each series' cutoff.

Origin number k of a series is k x every steps before its cutoff, so the steps that it has a visible target for
are the same for all series. K counts the origins, number 0 being the cutoff itself, from which is forecast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.members.training import EverySteps, Training
from runner.values.panel import Bools, Floats, Ints, View

Whole = NDArray[np.signedinteger[Any]]
BLOCK = 2_000_000  # cells looked at together, so that temporaries stay small


@dataclass(frozen=True)
class OriginGrid:
    """Where the origins of a window lie: number k of a series is k x every steps before its cutoff."""

    cutoff: Ints  # [N]
    every: int
    count: int  # K
    gap: int

    @property
    def positions(self) -> Ints:
        """Return the position of every origin of every series, [N, K]; 0 before the series begins."""
        position: Ints = np.maximum(self.cutoff[:, None] - self.every * np.arange(self.count), 0)
        return position


@dataclass(frozen=True)
class Rows:
    """R rows, those to learn from first; by series, then origin, then step, all ascending."""

    series: Whole  # [R]
    origin: Whole  # [R], steps before it may be looked at
    step: Whole  # [R], from 1
    grid: OriginGrid
    n_train: int = 0

    def __len__(self) -> int:
        return len(self.series)

    @cached_property
    def target(self) -> Ints:
        """Return the position of the target on the grid, [R]."""
        return self.origin.astype(np.int64) + self.grid.gap + self.step - 1

    @cached_property
    def spot(self) -> Ints:
        """Return the position of (series, origin) in a flattened [N, K], [R]."""
        number = (self.grid.cutoff[self.series] - self.origin) // self.grid.every
        return self.series.astype(np.int64) * self.grid.count + number

    def spread(self, values: Floats) -> Floats:
        """Return the value in `values` [N, K] at each row's series and origin, [R]."""
        return values.ravel()[self.spot]

    def take(self, rows: Any) -> Rows:
        """Return some of the rows, by index or slice."""
        return Rows(self.series[rows], self.origin[rows], self.step[rows], self.grid)


@dataclass(frozen=True)
class Pattern:
    """The (origin, step) pairs that every series with enough history has, J of them; origins ascending."""

    number: Ints  # [J], k
    step: Ints  # [J]
    every: int

    @property
    def n_origins(self) -> int:
        """Return the number of origins, K."""
        return int(self.number.max(initial=0)) + 1


def first_seen(y: Floats) -> Ints:
    """Return the position of each series' first value, [N]; T without one."""
    observed = ~np.isnan(y)
    first: Ints = np.where(observed.any(axis=1), observed.argmax(axis=1), y.shape[1]).astype(np.int64)
    return first


def pattern(view: View, training: Training, horizon: int) -> Pattern:
    """Return the pairs whose target is before the cutoff, over all origins that any series can have.

    `origins.last` counts origins that have the whole horizon; the later ones, which have part of it, stay, because
    otherwise the far steps would never be learnt.
    """
    every, last = training.origins.every, training.origins.last
    most = int((view.cutoff - first_seen(view.panel.y) - 1).max(initial=0)) // every
    if last is not None:
        most = min(most, -(-(view.gap + horizon) // every) + last - 1)
    number = np.repeat(np.arange(most, 0, -1), horizon)
    step = np.tile(np.arange(1, horizon + 1), max(most, 0))
    keep = view.gap + step <= every * number
    if isinstance(training.steps, EverySteps):
        keep &= (step - 1 - number) % training.steps.every == 0
    return Pattern(number[keep], step[keep], every)


def estimate(view: View, pairs: Pattern) -> int:
    """Return the numbers of rows to train on and to forecast, missing targets included."""
    seen = first_seen(view.panel.y)
    per_origin = np.bincount(pairs.number, minlength=pairs.n_origins)  # [K]
    origins = np.clip((view.cutoff - seen - 1) // pairs.every, 0, pairs.n_origins - 1)
    ahead = int((seen < view.cutoff).sum()) * view.horizon
    return int(np.cumsum(per_origin)[origins].sum()) + ahead


def origin_grid(view: View, pairs: Pattern) -> OriginGrid:
    """Return where the origins of a pattern lie."""
    return OriginGrid(view.cutoff, pairs.every, pairs.n_origins, view.gap)


def rows(view: View, pairs: Pattern) -> Rows:
    """Return the training rows with a target, and the rows to forecast of all series with an observation."""
    learnt = [np.concatenate(part) for part in zip(*_learnt(view, pairs), strict=True)]
    served = np.flatnonzero(first_seen(view.panel.y) < view.cutoff)
    series = np.concatenate([learnt[0], np.repeat(served, view.horizon)])
    number = np.concatenate([learnt[1], np.zeros(len(served) * view.horizon, np.int64)])
    step = np.concatenate([learnt[2], np.tile(np.arange(1, view.horizon + 1), len(served))])
    origin = view.cutoff[series] - pairs.every * number
    return Rows(series, origin, step, origin_grid(view, pairs), n_train=len(learnt[0]))


def _learnt(view: View, pairs: Pattern) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Yield series, origin number and step of the training rows, a block of series at a time."""
    seen, width = first_seen(view.panel.y), max(1, BLOCK // max(1, len(pairs.number)))
    for at in range(0, max(1, len(seen)), width):
        block = slice(at, at + width)
        series, pair = np.nonzero(_present(view.panel.y[block], view.cutoff[block], seen[block], view.gap, pairs))
        yield series + at, pairs.number[pair], pairs.step[pair]


def _present(y: Floats, cutoff: Ints, seen: Ints, gap: int, pairs: Pattern) -> Bools:
    """Return where the pair has an observation before its origin and a target, [n, J]."""
    origin = cutoff[:, None] - pairs.every * pairs.number
    target = np.maximum(origin + gap + pairs.step - 1, 0)
    flat: NDArray[np.int64] = target + y.shape[1] * np.arange(len(y))[:, None]
    present: Bools = ~np.isnan(y.ravel()[flat]) & (origin > seen[:, None])
    return present
