"""MLflow (Live): the tracking server of the project, or its local store. Artefacts are fetched when asked."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runner.dashboard.source import TREND, Card, Kind, Run, of_document, read_document
from runner.errors import RunSpecError, StoreError
from runner.records import TrialRecord
from runner.report.document import BenchmarkDocument
from runner.track import reading
from runner.track.destination import Destination

_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DOCUMENT: Final = "benchmark.json"


class Live:
    """Asks MLflow and changes nothing there."""

    kind: Kind = "mlflow"

    def __init__(self, place: Destination) -> None:
        """Raises StoreError when it does not answer."""
        self.place = place
        reading.check(place)
        self._keeper = tempfile.TemporaryDirectory(prefix="run-spec-dashboard-")  # goes when this object goes
        self._folder = Path(self._keeper.name)
        self._runs: dict[str, reading.TrackedRun] = {}

    def names(self) -> tuple[str, ...]:
        """Experiments, the one that was changed last first."""
        return reading.newest_experiments(self.place)

    def card(self, name: str) -> Card:
        """From the newest parent runs and the document of the latest."""
        try:
            tracked = self._newest(name, TREND)
            finished = [run for run in tracked if run.state == "finished"]
            if not finished:
                latest = self._line(tracked[0]) if tracked else None
                return Card(name, latest=latest, n_runs=len(tracked), trouble="there are no results yet")
            document = self._document(finished[0])
        except RunSpecError as error:
            return Card(name, trouble=str(error))
        values = [run.scores.get(document.metric) for run in reversed(finished)]
        return Card(
            name=name,
            description=document.description,
            latest=of_document(document, finished[0].key),
            baseline=document.baseline,
            direction=document.direction,
            n_runs=len(tracked),
            trend=tuple(value for value in values if value is not None),
        )

    def champions(self) -> Mapping[str, str]:
        """Experiment -> version of its champion."""
        try:
            return reading.champions(self.place)
        except RunSpecError:
            return {}

    def runs(self, name: str, most: int = 200) -> tuple[Run, ...]:
        """Parent runs, the newest first."""
        return tuple(self._line(run) for run in self._newest(name, most))

    def document(self, run: Run) -> BenchmarkDocument:
        """The artefact of the parent run."""
        return self._document(self._tracked(run))

    def trials(self, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
        """The grandchildren of the parent run."""
        return reading.trials(self.place, self._tracked(run))

    def forecasts(self, run: Run, document: BenchmarkDocument) -> Mapping[str, Path]:
        """Artefacts, copied to a temporary folder."""
        names = [row.model_name for row in document.results if row.status == "ok" and _SAFE.fullmatch(row.model_name)]
        found = {name: self._artefact(run.key, f"forecasts/{name}.parquet") for name in names}
        return {name: path for name, path in found.items() if path is not None}

    def spec(self, run: Run) -> tuple[str, Mapping[str, Any]]:
        """Artefacts of the parent run."""
        text = self._artefact(run.key, "spec.yaml")
        return text.read_text("utf-8", "replace") if text else "", self._tree(run, "spec.resolved.json")

    def environment(self, run: Run) -> Mapping[str, Any]:
        """An artefact of the parent run."""
        return self._tree(run, "environment.json")

    def _tree(self, run: Run, name: str) -> Mapping[str, Any]:
        path = self._artefact(run.key, name)
        try:
            tree = json.loads(path.read_bytes()) if path else {}
        except ValueError:
            tree = {}
        return tree if isinstance(tree, dict) else {}

    def _newest(self, name: str, most: int) -> tuple[reading.TrackedRun, ...]:
        found = reading.newest_runs(self.place, name, most)
        self._runs |= {run.key: run for run in found}
        return found

    def _tracked(self, run: Run) -> reading.TrackedRun:
        if run.key not in self._runs:
            self._newest(run.name, 200)
        if run.key not in self._runs:
            raise StoreError(f"run {run.run_id} is not there any more")
        return self._runs[run.key]

    def _document(self, run: reading.TrackedRun) -> BenchmarkDocument:
        path = self._artefact(run.key, _DOCUMENT)
        if path is None:
            raise StoreError(f"run {run.run_id} has no results document; `run-spec sync` delivers it")
        return read_document(path.read_bytes(), f"{_DOCUMENT} of run {run.run_id}")

    def _artefact(self, key: str, path: str) -> Path | None:
        if not _SAFE.fullmatch(key):
            raise StoreError(f"{key!r} is no id of a run")
        folder = self._folder / key
        known = folder / path
        if known.is_file():
            return known
        folder.mkdir(exist_ok=True)
        return reading.artefact(self.place, key, path, folder)

    def _line(self, run: reading.TrackedRun) -> Run:
        return Run(run.name, run.run_id, run.key, run.state, run.started, run.finished, run.best_model)
