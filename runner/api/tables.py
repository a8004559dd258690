"""Records of a run -> pandas data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from runner.results.document import BenchmarkDocument, ResultRow
from runner.values.records import TrialRecord

_WHOLE: Final = {"rank": "Int64", "rounds": "Int64", "trials": "Int64"}
"""Columns of whole numbers where some models have none."""


def scoreboard_table(document: BenchmarkDocument) -> pd.DataFrame:
    """Return one row a model, best first, with the model's name as index."""
    metrics = dict.fromkeys((document.metric, *(name for row in document.results for name in row.scores)))
    rows = [_scoreboard_row(row, tuple(metrics)) for row in document.results]
    return pd.DataFrame(rows).set_index("model").astype(dict(_WHOLE))


def trial_table(studies: Mapping[str, Sequence[TrialRecord]]) -> pd.DataFrame:
    """Return one row a trial, with a column for each parameter, named by its path in the space."""
    own = ("number", "state", "value", "rounds", "seconds", "attempts", "started", "reason")
    rows = [
        {
            "model": model,
            **{name: getattr(trial, name) for name in own},
            **trial.params,
        }
        for model, trials in studies.items()
        for trial in trials
    ]
    return pd.DataFrame(rows, columns=None if rows else ["model", *own])


def forecast_table(files: Mapping[str, Path], models: Sequence[str]) -> pd.DataFrame:
    """Return the test windows of the forecast files, the model first. Raises KeyError for an unknown one."""
    unknown = [name for name in models if name not in files]
    if unknown:
        raise KeyError(f"{', '.join(unknown)}: there are no such forecasts; there are those of {', '.join(files)}")
    tables = []
    for name in models or files:
        table = pd.read_parquet(files[name])
        table.insert(0, "model", name)
        tables.append(table[table["window"].str.startswith("test")])  # quantiles are learned on the tuning windows
    return pd.concat(tables, ignore_index=True)


def _scoreboard_row(row: ResultRow, metrics: Sequence[str]) -> dict[str, Any]:
    return {
        "model": row.model_name,
        "rank": row.rank,
        "status": row.status,
        **{name: row.scores.get(name) for name in metrics},
        "gain": row.gain,
        "trials": sum(row.trials.values()),
        "rounds": row.rounds,
        "tuning_time": row.tuning_time,
        "training_time": row.training_time,
        "prediction_time": row.prediction_time,
        "reason": row.reason,
    }
