"""Manifest, native files, panel -> the forecast beyond the panel: one way, for the command and for MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from runner.data.split import Split, Window, view
from runner.families import models
from runner.families.features.build import TableBuilder
from runner.families.models import ModelError
from runner.families.models.base import SavedModel, Task
from runner.families.models.files import read_meta
from runner.files.atomic import read_files
from runner.run.benchmark.calibrate import ResidualQuantiles, series_scale
from runner.run.final.check_covariates import check_covariates
from runner.run.final.future_window import forecast_window
from runner.run.final.manifest import MEMBERS, Manifest, Part
from runner.run.plan import Setup
from runner.values.panel import Forecast, Panel, View

Saved = Mapping[str, SavedModel]


def load_members(manifest: Manifest, payload: Path) -> dict[str, SavedModel]:
    """Return the members: combinations by their parameters, all others from their files. Raises ModelError."""
    return {part.name: _load(part, payload / MEMBERS / part.name) for part in manifest.parts}


def columns_of(folder: Path) -> tuple[str, ...]:
    """Return the feature columns that a trained member has learnt from. Raises ModelError."""
    return tuple(read_meta(_files(folder))["features"])


def apply(
    manifest: Manifest, payload: Path, panel: Panel, *, hint: str, saved: Saved | None = None
) -> tuple[Window, Forecast]:
    """Return the window beyond the panel and the forecast there, with quantiles where the manifest has them.

    Raises ModelError when a member cannot forecast, DataError ending in `hint` when a known covariate has no future.
    """
    window = forecast_window(panel, manifest.spec)
    check_covariates(panel, window, manifest, hint)
    seen = view(panel, window, manifest.season)
    forecasts: dict[str, Forecast] = {}
    for name, member in (saved or load_members(manifest, payload)).items():
        forecasts[name] = _forecast(member, manifest.part(name), seen, forecasts)
    return window, _with_quantiles(forecasts[manifest.model], window, panel, manifest)


def _load(part: Part, folder: Path) -> SavedModel:
    if not part.combines:
        return models.load(part.kind, _files(folder))
    combination: SavedModel = models.build(part.kind, part.params, part.seed)  # type: ignore[assignment]
    return combination


def _files(folder: Path) -> dict[str, bytes]:
    try:
        return read_files(folder)
    except OSError as error:
        raise ModelError(f"{folder} cannot be read: {error}") from error


def _forecast(member: SavedModel, part: Part, seen: View, forecasts: Mapping[str, Forecast]) -> Forecast:
    source = TableBuilder(seen, part.tables) if part.tables else None
    try:
        return member.forecast(Task(seen, source, forecasts))
    except ModelError as error:
        raise ModelError(f"{part.name}: {error}") from error


def _with_quantiles(forecast: Forecast, window: Window, panel: Panel, manifest: Manifest) -> Forecast:
    if not manifest.offsets:
        return forecast
    setup = Setup(panel, Split((), ()), manifest.season, (), manifest.spec.forecast.quantiles, Path(), "")
    return ResidualQuantiles(np.array(manifest.offsets)).around(forecast, series_scale(setup, window))
