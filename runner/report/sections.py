"""Facts -> every picture of a report, in sections. What cannot be known leaves its place empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from runner.members.features.holidays import Holidays
from runner.members.metrics.registry import METRICS
from runner.report.charts import data, errors, scores, search, series
from runner.report.picture import Picture
from runner.results.contributions import importance
from runner.results.holiday_steps import holiday_steps
from runner.results.run_facts import RunFacts
from runner.results.scored_forecasts import Scored, interval, read_cells, resampled
from runner.values.panel import Bools


@dataclass(frozen=True)
class Section:
    """Pictures under one heading."""

    key: str
    title: str
    pictures: tuple[Picture, ...]


class Sections:
    """The pictures of one run; cells are read once and only when a picture asks for them."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self.document = facts.document
        self.looks = scores.looks_of(facts.document)

    @cached_property
    def cells(self) -> Scored | None:
        """Return cells of the test windows."""
        files = {name: self.facts.forecasts[name] for name in self.facts.ranked if name in self.facts.forecasts}
        return read_cells(files)

    @property
    def target(self) -> str:
        """Return the name of the target in the data."""
        return str(self.facts.spec.get("data", {}).get("target", "target"))

    def all(self) -> list[Section]:
        """Return everything there is to see, most important first."""
        sections = [
            Section("result", "The result", tuple(self.result())),
            Section("where", "Where it is good and where not", tuple(self.where())),
            Section("series", "Forecast against actual", tuple(self.series())),
            Section("search", "The search", tuple(self.search())),
            Section("models", "What the models look at", tuple(self.models())),
            Section("data", "The data", tuple(self.data())),
        ]
        return [section for section in sections if section.pictures]

    def result(self) -> list[Picture]:
        document = self.document
        n_windows = sum(window.name.startswith("test") for window in document.windows)
        return present(
            scores.scoreboard(document, self.intervals(), self.resampled),
            scores.by_window(document) if n_windows > 1 else None,
            scores.tradeoff(document),
            scores.significance(document),
        )

    def where(self) -> list[Picture]:
        cells, metric = self.cells, self.document.metric
        if cells is None or not cells.models:
            return []
        best = cells.models[0]
        return present(
            errors.by_step(cells, metric, self.looks),
            errors.by_volume(cells, metric, self.looks),
            errors.by_holiday(cells, metric, self.looks, self.holidays()),
            errors.residuals(cells, best, self.looks[best].color),
        )

    def series(self) -> list[Picture]:
        cells = self.cells
        if cells is None or not cells.models:
            return []
        best, baseline = cells.models[0], self.document.baseline
        models = [best, *([baseline] if baseline in cells.models and baseline != best else [])]
        labels = series.pick_series(cells, self.document.metric, best)
        return [
            series.forecast(
                cells,
                label,
                models,
                self.looks,
                title=f"The {which} series: {label}" if len(cells.labels) > 1 else "Forecast against actual",
                key=f"series-{which}",
                target=self.target,
            )
            for which, label in labels.items()
        ]

    def search(self) -> list[Picture]:
        metric, direction = self.document.metric, self.document.direction
        pictures: list[Picture] = []
        for model in sorted(self.facts.studies, key=lambda name: [*self.facts.ranked, name].index(name)):
            trials = self.facts.studies[model]
            if len(trials) < 2:
                continue
            shares = search.shares(trials, direction)
            study = present(
                search.history(trials, metric, direction),
                search.importance(shares) if shares else None,
                search.parallel(trials, metric, direction),
            )
            pictures += [replace(p, key=f"{p.key}-{model}", title=f"{p.title} of {model}") for p in study]
        return pictures

    def models(self) -> list[Picture]:
        finals, native = self.facts.finals, self.facts.models
        sizes = {name: importance(name, finals.get(name), native.get(name)) for name in self.facts.ranked}
        return [data.features(name, size, self.target) for name, size in sizes.items() if size]

    def data(self) -> list[Picture]:
        overview = self.facts.overview
        if not overview:
            return []
        n_series = overview["n_series"]
        return present(
            data.total(overview),
            data.alive(overview) if len(set(overview["alive"])) > 1 and n_series > 1 else None,
            data.lengths(overview) if data.same_length(overview) is None else None,
            data.gaps(overview) if overview["missing"] else None,
            data.zeros(overview) if overview["zeros"] else None,
        )

    def intervals(self) -> Mapping[str, tuple[float, float]]:
        """Return bootstrap intervals of the ranked metric; empty for metrics that need the past."""
        cells, metric = self.cells, self.document.metric
        if cells is None or not METRICS.has(metric, "cell_only"):
            return {}
        return {model: interval(metric, cells, model) for model in cells.models}

    @property
    def resampled(self) -> str:
        """Return what those intervals are drawn over."""
        return resampled(self.cells) if self.cells is not None else ""

    def holidays(self) -> Bools | None:
        """Return cells whose step holds a public holiday of the spec's country."""
        cells, wanted = self.cells, self._holidays_wanted()
        freq = self.facts.spec.get("data", {}).get("freq")
        if cells is None or wanted is None or not freq or not np.issubdtype(cells.time.dtype, np.datetime64):
            return None
        times, codes = np.unique(cells.time, return_inverse=True)
        try:
            grid = pd.date_range(times[0], times[-1], freq=freq)
            count = holiday_steps(grid, freq, wanted)
        except (NotImplementedError, ValueError, IndexError):
            return None
        places = grid.get_indexer(pd.DatetimeIndex(times))
        marked = np.where(places >= 0, count[places], False)
        return np.asarray(marked[codes], dtype=bool)

    def _holidays_wanted(self) -> Holidays | None:
        wanted: Any = self.facts.spec.get("features", {}).get("holidays")
        return Holidays.model_validate(wanted) if wanted else None


def present(*pictures: Picture | None) -> list[Picture]:
    """Return those that there are."""
    return [picture for picture in pictures if picture is not None]
