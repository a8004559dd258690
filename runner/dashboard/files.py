"""Benchmark files (JSON): the results folder of the project, through the store. Works without MLflow."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from runner.dashboard.source import TREND, Card, Kind, Run, of_document, read_document
from runner.errors import RunSpecError, StoreError
from runner.records import RunStatus, TrialRecord
from runner.report.document import BenchmarkDocument
from runner.store.folder import Store
from runner.store.run import RunFolder
from runner.store.run_facts import forecast_files

NO_RESULTS: Final = "There are no results yet."
CANONICAL: Final = "canonical"
"""Key of a results document whose run folder is gone."""


class Files:
    """Reads `results/` below the project's folder and writes nothing."""

    kind: Kind = "files"

    def __init__(self, root: Path) -> None:
        self._store = Store(root, read_only=True)

    def names(self) -> tuple[str, ...]:
        """Experiments with runs or results, the newest first."""
        times = dict.fromkeys(self._store.names(), 0.0)
        for path in (self._store.results / "benchmarks").glob("*.json"):
            with suppress(RunSpecError, OSError):
                times[path.stem] = self._store.benchmark_path(path.stem).stat().st_mtime
        for name in self._store.names():
            times[name] = max(times[name], _time(self._store.results / "runs" / name))
        return tuple(sorted(times, key=lambda name: (-times[name], name)))

    def cards(self, names: Sequence[str]) -> Iterator[Card]:
        """From the canonical documents; the trends from the newest runs."""
        return map(self._card, names)

    def _card(self, name: str) -> Card:
        folders = self._newest(name)
        trend = [value for value in map(_value_of, reversed(folders[:TREND])) if value is not None]
        try:
            document = self._canonical(name)
        except RunSpecError as error:
            shown = next((_line(self._store.run(name, path.name), path) for path in folders[:1]), None)
            trouble = "" if str(error) == NO_RESULTS else str(error)
            return Card(name, latest=shown, n_runs=len(folders), trend=tuple(trend), trouble=trouble)
        return Card(
            name=name,
            description=document.description,
            latest=of_document(document, document.run_id),
            baseline=document.baseline,
            direction=document.direction,
            n_runs=max(len(folders), 1),
            trend=tuple(trend) or tuple(v for v in (of_document(document, "").value,) if v is not None),
        )

    def champions(self) -> Mapping[str, str]:
        """None: files know of no registry."""
        return {}

    def runs(self, name: str, most: int = 200) -> tuple[Run, ...]:
        """From the run folders; of a name that has none the canonical document."""
        found = [_line(self._store.run(name, path.name), path) for path in self._newest(name)[:most]]
        if found:
            return tuple(found)
        return (of_document(self._canonical(name), CANONICAL),)

    def document(self, run: Run) -> BenchmarkDocument:
        """Of the run folder, or the canonical one."""
        if run.key == CANONICAL:
            return self._canonical(run.name)
        path = self._folder(run).path / "benchmark.json"
        return read_document(_bytes(path, f"run {run.run_id} has no results yet"), self._where(path))

    def trials(self, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
        """From the records, at any moment of the run."""
        if run.key == CANONICAL:
            return {}
        folder = self._folder(run)
        return {model: folder.trials(model) for model in folder.models()}

    def forecasts(self, run: Run, document: BenchmarkDocument) -> Mapping[str, Path]:
        """The files of the run folder."""
        return {} if run.key == CANONICAL else forecast_files(self._folder(run), document)

    def spec(self, run: Run) -> tuple[str, Mapping[str, Any]]:
        """Of the run folder."""
        if run.key == CANONICAL:
            return "", {}
        folder = self._folder(run)
        text = _bytes(folder.path / "spec.yaml", f"run {run.run_id} has no spec")
        resolved = folder.document("spec.resolved")
        return text.decode("utf-8", "replace"), resolved if isinstance(resolved, dict) else {}

    def environment(self, run: Run) -> Mapping[str, Any]:
        """Of the run folder."""
        found = None if run.key == CANONICAL else self._folder(run).document("environment")
        return found if isinstance(found, dict) else {}

    def folder(self, run: Run) -> RunFolder | None:
        """The run folder, where there is one."""
        return None if run.key == CANONICAL else self._folder(run)

    def _folder(self, run: Run) -> RunFolder:
        return self._store.run(run.name, run.run_id)

    def _canonical(self, name: str) -> BenchmarkDocument:
        path = self._store.benchmark_path(name)
        document = read_document(_bytes(path, NO_RESULTS), self._where(path))
        if document.name != name:
            raise StoreError(f"{self._where(path)}: holds the results of {document.name}")
        return document

    def _newest(self, name: str) -> list[Path]:
        """Run folders, the one with the newest results first; nothing is read."""
        parent = self._store.results / "runs" / self._store.benchmark_path(name).stem
        try:
            with os.scandir(parent) as entries:
                found = [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False) and "." not in e.name]
        except OSError:
            return []
        times = {path: _time(path / "benchmark.json") or _time(path / "status.json") or _time(path) for path in found}
        return sorted(found, key=lambda path: -times[path])

    def _where(self, path: Path) -> str:
        return path.relative_to(self._store.root).as_posix()


def _line(folder: RunFolder, path: Path) -> Run:
    """A run in a list, read lightly: whoever opens it has its document checked."""
    try:
        status = folder.status()
    except RunSpecError:
        status = None
    light = _light(path)
    state = _state(status, light)
    started, finished = (status.started, status.finished or "") if status else ("", "")
    if not light:
        return Run(folder.name, folder.run_id, folder.run_id, state, started, finished)
    rows = light.get("results") or [{}]
    best = rows[0] if isinstance(rows[0], dict) and rows[0].get("status") == "ok" else {}
    return Run(
        name=folder.name,
        run_id=folder.run_id,
        key=folder.run_id,
        state=state,
        started=started,
        finished=str(light.get("timestamp", finished)),
        best_model=str(best.get("model_name", "")),
        metric=str(light.get("metric", "")),
        value=_number(_value(light)),
        gain=_number(best.get("gain")),
    )


def _state(status: RunStatus | None, light: Mapping[str, Any]) -> str:
    if status is None:
        return "finished" if light else "broken"
    if status.state == "running" and not _alive(status):
        return "stopped"
    return status.state


def _alive(status: RunStatus) -> bool:
    """Whether its process still runs; of another machine's nobody knows, so it is believed."""
    if status.pid is None:
        return False
    if status.host and status.host != socket.gethostname():
        return True
    try:
        os.kill(status.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _light(path: Path) -> dict[str, Any]:
    try:
        found = json.loads((path / "benchmark.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("results"), list) else {}


def _value_of(path: Path) -> float | None:
    return _number(_value(_light(path)))


def _value(light: Mapping[str, Any]) -> Any:
    rows = light.get("results") or [{}]
    scores = rows[0].get("scores") if isinstance(rows[0], dict) else None
    return scores.get(light.get("metric")) if isinstance(scores, dict) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _bytes(path: Path, absent: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise StoreError(absent) from None
    except OSError as error:
        raise StoreError(f"{path.name}: cannot be read: {error.strerror}") from None


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
