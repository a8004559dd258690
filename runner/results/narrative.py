"""Write the result in words: which model, how much better, how certain, on what data, at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runner.results.document import BenchmarkDocument, GateVerdict
from runner.results.metric_values import show
from runner.results.scoreboard import seconds, test_windows

GATE_TITLES: Final = ("", "gate", "why")
_MARKS: Final = {"passed": "✅ passed", "failed": "❌ failed", "unknown": "❔ unknown"}


def headline(document: BenchmarkDocument) -> str:
    """Return one sentence with the best model and its gain."""
    best = document.best()
    if best is None:
        return "No model has a result."
    if best.model_name == document.baseline:
        return f"Nothing beats the baseline: {best.model_name} stays the best."
    if best.gain is None:
        return f"{best.model_name} is the best."
    return f"{best.model_name} is {best.gain:.1%} better than the baseline {document.baseline}."


def paragraphs(document: BenchmarkDocument) -> list[str]:
    """Return the paragraphs after the headline, one or two sentences each."""
    texts = [_score(document), significance(document), _data(document), _cost(document), _warnings(document)]
    return [text for text in texts if text]


def significance(document: BenchmarkDocument) -> str:
    """Return whether the gain is significant."""
    best = document.best()
    if best is None or best.model_name == document.baseline:
        return ""
    test = next((c for c in document.comparisons if c.model == document.baseline), None)
    if test is None or test.p_value is None:
        return "The significance of the difference was not tested."
    p = "p < 0.001" if test.p_value < 0.001 else f"p = {test.p_value:.2g}"
    if test.significant:
        text = f"The difference to the baseline is significant (Diebold-Mariano, {p})."
    else:
        text = f"The difference to the baseline is not significant (Diebold-Mariano, {p})."
    similar = [c.model for c in document.comparisons if not c.significant and c.model != document.baseline]
    return f"{text} {best.model_name} does not differ significantly from {_listed(similar)}." if similar else text


def gate_rows(verdicts: Sequence[GateVerdict]) -> list[list[str]]:
    """Return a row for each gate: verdict, condition, and the figures behind it."""
    return [[_MARKS[v.verdict], v.gate, v.reason] for v in verdicts]


def gates_line(verdicts: Sequence[GateVerdict]) -> str:
    """Return the verdicts on all gates in one sentence; "" without gates."""
    if not verdicts:
        return ""
    counts = {name: sum(v.verdict == name for v in verdicts) for name in ("failed", "unknown", "passed")}
    if counts["passed"] == len(verdicts):
        return "The gate passed." if len(verdicts) == 1 else f"All {len(verdicts)} gates passed."
    if len(verdicts) == 1:
        return "The gate failed." if counts["failed"] else "Whether the gate holds is unknown."
    parts = [
        f"{count} {'is unknown' if name == 'unknown' and count == 1 else 'are unknown' if name == 'unknown' else name}"
        for name, count in counts.items()
        if count
    ]
    return f"Of {len(verdicts)} gates {_listed(parts)}."


def facts_line(document: BenchmarkDocument) -> list[tuple[str, str]]:
    """Return (title, value) of the four figures at the top of a report."""
    best = document.best()
    if best is None:
        return []
    total = sum(row.tuning_time + row.training_time + row.prediction_time for row in document.results)
    gain = "the baseline" if best.model_name == document.baseline else f"{best.gain or 0:+.1%}"
    return [
        ("Best model", best.model_name),
        (document.metric, show(document.metric, best.scores.get(document.metric))),
        ("Gain over the baseline", gain),
        ("Computing time", seconds(total)),
    ]


def _score(document: BenchmarkDocument) -> str:
    best = document.best()
    if best is None:
        return ""
    value = show(document.metric, best.scores.get(document.metric))
    base = next((r for r in document.results if r.model_name == document.baseline and r.status == "ok"), None)
    against = ""
    if base is not None and base is not best:
        against = f"; the baseline {document.baseline} has {show(document.metric, base.scores.get(document.metric))}"
    text = f"{best.model_name} has {document.metric} {value} on {test_windows(document)} that the search had not seen"
    return f"{text}{against}."


def _data(document: BenchmarkDocument) -> str:
    tests = [w for w in document.windows if w.name.startswith("test")]
    data = next((row.dataset_name for row in document.results), "the data")
    cells = sum(w.n_cells for w in tests)
    horizon = max((w.horizon for w in tests), default=0)
    dates = _cutoffs(tests[0].first_cutoff, tests[-1].last_cutoff) if tests else ""
    return f"Data: {data}, {document.n_series:,} series, {horizon} steps ahead, {cells:,} cells scored{dates}."


def _cutoffs(first: str, last: str) -> str:
    return f", cutoff {first}" if first == last else f", cutoffs {first} to {last}"


def _cost(document: BenchmarkDocument) -> str:
    rows = [row for row in document.results if row.status == "ok"]
    if not rows:
        return ""
    trials = sum(sum(row.trials.values()) for row in document.results)
    tuning = sum(row.tuning_time for row in document.results)
    fits = sum(row.training_time for row in rows)
    searched = f"{trials} trials took {seconds(tuning)}; " if trials else ""
    return f"Cost: {searched}fitting on the test windows took {seconds(fits)}."


def _warnings(document: BenchmarkDocument) -> str:
    failed = [row.model_name for row in document.results if row.status == "failed"]
    parts = [f"Failed: {_listed(failed)}."] if failed else []
    if document.test_looks > 1:
        parts.append(
            f"{document.test_looks} runs have looked at these test windows, which makes the scores optimistic."
        )
    return " ".join(parts)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
