"""What `lint --data` may know: a panel and its windows in a few figures, or the rule that its data break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Final

import numpy as np

from runner.data.dvc_status import altered_files, untracked_files
from runner.data.load import load
from runner.data.locate import label, locate, sources
from runner.data.raw import RawTable, Request, column_hint
from runner.data.read_source import read
from runner.data.split import Split, split, truth
from runner.data.times import time_names
from runner.errors import DataCode, DataError
from runner.language.frequency import main_season
from runner.language.nodes import Path, parse_dotted
from runner.language.parse import Document
from runner.language.sections.experiment import Experiment
from runner.lint.facts import DataFacts, DataProblem, SeriesCount
from runner.members.sources.registry import Source
from runner.values.panel import Bools, Floats, Panel

_ROLES: Final = ("known", "observed", "static", "ignore")
_SAME: Final = 0.9999
_FEWEST: Final = 20
"""Pairs below which a correlation says nothing."""
_NAMED: Final = 3


def check_data(document: Document) -> DataFacts | tuple[DataProblem, ...]:
    """Return figures of the data of a spec, or the problems that keep it from being used."""
    spec = document.spec
    try:
        panel = load(spec.data, horizon=spec.forecast.horizon, gap=spec.forecast.gap, root=document.root)
    except DataError as error:
        unknown = _unknown_columns(spec, document.root) if error.code == DataCode.UNKNOWN_COLUMN else ()
        return tuple(unknown) or (DataProblem(error.code, str(error), parse_dotted(error.key), error.column),)
    facts = {
        "without_future": tuple(_without_future(panel)),
        "copies": dict(_copies(panel)),
        "untracked": tuple(untracked_files(spec.data, document.root)),
        "altered": tuple(altered_files(spec.data, document.root)),
    }
    try:
        windows = split(panel, spec)
    except DataError as error:
        return DataFacts(panel.n_series, panel.n_steps, too_short=str(error), **facts)  # type: ignore[arg-type]
    return DataFacts(panel.n_series, panel.n_steps, **_judged_by_windows(panel, windows, spec), **facts)  # type: ignore[arg-type]


def _unknown_columns(spec: Experiment, root: FilePath) -> Iterator[DataProblem]:
    """Yield a problem for every name that no table has: `load` stops at the first."""
    tables = [_table(address, source, root) for address, source in sources(spec.data) if address != "data.future"]
    everywhere = tuple(name for table in tables for name in table.names)
    own: list[tuple[Path, str]] = [(("data", "series"), name) for name in spec.data.series]
    own += [(("data", "time"), name) for name in time_names(spec.data)] + [(("data", "target"), spec.data.target)]
    given = [(("data", "covariates", role), name) for role in _ROLES for name in getattr(spec.data.covariates, role)]
    uses = [(path, name, tables[0].names) for path, name in own] + [(path, name, everywhere) for path, name in given]
    for path, name, known in uses:
        if name not in known and not set(name) & set("*?["):
            message = f'there is no column "{name}"{column_hint(name, known)}'
            yield DataProblem(DataCode.UNKNOWN_COLUMN, message, path, name)


def _table(address: str, source: Source, root: FilePath) -> RawTable:
    files = locate(source, root, address=address)
    return read(Request(source, address, files, tuple(label(file, root.resolve()) for file in files)))


def _judged_by_windows(panel: Panel, windows: Split, spec: Experiment) -> dict[str, object]:
    scored = np.any([window.cells.any(axis=1) for window in windows.test], axis=0)  # [N]
    first, season = windows.test[0], main_season(spec.forecast.season, spec.data.freq)
    visible = np.where(np.arange(panel.n_steps) < first.cutoff[:, None], panel.y, np.nan)  # [N, T]
    values = [truth(panel, window)[window.cells] for window in (*windows.tuning, *windows.test)]
    return {
        "unscored": _count(panel, ~scored),
        "constant": _count(panel, scored & is_constant(visible)),
        "seasonless": _count(panel, scored & (first.cutoff - panel.start < season)),
        "zeros": int(sum((part == 0).sum() for part in values)),
        "cells": int(sum(part.size for part in values)),
    }


def _count(panel: Panel, chosen: Bools) -> SeriesCount:
    return SeriesCount(int(chosen.sum()), tuple(panel.label(int(i)) for i in np.flatnonzero(chosen)[:_NAMED]))


def is_constant(y: Floats) -> Bools:
    """Return which series have two values or more that are all the same, [N]."""
    present = np.isfinite(y)
    highest = np.where(present, y, -np.inf).max(axis=1, initial=-np.inf)
    lowest = np.where(present, y, np.inf).min(axis=1, initial=np.inf)
    same: Bools = (present.sum(axis=1) > 1) & (highest == lowest)
    return same


def _without_future(panel: Panel) -> Iterator[str]:
    for covariate in panel.covariates:
        if covariate.role == "known" and not np.isfinite(covariate.values[..., panel.n_steps :]).any():
            yield covariate.name


def _copies(panel: Panel) -> Iterator[tuple[str, float]]:
    for covariate in panel.covariates:
        if covariate.role != "known" or covariate.categories is not None:
            continue
        values = np.broadcast_to(covariate.values[..., : panel.n_steps], panel.y.shape)
        both = np.isfinite(values) & np.isfinite(panel.y)
        alike = _correlation(values[both], panel.y[both])
        if abs(alike) > _SAME:
            yield covariate.name, alike


def _correlation(x: Floats, y: Floats) -> float:
    """Return the correlation of two vectors; 0 when one is constant or too short."""
    if len(x) < _FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    return float(np.corrcoef(x, y)[0, 1])
