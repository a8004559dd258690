"""MLflow (Live): the tracking server of the project, or its local store. Artifacts are fetched when asked."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from runner.dashboard.source import TREND, Card, Kind, Run, described, of_document, own, read_document
from runner.errors import RunSpecError, StoreError
from runner.files.atomic import write_bytes
from runner.files.documents import parse_json
from runner.results.document import BenchmarkDocument
from runner.track.client import unreachable
from runner.track.destination import Destination
from runner.track.reader import NewestRuns, Reader, TrackedRun
from runner.values.records import TrialRecord

_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DOCUMENT: Final = "benchmark.json"
KEPT: Final = 600
"""Seconds that a copy is believed: gates may be judged again, and results delivered with other verdicts."""


class Live:
    """Asks MLflow and changes nothing there."""

    kind: Kind = "mlflow"

    def __init__(self, place: Destination) -> None:
        """Set up without asking anything."""
        self.place = place
        self._reader = Reader(place)
        self._folder = Path(tempfile.mkdtemp(prefix="run-spec-dashboard-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._runs: dict[str, TrackedRun] = {}
        self._documents: dict[tuple[str, str], tuple[float, BenchmarkDocument]] = {}  # by key and end, with its age

    def trouble(self) -> str:
        """Return why it does not answer; empty when it does. Deletes copies that are long unused."""
        why = unreachable(self.place)
        if why is not None:
            return f"{self.place.label}: {why}"
        self._sweep()
        return ""

    def _sweep(self) -> None:
        """Delete what is not in use: a chart is made of copies that are believed, and is kept no longer than they."""
        for path in self._folder.rglob("*"):
            if path.is_file() and not _fresh(path, 3 * KEPT):
                path.unlink(missing_ok=True)
        early = time.monotonic() - KEPT
        self._documents = {key: known for key, known in self._documents.items() if known[0] > early}

    def names(self) -> tuple[str, ...]:
        """Return experiments, the newest first."""
        return self._reader.experiments()

    def cards(self, names: Sequence[str]) -> Iterator[Card]:
        """Yield cards from the newest parent runs and the document of the latest one with results."""
        shown = 0
        try:
            for newest in self._reader.newest_runs(names, TREND):
                yield self._card(newest)
                shown += 1
        except RunSpecError as error:
            yield from (Card(name, trouble=str(error)) for name in names[shown:])

    def _card(self, newest: NewestRuns) -> Card:
        self._runs |= {run.key: run for run in newest.runs}
        with_results = own([run for run in newest.runs if run.has_results])
        shown = Card(newest.name, n_runs=len(newest.runs), more=newest.more)
        if not with_results:
            latest = self._line(newest.runs[0]) if newest.runs else None
            return replace(shown, latest=latest)
        try:
            document = self._document(with_results[0])
        except RunSpecError as error:
            return replace(shown, trouble=str(error))
        gains = [run.scores.get("gain") for run in reversed(with_results)]
        latest = replace(of_document(document, with_results[0].key), overrides=with_results[0].overrides)
        trend = tuple(gain for gain in gains if gain is not None)
        return replace(described(shown, document), latest=latest, trend=trend)

    def champions(self) -> Mapping[str, str]:
        """Return experiment -> version of its champion."""
        try:
            return self._reader.champions()
        except RunSpecError:
            return {}

    def runs(self, name: str, most: int = 200) -> tuple[Run, ...]:
        """Return parent runs, the newest first."""
        return tuple(self._line(run) for run in self._newest(name, most))

    def document(self, run: Run) -> BenchmarkDocument:
        """Return the artifact of the parent run."""
        return self._document(self._tracked(run))

    def trials(self, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Return trials from the grandchildren of the parent run."""
        return self._reader.trials(self._tracked(run))

    def forecasts(self, run: Run, document: BenchmarkDocument) -> Mapping[str, Path]:
        """Return artifacts, copied to a temporary folder."""
        names = [row.model_name for row in document.results if row.status == "ok" and _SAFE.fullmatch(row.model_name)]
        found = {name: self._artifact(run, f"forecasts/{name}.parquet") for name in names}
        return {name: path for name, path in found.items() if path is not None}

    def spec(self, run: Run) -> tuple[str, Mapping[str, Any]]:
        """Return artifacts of the parent run."""
        text = self._artifact(run, "spec.yaml")
        return text.read_text("utf-8", "replace") if text else "", self._tree(run, "spec.resolved.json")

    def environment(self, run: Run) -> Mapping[str, Any]:
        """Return an artifact of the parent run."""
        return self._tree(run, "environment.json")

    def _tree(self, run: Run, name: str) -> Mapping[str, Any]:
        path = self._artifact(run, name)
        try:
            tree = parse_json(path.read_bytes()) if path else {}
        except ValueError:
            tree = {}
        return tree if isinstance(tree, dict) else {}

    def _newest(self, name: str, most: int) -> tuple[TrackedRun, ...]:
        found = self._reader.runs(name, most)
        self._runs |= {run.key: run for run in found}
        return found

    def _tracked(self, run: Run) -> TrackedRun:
        if run.key not in self._runs:
            self._newest(run.name, 200)
        if run.key not in self._runs:
            raise StoreError(f"run {run.run_id} is not there any more")
        return self._runs[run.key]

    def _document(self, run: TrackedRun) -> BenchmarkDocument:
        read, known = self._documents.get((run.key, run.finished), (0.0, None))
        if known is not None and read > time.monotonic() - KEPT:
            return known
        path = self._artifact(run, _DOCUMENT)
        if path is None:
            raise StoreError(f"run {run.run_id} has no results document; `run-spec sync` delivers it")
        document = read_document(path.read_bytes(), f"{_DOCUMENT} of run {run.run_id}")
        if not _going(run):
            self._documents[run.key, run.finished] = time.monotonic(), document
        return document

    def _artifact(self, run: Run | TrackedRun, path: str) -> Path | None:
        """Return a copy on this machine; None when the run has none of that name.

        It is believed for ten minutes, or until the run has another end; while it is running it is fetched each time.
        """
        if not _SAFE.fullmatch(run.key):
            raise StoreError(f"{run.key!r} is no id of a run")
        folder = self._folder / run.key / re.sub(r"\W", "", f"{run.state}{run.finished}")
        known = folder / path
        if known.is_file() and not _going(run) and _fresh(known, KEPT):
            return known
        content = self._reader.artifact(run.key, path)
        if content is None:
            return None
        write_bytes(known, content)
        return known

    def _line(self, run: TrackedRun) -> Run:
        return Run(
            run.name, run.run_id, run.key, run.state, run.started, run.finished, run.best_model, overrides=run.overrides
        )


def _going(run: Run | TrackedRun) -> bool:
    """Return whether the execution that was read is running: one with results has ended."""
    return run.state == "running" and not run.best_model


def _fresh(path: Path, seconds: float) -> bool:
    """Return whether the file was written within so many seconds."""
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime < seconds
    return False
