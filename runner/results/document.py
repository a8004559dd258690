"""Define the results document, `results/benchmarks/<name>.json`, which the dashboard reads without MLflow.

Its JSON Schema, `schemas/benchmark.v1.schema.json`, is generated from these classes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from runner.language.schema import describe
from runner.values.records import Comparison, ModelResult, Score, Scoreboard, Scores, WindowScore
from runner.values.section import Frozen, FrozenMap, Section, as_values

HEADLINE = ("mape", "rmse", "mae", "directional_accuracy")
"""Metrics that every row has as fields."""


class ResultRow(Section):
    """One model on one data set. A failed model keeps its row, with nulls and a reason."""

    model_name: str
    """Name on the scoreboard."""
    dataset_name: str
    """Name of the data set: its file, its built-in name, or `synthetic`."""
    kind: str
    """Kind of the model."""
    rank: int | None
    """Place by the tuned metric, from 1; null for a failed model."""
    status: Literal["ok", "failed"]
    """Whether there are scores."""
    reason: str | None
    """Why it failed."""
    mape: Score
    """Mean absolute percentage error, as a share."""
    rmse: Score
    """Root mean squared error, in units of the target."""
    mae: Score
    """Mean absolute error, in units of the target."""
    directional_accuracy: Score
    """Share of cells whose change since the cutoff has the right sign."""
    scores: Scores
    """Every metric over all test windows."""
    gain: Score
    """Share by which the tuned metric is better than the baseline's."""
    windows: tuple[WindowScore, ...]
    """Scores, counts and seconds per test window."""
    training_time: float
    """Seconds of fitting on all test windows, features included."""
    prediction_time: float
    """Seconds of forecasting all test windows."""
    tuning_time: float
    """Seconds of all trials together."""
    n_samples: int
    """Training rows in the largest window; for a baseline its observations."""
    n_features: int
    """Feature columns."""
    n_cells: int
    """Cells (series x window x step) scored; the same for every model."""
    fallbacks: int
    """Cells served by a simpler rule than the model's own."""
    params: Annotated[dict[str, Any], Frozen]
    """Parameters it was fitted with, full path -> value."""
    rounds: int | None
    """Boosting rounds."""
    trial: int | None
    """Number of the trial that won."""
    trials: Annotated[dict[str, int], Frozen]
    """State -> number of trials."""
    weights: Annotated[dict[str, float], Frozen]
    """Of a blend: member -> weight."""


class WindowRow(Section):
    """One window with its dates."""

    name: str
    """Such as `test-1`."""
    first_cutoff: str
    """Last visible date, of the series where it is earliest."""
    last_cutoff: str
    """Last visible date, of the series where it is latest."""
    horizon: int
    """Steps forecast."""
    n_cells: int
    """Cells that count."""
    n_series: int | None = None
    """Series with a cell that counts."""


Verdict = Literal["passed", "failed", "unknown"]


class GateVerdict(Section):
    """The verdict on one gate of the spec, judged on the best model."""

    gate: str
    """The condition in words."""
    verdict: Verdict
    """`unknown` where the gate could not be judged: no champion yet, or the registry is away."""
    reason: str
    """The figures behind the verdict, in one sentence."""
    model: str | None
    """Model judged."""
    value: Score
    """Its score, or the share of the series covered."""
    reference: Score
    """The value it was compared with, before `by` and `tolerance`."""


class BenchmarkDocument(Section):
    """All results of one run."""

    schema_version: Literal[1] = 1
    """Version of this document."""
    timestamp: str
    """UTC, ISO 8601, of the end of the run."""
    name: str
    """Experiment."""
    description: str
    """From the spec."""
    run_id: str
    """Names the run folder; changes with spec, data, code and libraries."""
    metric: str
    """Tuned metric, which ranks the rows."""
    direction: Literal["lower", "higher", "zero"]
    """Which values of the tuned metric are better."""
    baseline: str
    """Model that every gain is relative to."""
    n_models: Annotated[int, Field(ge=0)]
    """Rows."""
    n_datasets: Annotated[int, Field(ge=1)] = 1
    """Data sets."""
    n_series: int
    """Series of the panel."""
    n_series_throughout: int | None = None
    """Series with a cell that counts in every test window; null where that was not counted."""
    windows: tuple[WindowRow, ...]
    """Tuning and test windows."""
    test_looks: int
    """How many different runs have scored these test windows, this one included."""
    results: tuple[ResultRow, ...]
    """Best first, failed ones last."""
    comparisons: tuple[Comparison, ...]
    """Tests of equal accuracy against the best model."""
    scores: Annotated[dict[str, Scores], Frozen] = Field(default={}, validate_default=True)
    """Model -> scores as in its row, for tools that compare maps, such as `dvc metrics diff`."""
    gates: tuple[GateVerdict, ...] = ()
    """Verdicts on the gates of the spec, in its order."""

    def best(self) -> ResultRow | None:
        """Return the first row with a result; None when every model has failed."""
        return next((row for row in self.results if row.status == "ok"), None)


def benchmark_document(
    board: Scoreboard,
    *,
    timestamp: str,
    name: str,
    description: str,
    run_id: str,
    dataset: str,
    n_series: int,
    windows: tuple[WindowRow, ...],
    n_series_throughout: int | None = None,
) -> BenchmarkDocument:
    """Return the document of a finished benchmark."""
    ranks = {row.model: rank for rank, row in enumerate(board.results, start=1) if row.status == "ok"}
    return BenchmarkDocument(
        timestamp=timestamp,
        name=name,
        description=description,
        run_id=run_id,
        metric=board.metric,
        direction=board.direction,
        baseline=board.baseline,
        n_models=len(board.results),
        n_series=n_series,
        n_series_throughout=n_series_throughout,
        windows=windows,
        test_looks=board.test_looks,
        results=tuple(_row(row, dataset, ranks.get(row.model)) for row in board.results),
        comparisons=board.comparisons,
        scores=FrozenMap({row.model: row.scores for row in board.results if row.status == "ok"}),
    )


def as_results(document: Any) -> BenchmarkDocument:
    """Return parsed JSON as a results document. Raises ValidationError, a ValueError, for anything else."""
    return BenchmarkDocument.model_validate(as_values(document))


def benchmark_schema() -> dict[str, Any]:
    """Return the JSON Schema of the document, draft 2020-12."""
    schema = BenchmarkDocument.model_json_schema(mode="serialization")
    describe(schema, BenchmarkDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _row(row: ModelResult, dataset: str, rank: int | None) -> ResultRow:
    same = {name: getattr(row, name) for name in set(ModelResult.model_fields) & set(ResultRow.model_fields)}
    headline: dict[str, Any] = {name: row.scores.get(name) for name in HEADLINE}
    return ResultRow(
        model_name=row.model,
        dataset_name=dataset,
        rank=rank,
        training_time=row.fit_seconds,
        prediction_time=row.predict_seconds,
        tuning_time=row.tuning_seconds,
        **headline,
        **same,
    )
