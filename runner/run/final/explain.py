"""A final model and the rows it learnt from -> what its features contribute, as a small document next to the model."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

import numpy as np

from runner.data.split import Window
from runner.families import models
from runner.families.features.table import FeatureTable
from runner.families.models import ModelError
from runner.families.models.base import SavedTrees, TableSource
from runner.families.models.files import Files
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


def explain_fit(kind: str, files: Files, source: TableSource, window: Window) -> dict[str, bytes]:
    """Return `contributions.json` of a saved model; nothing, and a line in the log, where it has none.

    An error is no reason to lose the fit, which is worth more than what can be said about it.
    """
    try:
        model = models.load(kind, files)
        if not isinstance(model, SavedTrees):
            return {}
        rows = sampled(source.tables().train, window, rows_for(model))
        document = contributions_document(model, rows, source.factor(rows.rows))
        return {KEPT: (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()}
    except ModelError as error:
        log.info("%s has no contributions: %s", kind, error)
    except Exception as error:  # memory, a score that is no number, a library's own
        log.warning("%s has no contributions: %s: %s", kind, type(error).__name__, error, exc_info=True)
    return {}


def rows_for(model: SavedTrees) -> int:
    """How many rows are explained: fewer of a large model. Raises ModelError when that leaves too few."""
    rows = min(MOST_ROWS, model.explainable(WORK))
    if rows < FEWEST_ROWS:
        raise ModelError("its trees are so large that they would take minutes")
    return rows


def contributions_document(model: SavedTrees, table: FeatureTable, factor: Floats | None) -> dict[str, Any]:
    """Feature -> mean |SHAP value| over the rows, in units of the target where they add up to a forecast there.

    A forecast is then level + factor x (base + sum of contributions): a series' own level and scale belong to no
    feature. Raises ModelError where the library cannot say.
    """
    found = model.contributions(table)
    additive = found.additive and factor is not None
    values = found.values * factor[:, None] if additive and factor is not None else found.values  # [R, P]
    mean: Floats = np.abs(values).mean(axis=0)  # [P]
    return {
        "version": 1,
        "rows": len(table),
        "unit": "target" if additive else "raw",
        "mean_abs": {name: float(f"{value:.8g}") for name, value in zip(table.names, mean, strict=True)},
    }


def sampled(table: FeatureTable, window: Window, most: int = MOST_ROWS) -> FeatureTable:
    """At most so many rows with a target in the last horizon before the cut-off, the same each time, in their order.

    Rows that were learnt from know what their known covariates really were, unlike those ahead.
    """
    known = ~np.isnan(table.y)  # [R]
    recent = known & (table.rows.target >= (window.cutoff - window.horizon)[table.series])
    rows: Ints = np.flatnonzero(recent if recent.any() else known)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))
    if not len(rows):
        raise ModelError("there is no row with a target")
    return table.take(rows)
