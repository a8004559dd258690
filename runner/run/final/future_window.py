"""The window beyond the data, and a stand-in for what is not known of it. Light, because workers import it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from runner.data.split import Window, future_window
from runner.language.sections.experiment import Experiment
from runner.values.panel import Covariate, Ints, Panel, after_last


def forecast_window(panel: Panel, spec: Experiment) -> Window:
    """The window after the last target: of all series, or of each under `anchor: series_end`.

    A row without a target after the last one of its series is future, however it came into the data.
    """
    return future_window(replace(panel, stop=last_targets(panel)), spec)


def last_targets(panel: Panel) -> Ints:
    """One past the last target of each series, [N]; of a series without any, that of the longest."""
    return after_last(panel.y)


def target_positions(panel: Panel, window: Window) -> Ints:
    """Positions on the grid that are forecast, [N, H]."""
    at: Ints = window.cutoff[:, None] + window.gap + np.arange(window.horizon)
    return np.minimum(at, len(panel.times) - 1)


def with_stand_ins(panel: Panel, window: Window) -> Panel:
    """The panel with the last known values in place of the future ones of every known covariate.

    A model is then a function of the history alone: whether its columns are kept does not depend on the future that
    happens to be there when it is fitted.
    """
    return replace(panel, covariates=tuple(_stand_in(c, window) if c.role == "known" else c for c in panel.covariates))


def _stand_in(covariate: Covariate, window: Window) -> Covariate:
    """The last steps before the cut-off, as many as the window reaches, over and over from the cut-off on."""
    grid = np.arange(covariate.values.shape[-1])
    shared = covariate.values.ndim == 1
    cutoff = np.array(window.cutoff.max(initial=0)) if shared else window.cutoff[:, None]  # [] or [N, 1]
    width = np.maximum(np.minimum(window.gap + window.horizon, cutoff), 1)
    before = np.maximum(cutoff - width, 0) + (grid - cutoff) % width
    source = np.where(grid < cutoff, grid, before)  # [T+F] or [N, T+F]
    return replace(covariate, values=np.take_along_axis(covariate.values, source, axis=-1))
