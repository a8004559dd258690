"""Tiny panels with known answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from runner.families.features.build import build
from runner.families.features.config import TableConfig
from runner.families.features.table import FeatureTable, WindowTables
from runner.members.features.section import Features
from runner.members.targets.section import TargetScaling
from runner.members.training import Training
from runner.values.panel import Covariate, Floats, Panel, View, view_until

UNSCALED = TargetScaling(scale="none")


def panel(
    y: ArrayLike,
    *,
    future: int = 0,
    freq: str | None = "D",
    begin: str = "2020-01-01",
    covariates: Sequence[Covariate] = (),
) -> Panel:
    """A panel of daily series 0, 1, ... in two id columns; integer time when `freq` is None."""
    values = np.array(y, dtype=np.float64, ndmin=2)
    n, steps = values.shape
    there = ~np.isnan(values)
    return Panel(
        id_columns=("shop", "item"),
        ids=tuple((f"s{i // 2}", f"i{i % 2}") for i in range(n)),
        times=np.arange(steps + future)
        if freq is None
        else pd.date_range(begin, periods=steps + future, freq=freq).to_numpy(),
        freq=freq,
        y=values,
        start=np.where(there.any(1), there.argmax(1), 0),
        stop=np.where(there.any(1), steps - there[:, ::-1].argmax(1), 0),
        covariates=tuple(covariates),
    )


def view(
    of: Panel, *, cutoff: ArrayLike | None = None, horizon: int = 3, gap: int = 0, season: int = 7, first: int = 0
) -> View:
    """What is seen of a panel; the cut-off is its end when absent."""
    n = of.n_series
    cutoffs = np.broadcast_to(of.n_steps if cutoff is None else cutoff, n).astype(np.int64)
    return view_until(of, cutoffs, first=np.full(n, first), gap=gap, horizon=horizon, season=season)


def tables(
    seen: View, *, target: TargetScaling = UNSCALED, training: Training | None = None, **features: Any
) -> WindowTables:
    """The tables of a view with the given features, the step among them, so that there is always one column."""
    return build(seen, TableConfig(Features(**features), target, training or Training()))


def column(table: FeatureTable, name: str) -> Floats:
    """One feature, [R]."""
    return table.x[:, table.names.index(name)].astype(np.float64)


def targets(table: FeatureTable, gap: int = 0) -> Any:
    """Position of each row's target, [R]."""
    return table.origin + gap + table.step - 1
