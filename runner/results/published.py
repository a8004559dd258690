"""Write the figures of a run as csv: scores, forecasts with the truth, best values of the search."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from runner.families.metrics import better
from runner.families.metrics.base import Direction
from runner.results.document import BenchmarkDocument
from runner.values.records import TrialRecord


def scores_csv(document: BenchmarkDocument) -> str:
    """Return model and every metric as csv, best first."""
    ranked = [row for row in document.results if row.status == "ok"]
    metrics = list(dict.fromkeys(name for row in ranked for name in row.scores))
    return _csv(["model", *metrics], ([row.model_name, *(row.scores.get(m) for m in metrics)] for row in ranked))


def forecasts_csv(forecasts: Mapping[str, Path], models: Sequence[str]) -> str:
    """Return time, truth and each model's forecast as csv, summed over series; the newest window counts."""
    totals = {model: _totals(pq.read_table(path)) for model, path in forecasts.items()}
    truth = {time: y for total in totals.values() for time, (y, _) in total.items()}
    columns = [{time: total for time, (_, total) in totals.get(model, {}).items()} for model in models]
    rows = ([_moment(time), truth[time], *(column.get(time) for column in columns)] for time in sorted(truth))
    return _csv(["time", "truth", *models], rows)


def search_csv(studies: Mapping[str, Sequence[TrialRecord]], direction: Direction) -> str:
    """Return trial and the best value so far of each tuned model as csv."""
    curves = {model: dict(_best_so_far(trials, direction)) for model, trials in studies.items()}
    numbers = sorted({number for curve in curves.values() for number in curve})
    return _csv(["trial", *curves], ([n, *(curve.get(n) for curve in curves.values())] for n in numbers))


def _best_so_far(trials: Sequence[TrialRecord], direction: Direction) -> Iterator[tuple[int, float | None]]:
    best: float | None = None
    for trial in trials:
        if better(direction, trial.value, best):
            best = trial.value
        yield trial.number, best


def _totals(table: Any) -> dict[Any, tuple[float, float]]:
    """Return time -> (truth, forecast), summed over series, from the last test window that has the time."""
    seen = pc.and_(pc.starts_with(table["window"], "test"), pc.is_finite(pc.fill_null(table["y"], float("nan"))))
    table = table.filter(seen)
    cells = [*table.column_names[: table.column_names.index("window")], "time"]
    newest = table.group_by(cells).aggregate([("cutoff", "max")])
    table = table.join(newest, cells)
    table = table.filter(pc.equal(table["cutoff"], table["cutoff_max"]))
    summed = table.group_by("time").aggregate([("y", "sum"), ("forecast", "sum")])
    columns = [summed[name].to_pylist() for name in ("time", "y_sum", "forecast_sum")]
    return {time: (y, forecast) for time, y, forecast in zip(*columns, strict=True)}


def _moment(time: Any) -> str:
    return time.isoformat().removesuffix("T00:00:00") if hasattr(time, "isoformat") else str(time)


def _csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows(["" if value is None else value for value in row] for row in rows)
    return sink.getvalue()
