"""Where pages get their data: one protocol, two sources. Values only; what is drawn is the pages' affair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar

from jsonschema import Draft202012Validator

from runner.errors import StoreError
from runner.files.documents import parse_json
from runner.results.document import BenchmarkDocument
from runner.results.gates import together
from runner.values.records import TrialRecord
from runner.values.section import as_values

Kind = Literal["mlflow", "files"]
TITLES: Final[Mapping[Kind, str]] = {"mlflow": "MLflow (Live)", "files": "Benchmark files (JSON)"}
LARGEST: Final = 50_000_000
"""Bytes of a document that is still read."""
TREND: Final = 20
"""Runs that a trend goes back."""
_VALIDATOR: Final = Draft202012Validator(BenchmarkDocument.model_json_schema(mode="validation"))


@dataclass(frozen=True)
class Run:
    """One run as a list shows it."""

    name: str
    run_id: str
    key: str  # what the source knows it by
    state: str  # running, finished, interrupted, failed, stopped (killed), broken
    started: str = ""  # UTC, ISO 8601
    finished: str = ""
    best_model: str = ""
    metric: str = ""
    value: float | None = None
    gain: float | None = None
    overrides: str = ""  # of a run that was tried out with --set

    @property
    def has_results(self) -> bool:
        """Return whether there is a results document to show, be it of an earlier budget."""
        return bool(self.best_model or self.metric) or self.state == "finished"

    @property
    def title(self) -> str:
        """Return its title in a choice."""
        when = (self.finished or self.started)[:16].replace("T", " ")
        return " · ".join([self.run_id, when or "no date", self.state, *(["with --set"] if self.overrides else [])])


class Overridable(Protocol):
    """A run that may have been made with --set."""

    @property
    def overrides(self) -> str:
        """Return what was typed."""


R = TypeVar("R", bound=Overridable)


@dataclass(frozen=True)
class Card:
    """An experiment at a glance."""

    name: str
    description: str = ""
    latest: Run | None = None
    baseline: str = ""
    n_runs: int = 0
    more: bool = False  # there are at least that many, not counted
    trend: tuple[float, ...] = ()  # gain over the baseline, oldest first
    gates: str = ""  # verdict on all of them; empty without any
    trouble: str = ""


class Source(Protocol):
    """Reads; raises RunSpecError, in one sentence, for what cannot be read."""

    kind: Kind

    def names(self) -> tuple[str, ...]:
        """Return experiments, the one with the newest results first."""

    def cards(self, names: Sequence[str]) -> Iterator[Card]:
        """Yield cards of experiments in that order, each as soon as it is read. Trouble is part of a card."""

    def champions(self) -> Mapping[str, str]:
        """Return experiment -> version of its champion; empty where there is no registry."""

    def runs(self, name: str, most: int = 200) -> tuple[Run, ...]:
        """Return runs of an experiment, the newest first."""

    def document(self, run: Run) -> BenchmarkDocument:
        """Return the results of a run."""

    def trials(self, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Return model -> trials so far."""

    def forecasts(self, run: Run, document: BenchmarkDocument) -> Mapping[str, Path]:
        """Return model -> forecast file, best first."""

    def environment(self, run: Run) -> Mapping[str, Any]:
        """Return commit, data, code and versions of a run; empty when not recorded."""

    def spec(self, run: Run) -> tuple[str, Mapping[str, Any]]:
        """Return (as written, as resolved)."""


def read_document(content: bytes, where: str) -> BenchmarkDocument:
    """Return a results document checked against its schema. Raises StoreError with the place."""
    if len(content) > LARGEST:
        raise StoreError(f"{where}: too large for a results document ({len(content):,} bytes)")
    try:
        document = parse_json(content)
    except ValueError as error:
        raise StoreError(
            f"{where}: not a JSON document ({_first(error)}); run the spec again to have it made"
        ) from None
    problem = next(iter(_VALIDATOR.iter_errors(document)), None)
    if problem is not None:
        place = problem.json_path.removeprefix("$.") or "the whole"
        raise StoreError(f"{where}: not a results document: {place}: {_first(problem.message)}")
    try:
        return BenchmarkDocument.model_validate(as_values(document))
    except ValueError as error:
        raise StoreError(f"{where}: not a results document: {_first(error)}") from None


def of_document(document: BenchmarkDocument, key: str) -> Run:
    """Return the line of a run with results."""
    best = document.best()
    return Run(
        name=document.name,
        run_id=document.run_id,
        key=key,
        state="finished",
        finished=document.timestamp,
        best_model=best.model_name if best else "",
        metric=document.metric,
        value=best.scores.get(document.metric) if best else None,
        gain=best.gain if best else None,
    )


def own(runs: Sequence[R]) -> Sequence[R]:
    """Return the runs without --set, which are the experiment itself; all when there are no others."""
    return [run for run in runs if not run.overrides] or runs


def described(card: Card, document: BenchmarkDocument) -> Card:
    """Return the card with its experiment's entries from the document."""
    gates = together(document.gates) if document.gates else ""
    return replace(card, description=document.description, baseline=document.baseline, gates=gates)


def _first(error: object) -> str:
    lines = str(error).splitlines() or [""]
    return lines[0][:160]
