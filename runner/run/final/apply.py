"""Manifest, native files, panel -> the forecast beyond the panel: one way, for the command and for MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from runner.data.split import Split, Window, view
from runner.families import models
from runner.families.features.build import build as build_tables
from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError
from runner.families.models.base import Restored, Task
from runner.families.models.booster import read_meta
from runner.run.benchmark.calibrate import ResidualQuantiles, series_scale
from runner.run.final.check_covariates import check_covariates
from runner.run.final.future_window import forecast_window
from runner.run.final.manifest import MEMBERS, Column, Manifest, Part
from runner.run.plan import Setup
from runner.values.panel import Covariate, Floats, Forecast, Panel, View

Trained = Mapping[str, Restored]


def restore_members(manifest: Manifest, payload: Path) -> dict[str, Restored]:
    """The trained members from their native files. Raises ModelError."""
    return {part.name: models.restore(part.kind, payload / MEMBERS / part.name) for part in manifest.trained}


def columns_of(part: Part, folder: Path) -> tuple[str, ...]:
    """The feature columns that a trained member has learnt from."""
    return tuple(read_meta(folder, part.kind)["features"])


def apply(
    manifest: Manifest, payload: Path, panel: Panel, *, hint: str, trained: Trained | None = None
) -> tuple[Window, Forecast]:
    """The window beyond the panel and the forecast there, with quantiles where the manifest has them.

    Raises ModelError when a member cannot forecast, DataError ending in `hint` when a known covariate has no future.
    """
    window = forecast_window(panel, manifest.spec)
    check_covariates(panel, window, manifest, hint)  # a text that is new is there, though no member knows it
    panel = coded(panel, manifest)
    seen = view(panel, window, manifest.season)
    restored = restore_members(manifest, payload) if trained is None else trained
    found: dict[str, Forecast] = {}
    for part in manifest.parts:
        if part.name in restored:
            columns = columns_of(part, payload / MEMBERS / part.name)
            found[part.name] = _predicted(restored[part.name], ahead_table(seen, part, columns, manifest), seen)
        else:
            model = models.build(part.kind, part.params, part.seed)
            found[part.name] = model.start(Task(seen, _no_rows, found)).forecast()
    return window, _with_quantiles(found[manifest.model], window, panel, manifest)


def coded(panel: Panel, manifest: Manifest) -> Panel:
    """The panel with the codes that texts had when the model was fitted. Raises ModelError for numbers as texts."""
    learnt = {column.name: column for column in manifest.columns}
    covariates = tuple(_recoded(c, learnt[c.name]) if c.name in learnt else c for c in panel.covariates)
    return replace(panel, covariates=covariates)


def ahead_table(seen: View, part: Part, columns: tuple[str, ...], manifest: Manifest) -> FeatureTable:
    """The rows to forecast [R] with the columns that were learnt from, coded as they were then. Raises ModelError."""
    if part.tables is None:
        raise ModelError(f"{part.name} has no feature configuration")
    table = build_tables(seen, part.tables, max_horizon=0).ahead  # without a horizon there is no row to learn from
    absent = [name for name in columns if name not in table.names]
    if absent:
        raise ModelError(f"{part.name} needs {', '.join(absent)}, which cannot be made of this history")
    keep = [table.names.index(name) for name in columns]
    x = table.x[:, keep]
    for at, name in enumerate(columns):
        if name.startswith("id."):
            x[:, at] = _id_codes(seen.panel, name.removeprefix("id."), manifest)[table.series]
        elif name == "calendar.elapsed":
            x[:, at] += _steps_since(manifest, seen.panel)
    categorical = tuple(at for at, i in enumerate(keep) if i in table.categorical)
    return replace(table, names=columns, x=x, categorical=categorical)


def _recoded(covariate: Covariate, column: Column) -> Covariate:
    """The covariate in the codes of the column that was learnt from; a new text is missing."""
    if covariate.categories == column.categories:
        return covariate
    # A column without a single value is read as numbers, whatever it was.
    if (covariate.categories is None or column.categories is None) and np.isfinite(covariate.values).any():
        then, now = ("numbers", "texts") if column.categories is None else ("texts", "numbers")
        raise ModelError(f"{column.name} had {then} when it was fitted, and has {now} now")
    known = {text: code for code, text in enumerate(column.categories or ())}
    codes = np.array([known.get(text, np.nan) for text in covariate.categories or ()] + [np.nan])
    at = np.where(np.isfinite(covariate.values), covariate.values, len(codes) - 1).astype(np.int64)
    return replace(covariate, values=codes[at], categories=column.categories)


def _predicted(model: Restored, table: FeatureTable, seen: View) -> Forecast:
    point = np.full((seen.panel.n_series, seen.horizon), np.nan)  # [N, H]
    if len(table):
        point[table.series, table.step - 1] = model.predict(table)
    return Forecast(point)


def _with_quantiles(forecast: Forecast, window: Window, panel: Panel, manifest: Manifest) -> Forecast:
    if not manifest.offsets:
        return forecast
    setup = Setup(panel, Split((), ()), manifest.season, (), manifest.spec.forecast.quantiles, Path(), "")
    return ResidualQuantiles(np.array(manifest.offsets)).around(forecast, series_scale(setup, window))


def _id_codes(panel: Panel, name: str, manifest: Manifest) -> Floats:
    """Position of each series' id among those learnt from, [N]; -1 for one that is new."""
    at = panel.id_columns.index(name)
    codes = {text: code for code, text in enumerate(sorted({ids[at] for ids in manifest.ids}))}
    return np.array([codes.get(ids[at], -1) for ids in panel.ids], dtype=np.float64)


def _steps_since(manifest: Manifest, panel: Panel) -> int:
    """Steps from the first time that was learnt from to the first of this panel; negative when that is earlier."""
    first = int(panel.times.astype(np.int64)[0])
    if panel.freq is None:
        return first - manifest.first
    early, late = sorted((np.datetime64(manifest.first, "us"), np.datetime64(first, "us")))
    steps = len(pd.date_range(early, late, freq=panel.freq)) - 1
    return steps if first >= manifest.first else -steps


def _no_rows() -> WindowTables:
    raise ModelError("a rule does not learn from rows")
