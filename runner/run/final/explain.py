"""A final model and the rows it learnt from -> what its features contribute, as a small document beside the model."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, Final

import numpy as np

from runner.data.split import Window
from runner.families import models
from runner.families.features.table import FeatureTable
from runner.families.models import ModelError
from runner.families.models.base import Restored
from runner.files.atomic import write_text
from runner.results.contributions import KEPT
from runner.values.panel import Floats, Ints

log = logging.getLogger(__name__)
MOST_ROWS: Final = 2_000
"""A mean over more says the same."""
FEWEST_ROWS: Final = 100
"""A mean over fewer says little."""
WORK: Final = 50_000_000
"""Leaves that are looked at, at most: about 6 s of one core (measured, .10 to .13 us a leaf in both libraries)."""
_SEED: Final = 0


def keep_contributions(kind: str, folder: Path, table: FeatureTable, window: Window) -> None:
    """Write `contributions.json` beside the native files of a model; a model that has none is a line in the log.

    Whatever goes wrong: the fit is worth more than what can be said about it.
    """
    try:
        model = models.restore(kind, folder)
        document = contributions_document(model, sampled(table, window, rows_for(model)))
        write_text(folder / KEPT, json.dumps(document, indent=1, allow_nan=False) + "\n")
    except ModelError as error:
        log.info("%s has no contributions: %s", folder.name, error)
    except Exception as error:  # memory, the disk, a score that is no number, a library's own
        log.warning("%s has no contributions: %s: %s", folder.name, type(error).__name__, error, exc_info=True)


def rows_for(model: Restored) -> int:
    """How many rows are explained: fewer of a large model. Raises ModelError when that leaves too few."""
    rows = min(MOST_ROWS, model.explainable(WORK))
    if rows < FEWEST_ROWS:
        raise ModelError("its trees are so large that they would take minutes")
    return rows


def contributions_document(model: Restored, table: FeatureTable) -> dict[str, Any]:
    """Feature -> mean |SHAP value| over the rows, in units of the target where they add up to a forecast there.

    A forecast is level + scale x (base + sum of contributions): a series' own level and scale belong to no feature.
    Raises ModelError where the library cannot say.
    """
    found = model.contributions(table)
    values = found.values * table.scale[:, None] if found.additive else found.values  # [R, P]
    mean: Floats = np.abs(values).mean(axis=0)  # [P]
    return {
        "version": 1,
        "rows": len(table),
        "unit": "target" if found.additive else "raw",
        "mean_abs": {name: float(f"{value:.8g}") for name, value in zip(table.names, mean, strict=True)},
    }


def sampled(table: FeatureTable, window: Window, most: int = MOST_ROWS) -> FeatureTable:
    """At most so many rows with a target in the last horizon before the cut-off, the same each time, in their order.

    Rows that were learnt from know what their known covariates really were, unlike those ahead.
    """
    known = ~np.isnan(table.y)  # [R]
    target = table.origin + window.gap + table.step - 1
    recent = known & (target >= (window.cutoff - window.horizon)[table.series])
    rows: Ints = np.flatnonzero(recent if recent.any() else known)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))
    if not len(rows):
        raise ModelError("there is no row with a target")
    return taken(table, rows)


def taken(table: FeatureTable, rows: Ints) -> FeatureTable:
    """Those rows of a table."""
    return FeatureTable(
        names=table.names,
        categorical=table.categorical,
        x=np.asarray(table.x[rows]),
        series=table.series[rows],
        origin=table.origin[rows],
        step=table.step[rows],
        level=table.level[rows],
        scale=table.scale[rows],
        y=table.y[rows],
        weight=None if table.weight is None else table.weight[rows],
    )
