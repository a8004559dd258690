"""Write the scoreboard as rows of text."""

from __future__ import annotations

from runner.results.document import BenchmarkDocument, ResultRow
from runner.results.metric_values import show


def columns(document: BenchmarkDocument, most: int = 4) -> list[str]:
    """Return the titles of the table."""
    return ["", "model", *_shown(document, most), "gain", "p", "fit", "trials"]


def rows(document: BenchmarkDocument, most: int = 4) -> list[list[str]]:
    """Return one row of text for each model, best first."""
    p_values = {c.model: c.p_value for c in document.comparisons}
    return [_row(row, document, p_values.get(row.model_name), _shown(document, most)) for row in document.results]


def verdict(document: BenchmarkDocument) -> str:
    """Return the result in one sentence."""
    ranked = [row for row in document.results if row.status == "ok"]
    if not ranked:
        return "No model has a result."
    best = ranked[0]
    scored = (
        f"{best.model_name} is best with {document.metric} {show(document.metric, best.scores.get(document.metric))}"
    )
    if best.model_name == document.baseline:
        return f"{scored}: nothing beats the baseline."
    if best.gain is None:
        return f"{scored}."
    return f"{scored}, {best.gain:.1%} better than the baseline {document.baseline}{_significance(document)}."


def _significance(document: BenchmarkDocument) -> str:
    for comparison in document.comparisons:
        if comparison.model == document.baseline and comparison.p_value is not None:
            return f" ({'significant' if comparison.significant else 'not significant'}, p = {comparison.p_value:.2g})"
    return ""


def _shown(document: BenchmarkDocument, most: int) -> list[str]:
    """Return the tuned metric and the first of the others."""
    names = list(dict.fromkeys(name for row in document.results for name in row.scores))
    return [document.metric, *(name for name in names if name != document.metric)][:most]


def _row(row: ResultRow, document: BenchmarkDocument, p_value: float | None, metrics: list[str]) -> list[str]:
    trials = sum(row.trials.values())
    return [
        str(row.rank or "-"),
        row.model_name + (" (baseline)" if row.model_name == document.baseline else ""),
        *(show(name, row.scores.get(name)) if row.status == "ok" else "-" for name in metrics),
        f"{row.gain:+.1%}" if row.gain is not None else "-",
        f"{p_value:.2g}" if p_value is not None else "",
        f"{row.training_time:.1f} s" if row.status == "ok" else "failed",
        f"{trials}" if trials else "",
    ]


def cost(document: BenchmarkDocument, model: str) -> float:
    """Return the seconds of tuning, fitting and forecasting; a blend includes its members."""
    row = next((row for row in document.results if row.model_name == model), None)
    if row is None:
        return 0.0
    own = row.tuning_time + row.training_time + row.prediction_time
    return own + sum(cost(document, member) for member in row.weights if member != model)


def seconds(value: float) -> str:
    """Return a duration as people read it: `12 ms`, `3.4 s`, `5 min`, `2.1 h`."""
    if value < 1:
        return f"{value * 1000:.0f} ms" if value >= 0.001 else "under 1 ms"
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if value >= 2 * size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} s"


def test_windows(document: BenchmarkDocument) -> str:
    """Return the number of test windows in words, such as `3 test windows`."""
    count = sum(window.name.startswith("test") for window in document.windows)
    return f"{count} test window{'s' if count != 1 else ''}"
