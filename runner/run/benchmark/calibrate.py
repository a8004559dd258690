"""Quantiles and weights, learnt on the tuning windows only.

Quantiles are those of the scaled residuals on the tuning windows, put around the point forecast (the split-conformal
idea of Papadopoulos et al. 2002, without its guarantee, since a time series is not exchangeable). The scale of a
series is its mean absolute change before the cut-off, so one pool serves all series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from runner.data.split import Window, truth, view
from runner.run.plan import Setup
from runner.values.panel import Floats, Forecast

MIN_PER_STEP = 100
"""Residuals that each step must have before steps get quantiles of their own."""


@dataclass(frozen=True)
class ResidualQuantiles:
    """Offsets in units of each series' scale."""

    offsets: Floats  # [H, Q], ascending along Q

    def around(self, forecast: Forecast, scale: Floats) -> Forecast:
        """The forecast [N, H] with quantiles [N, H, Q]; `scale` is [N]."""
        steps = np.minimum(np.arange(forecast.point.shape[1]), len(self.offsets) - 1)  # the last one holds beyond
        spread = scale[:, None, None] * self.offsets[steps]  # [N, H, Q]
        return replace(forecast, quantiles=forecast.point[:, :, None] + spread)


def residual_quantiles(forecasts: Sequence[Forecast], windows: Sequence[Window], setup: Setup) -> ResidualQuantiles:
    """Learnt from one forecast a tuning window. Steps are pooled when one of them has too few residuals."""
    horizon = max(window.horizon for window in windows)
    residuals = np.vstack(
        [
            _padded((truth(setup.panel, w) - f.point) / series_scale(setup, w)[:, None], horizon)
            for w, f in zip(windows, forecasts, strict=True)
        ]
    )  # [windows x N, H]
    levels = np.array(setup.quantiles)
    counts = np.isfinite(residuals).sum(axis=0)  # [H]
    if counts.min() < MIN_PER_STEP:
        pooled = np.quantile(residuals[np.isfinite(residuals)], levels)  # [Q]
        return ResidualQuantiles(np.broadcast_to(pooled, (horizon, len(levels))))
    return ResidualQuantiles(np.nanquantile(residuals, levels, axis=0).T)


def series_scale(setup: Setup, window: Window) -> Floats:
    """Mean absolute change of each series before the cut-off, [N]; of the panel where a series has none."""
    past = view(setup.panel, window, setup.season).panel.y
    changes = np.abs(np.diff(past, axis=1))
    known = np.isfinite(changes)
    total, count = np.where(known, changes, 0).sum(axis=1), known.sum(axis=1)
    scale = np.divide(total, count, out=np.zeros(len(past)), where=count > 0)
    usual = float(np.median(scale[scale > 0])) if (scale > 0).any() else 1.0
    return np.where(scale > 0, scale, usual)


def _padded(residuals: Floats, horizon: int) -> Floats:
    return np.pad(residuals, ((0, 0), (0, horizon - residuals.shape[1])), constant_values=np.nan)
