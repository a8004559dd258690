"""What must be known of the future before a model can forecast from it."""

from __future__ import annotations

import numpy as np

from runner.data.grid import show
from runner.data.split import Window
from runner.errors import DataError
from runner.run.final.future_window import target_positions
from runner.run.final.manifest import Manifest
from runner.values.panel import Bools, Ints, Panel


def check_covariates(panel: Panel, window: Window, manifest: Manifest, hint: str) -> None:
    """Raises DataError, ending in `hint`, when a known covariate that the model uses lacks values to forecast from.

    A missing value is taken as it stands when the covariate has missing ones in its past too, and has others ahead.
    """
    names = {column.name for column in manifest.columns}
    served = np.asarray(np.isfinite(panel.y).any(axis=1))  # [N]
    at = target_positions(panel, window)
    for covariate in panel.covariates:
        if covariate.role != "known" or covariate.name not in names:
            continue
        values = np.broadcast_to(covariate.values, (panel.n_series, len(panel.times)))
        missing: Bools = np.isnan(np.take_along_axis(values, at, axis=1)) & served[:, None]  # [N, H]
        holes = np.isnan(values[:, : panel.n_steps]) & np.isfinite(panel.y)  # [N, T]
        lacking: Bools = missing if np.all(missing[served]) else missing & ~holes.any(axis=1, keepdims=True)
        if lacking.any():
            raise DataError(f"{manifest.model} uses {_missing_text(panel, covariate.name, lacking, at)}; {hint}")


def _missing_text(panel: Panel, name: str, lacking: Bools, at: Ints) -> str:
    count = int(lacking.any(axis=1).sum())
    first = int(panel.times.astype(np.int64)[at[lacking].min()])
    who = f"{count:,} of {panel.n_series:,} series" if panel.n_series > 1 else "the series"
    return (
        f"the known covariate {name}, and {who} lack{'s' if count == 1 else ''} its future values, "
        f"the first of them at {show(first, panel.freq)}"
    )
