"""Define what the report of a run is made of, as plain values without a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.results.document import BenchmarkDocument
from runner.values.records import RunStatus, TrialRecord

DERIVED = ("report.html", "report.md", "plots/scoreboard.png")
"""Files that every finished run has, made from its facts."""


@dataclass(frozen=True)
class RunFacts:
    """A finished run."""

    document: BenchmarkDocument
    status: RunStatus | None = None
    spec_text: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)  # as resolved
    plan: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    overview: Mapping[str, Any] = field(default_factory=dict)  # of the data, see `runner.results.overview`
    studies: Mapping[str, tuple[TrialRecord, ...]] = field(default_factory=dict)
    forecasts: Mapping[str, Path] = field(default_factory=dict)  # model -> parquet file
    models: Mapping[str, Path] = field(default_factory=dict)  # model -> folder of native files
    finals: Mapping[str, Path] = field(default_factory=dict)  # model -> folder of its final model

    @property
    def ranked(self) -> tuple[str, ...]:
        """Return the models with a result, best first."""
        return tuple(row.model_name for row in self.document.results if row.status == "ok")

    @property
    def command(self) -> str:
        """Return the command that repeats this run, even without its spec."""
        return f"run-spec reproduce {self.document.run_id}"


def counted_trials(document: BenchmarkDocument, model: str, trials: Sequence[TrialRecord]) -> tuple[TrialRecord, ...]:
    """Return the first trials, which the results are based on: a lowered budget leaves more records."""
    row = next((row for row in document.results if row.model_name == model), None)
    return tuple(trials)[: sum(row.trials.values()) if row and row.trials else None]
