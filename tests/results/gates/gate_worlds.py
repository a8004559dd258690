"""Results documents with known scores."""

from __future__ import annotations

from typing import Any

from runner.language.sections.run import Gate
from runner.results.document import BenchmarkDocument, GateVerdict, WindowRow, benchmark_document
from runner.results.gates import NoChampion, judge
from runner.values.records import Comparison, ModelResult, Scoreboard
from runner.values.section import as_values

NOBODY = NoChampion("there is no champion yet")
DATA = {"a.csv": "f" * 64}


def row(model: str, status: str = "ok", **scores: float | None) -> ModelResult:
    return ModelResult(model=model, kind=model, status=status, scores=scores, reason=None if scores else "no memory")


def results(
    *rows: ModelResult,
    run_id: str = "0123456789ab",
    baseline: str = "seasonal_naive",
    cutoff: str = "2024-01-07",
    covered: tuple[int | None, ...] = (10, 10),
    throughout: int | None = 10,
    comparisons: tuple[Comparison, ...] = (),
    horizon: int = 8,
) -> BenchmarkDocument:
    """A document of ten series whose rows stand in the order given."""
    board = Scoreboard(metric="wape", direction="lower", baseline=baseline, results=rows, comparisons=comparisons)
    dates = {"first_cutoff": cutoff, "last_cutoff": cutoff}
    windows = tuple(
        WindowRow(name=f"test-{n}", horizon=horizon, n_cells=80, n_series=count, **dates)
        for n, count in enumerate(covered, start=1)
    )
    return benchmark_document(
        board,
        timestamp="2024-03-01T12:00:00+00:00",
        name="sales",
        description="",
        run_id=run_id,
        dataset="a.csv",
        n_series=10,
        windows=windows,
        n_series_throughout=throughout,
    )


USUAL = results(row("lightgbm", wape=0.08, bias=-0.02), row("seasonal_naive", wape=0.10, bias=0.01))


def gate(**keys: Any) -> Gate:
    return Gate.model_validate(as_values(keys))


def verdict(document: BenchmarkDocument = USUAL, champion: Any = NOBODY, data: Any = DATA, **keys: Any) -> GateVerdict:
    (found,) = judge([gate(**keys)], document, champion, data)
    return found
