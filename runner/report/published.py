"""What a pipeline or a dashboard builds upon: models, forecasts and figures of a run, under a name that stays.

The folder is made aside and renamed into place, so that it is there whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from runner.records import TrialRecord
from runner.report.document import BenchmarkDocument


def scores_csv(document: BenchmarkDocument) -> str:
    """model and every metric, best first."""
    ranked = [row for row in document.results if row.status == "ok"]
    metrics = list(dict.fromkeys(name for row in ranked for name in row.scores))
    return _csv(["model", *metrics], ([row.model_name, *(row.scores.get(m) for m in metrics)] for row in ranked))


def forecasts_csv(forecasts: Mapping[str, Path]) -> str:
    """time, truth and each model's forecast, summed over the series that have a truth; the newest window counts."""
    totals = {model: _totals(pq.read_table(path)) for model, path in forecasts.items()}
    truth = {time: y for total in totals.values() for time, (y, _) in total.items()}
    rows = (
        [_moment(time), truth[time], *(t.get(time, (None, None))[1] for t in totals.values())] for time in sorted(truth)
    )
    return _csv(["time", "truth", *totals], rows)


def search_csv(studies: Mapping[str, Sequence[TrialRecord]], metric: str, direction: str) -> str:
    """model, trial and the best value of the tuned metric up to it."""
    rows: list[list[Any]] = []
    for model, trials in studies.items():
        best: float | None = None
        for trial in trials:
            if trial.value is not None and (best is None or _key(trial.value, direction) < _key(best, direction)):
                best = trial.value
            rows.append([model, trial.number, trial.value, best])
    return _csv(["model", "trial", metric, f"best {metric}"], rows)


def _totals(table: Any) -> dict[Any, tuple[float, float]]:
    """time -> (truth, forecast), of the last test window that has it."""
    seen = pc.and_(pc.starts_with(table["window"], "test"), pc.is_finite(pc.fill_null(table["y"], float("nan"))))
    table = table.filter(seen)
    if not table.num_rows:
        return {}
    newest = table.group_by("time").aggregate([("cutoff", "max")])
    table = table.join(newest, "time")
    table = table.filter(pc.equal(table["cutoff"], table["cutoff_max"]))
    summed = table.group_by("time").aggregate([("y", "sum"), ("forecast", "sum")])
    columns: Iterable[Any] = (
        summed["time"].to_pylist(),
        summed["y_sum"].to_pylist(),
        summed["forecast_sum"].to_pylist(),
    )
    return {time: (y, forecast) for time, y, forecast in zip(*columns, strict=True)}


def _moment(time: Any) -> str:
    return time.isoformat().removesuffix("T00:00:00") if hasattr(time, "isoformat") else str(time)


def _key(value: float, direction: str) -> float:
    return {"lower": value, "higher": -value, "zero": abs(value)}[direction]


def _csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows(["" if value is None else value for value in row] for row in rows)
    return sink.getvalue()


__all__ = ["forecasts_csv", "pa", "scores_csv", "search_csv"]
