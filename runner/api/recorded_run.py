"""A run on disk as a notebook sees it: pandas data frames, charts and models."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from runner.api.findings import html_table
from runner.api.tables import forecast_table, scoreboard_table, trial_table
from runner.language.sections.experiment import Experiment
from runner.report.picture import Picture, browser_spec, draw_png
from runner.report.sections import Sections
from runner.results import scoreboard
from runner.results.document import BenchmarkDocument
from runner.results.run_facts import RunFacts
from runner.run.artifacts import SERIES_SCORES
from runner.run.final.make import PAYLOAD
from runner.run.final.served import FinalModel
from runner.run.forecast.request import BEST, ForecastRequest, forecast_run
from runner.run.session import Session, recorded_session
from runner.store.folder import Store
from runner.store.run import RunFolder
from runner.store.run_facts import run_facts


class Run:
    """What a run found, and what its models say of the future."""

    def __init__(self, store: Store, folder: RunFolder) -> None:
        """Open the run. Raises StoreError when it has no results."""
        self._store, self._folder = store, folder
        self._facts: RunFacts = run_facts(folder)
        self.name, self.run_id = folder.name, folder.run_id
        self.folder: Path = folder.path

    @property
    def results(self) -> BenchmarkDocument:
        """The results document, as in `results/benchmarks/<name>.json`."""
        return self._facts.document

    @property
    def spec(self) -> Experiment:
        """The spec with every default filled in."""
        return self._session.spec

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.folder / "report.html"

    @property
    def scoreboard(self) -> pd.DataFrame:
        """Models, best first: rank, metrics over the test windows, gain over the baseline, seconds, reason."""
        return scoreboard_table(self.results)

    @property
    def trials(self) -> pd.DataFrame:
        """Trials of all studies: model, number, state, value of the tuned metric, a column for each parameter."""
        return trial_table(self._facts.studies)

    @property
    def series_scores(self) -> pd.DataFrame:
        """Metrics of each model and series over the test windows."""
        return pd.read_parquet(self.folder / SERIES_SCORES)

    def forecasts(self, *models: str) -> pd.DataFrame:
        """Return forecasts and truth of every cell of the test windows; of all models when none is named."""
        return forecast_table(self._facts.forecasts, models)

    def forecast(self, future: pd.DataFrame | None = None, *, model: str = BEST) -> pd.DataFrame:
        """Return the forecast beyond the data: ids, time, step, forecast and quantiles.

        `future` has ids, time and the known covariates of the steps ahead, where a model needs them. `model` is a name
        of the scoreboard, `best`, or `champion`. Raises DataError when a known covariate is missing.
        """
        with tempfile.TemporaryDirectory(prefix="run-spec-future-") as place:
            path = None
            if future is not None:
                path = Path(place) / "future.parquet"
                future.to_parquet(path)
            content = forecast_run(self._session, ForecastRequest(model, future=path)).content
        return pd.read_parquet(io.BytesIO(content))

    @property
    def models(self) -> Mapping[str, FinalModel]:
        """Name -> the model fitted on all history, with `predict(frame)` as in MLflow."""
        return _Models(self._folder.finals())

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the charts of the report."""
        return tuple(self._charts)

    def figure(self, name: str) -> Figure:
        """Return a chart of the report. Raises KeyError naming all when there is none of that name."""
        if name not in self._charts:
            raise KeyError(f"{name}: there is no such figure; there are {', '.join(self._charts)}")
        return Figure(name, self._charts[name])

    @cached_property
    def _charts(self) -> Mapping[str, Picture]:
        return {picture.key: picture for section in Sections(self._facts).all() for picture in section.pictures}

    @cached_property
    def _session(self) -> Session:
        return recorded_session(self._store, self._folder)

    def __repr__(self) -> str:
        return f"<Run {self.name} {self.run_id}: {scoreboard.verdict(self.results)}>"

    def _repr_html_(self) -> str:
        table = html_table(scoreboard.columns(self.results), scoreboard.rows(self.results))
        title = f"<b>{escape(self.name)}</b> run {escape(self.run_id)}"
        return f"<p>{title}</p>{table}<p>{escape(scoreboard.verdict(self.results))}</p>"


class Figure:
    """A chart: `spec` for Vega-Lite, `png` as bytes; a notebook shows it."""

    def __init__(self, name: str, picture: Picture) -> None:
        self.name, self._picture = name, picture

    @property
    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification, for `altair.Chart.from_dict` or a web page."""
        return browser_spec(self._picture, "light")

    @cached_property
    def png(self) -> bytes:
        """The chart with its title as PNG."""
        return draw_png(self._picture)

    def save(self, path: str | Path) -> None:
        """Write the PNG to a file."""
        Path(path).write_bytes(self.png)

    def __repr__(self) -> str:
        return f"<Figure {self.name}>"

    def _repr_png_(self) -> bytes:
        return self.png


class _Models(Mapping[str, FinalModel]):
    """Final models by name; each is read when it is asked for."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders

    def __getitem__(self, name: str) -> FinalModel:
        if name not in self._folders:
            raise KeyError(f"{name}: there is no such final model; there are {', '.join(self._folders) or 'none'}")
        return FinalModel(self._folders[name] / PAYLOAD)

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)

    def __repr__(self) -> str:
        return f"<models: {', '.join(self._folders)}>"
