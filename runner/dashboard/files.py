"""Benchmark files (JSON): the results folder of the project, through the store. Works without MLflow."""

from __future__ import annotations

import logging
import math
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from runner.dashboard.source import LARGEST, TREND, Card, Kind, Run, described, of_document, own, read_document
from runner.errors import RunSpecError, StoreError
from runner.files.documents import parse_json
from runner.results.document import BenchmarkDocument
from runner.store.folder import Store, is_run_id
from runner.store.lock import may_live
from runner.store.run import RunFolder
from runner.store.run_facts import forecast_files
from runner.values.records import RunStatus, TrialRecord

log = logging.getLogger(__name__)

NO_RESULTS: Final = "There are no results yet."
CANONICAL: Final = "canonical"
"""Key of a results document whose run folder is gone."""


class Files:
    """Reads `results/` below the project's folder and writes nothing."""

    kind: Kind = "files"

    def __init__(self, root: Path) -> None:
        self._store = Store(root, read_only=True)

    def names(self) -> tuple[str, ...]:
        """Return experiments with runs or results, the newest first."""
        times = {name: _time(self._store.results / "runs" / name) for name in self._store.names()}
        for path in (self._store.results / "benchmarks").glob("*.json"):
            with suppress(RunSpecError, OSError):
                written = self._store.benchmark_path(path.stem).stat().st_mtime
                times[path.stem] = max(times.get(path.stem, 0.0), written)
        return tuple(sorted(times, key=lambda name: (-times[name], name)))

    def cards(self, names: Sequence[str]) -> Iterator[Card]:
        """Yield cards from the canonical documents; trends from the newest runs."""
        return map(self._card_or_trouble, names)

    def _card_or_trouble(self, name: str) -> Card:
        try:
            return self._card(name)
        except RunSpecError as error:
            return Card(name, trouble=str(error))
        except Exception as error:  # one experiment never costs the others their cards
            log.exception("the card of %s could not be made", name)
            return Card(name, trouble=f"It cannot be shown ({type(error).__name__}). The server's log says more.")

    def _card(self, name: str) -> Card:
        folders = self._newest(name)
        runs = own([_line(self._store.run(name, path.name)) for path in folders[:TREND]])
        trend = tuple(run.gain for run in reversed(runs) if run.gain is not None)
        shown = Card(name, latest=runs[0] if runs else None, n_runs=max(len(folders), 1), trend=trend)
        try:
            document = self._canonical(name)
        except RunSpecError as error:
            trouble = "" if str(error) == NO_RESULTS else str(error)
            return replace(self._without_results(shown), n_runs=len(folders), trouble=trouble)
        return replace(described(shown, document), latest=of_document(document, document.run_id))

    def _without_results(self, card: Card) -> Card:
        """Return the card of a name without results of its own, from its run when that has ended."""
        if card.latest is not None and card.latest.metric:
            with suppress(RunSpecError):
                return described(card, self.document(card.latest))
        return card

    def champions(self) -> Mapping[str, str]:
        """Return nothing: files know no registry."""
        return {}

    def runs(self, name: str, most: int = 200) -> tuple[Run, ...]:
        """Return runs from the run folders; without any from the canonical document."""
        found = tuple(_line(self._store.run(name, path.name)) for path in self._newest(name)[:most])
        return found or (of_document(self._canonical(name), CANONICAL),)

    def run(self, name: str, run_id: str) -> Run | None:
        """Return one run; None when it has no folder here, or could have none."""
        with suppress(RunSpecError):
            folder = self._store.run(name, run_id)
            return _line(folder) if folder.path.is_dir() else None
        return None

    def document(self, run: Run) -> BenchmarkDocument:
        """Return the document of the run folder, or the canonical one."""
        if run.key == CANONICAL:
            return self._canonical(run.name)
        path = self._folder(run).path / "benchmark.json"
        return read_document(_bytes(path, f"run {run.run_id} has no results yet"), self._where(path))

    def trials(self, run: Run) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Return trials from the records, at any moment of the run."""
        if run.key == CANONICAL:
            return {}
        folder = self._folder(run)
        return {model: folder.trials(model) for model in folder.models()}

    def forecasts(self, run: Run, document: BenchmarkDocument) -> Mapping[str, Path]:
        """Return the forecast files of the run folder."""
        return {} if run.key == CANONICAL else forecast_files(self._folder(run), document)

    def spec(self, run: Run) -> tuple[str, Mapping[str, Any]]:
        """Return the spec of the run folder."""
        if run.key == CANONICAL:
            return "", {}
        folder = self._folder(run)
        text = _bytes(folder.path / "spec.yaml", f"run {run.run_id} has no spec")
        resolved = folder.document("spec.resolved")
        return text.decode("utf-8", "replace"), resolved if isinstance(resolved, dict) else {}

    def environment(self, run: Run) -> Mapping[str, Any]:
        """Return the environment of the run folder."""
        found = None if run.key == CANONICAL else self._folder(run).document("environment")
        return found if isinstance(found, dict) else {}

    def folder(self, run: Run) -> RunFolder | None:
        """Return the run folder, if present."""
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
                found = [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False) and is_run_id(e.name)]
        except OSError:
            return []
        times = {path: _time(path / "benchmark.json") or _time(path / "status.json") or _time(path) for path in found}
        return sorted(found, key=lambda path: -times[path])

    def _where(self, path: Path) -> str:
        return path.relative_to(self._store.root).as_posix()


@dataclass(frozen=True)
class _Light:
    """What a list shows of a results document; nothing where the document holds something else."""

    finished: str
    metric: str
    best_model: str = ""
    value: float | None = None
    gain: float | None = None


def _line(folder: RunFolder) -> Run:
    """Return a run in a list, read lightly: its document is checked when it is opened."""
    try:
        status = folder.status()
    except RunSpecError:
        status = None
    light = _light(folder.path)
    state = _state(status, light)
    started, finished = (status.started, status.finished or "") if status else ("", "")
    overrides = " ".join(f"--set {one}" for one in status.overrides) if status else ""
    if light is None:
        return Run(folder.name, folder.run_id, folder.run_id, state, started, finished, overrides=overrides)
    return Run(
        name=folder.name,
        run_id=folder.run_id,
        key=folder.run_id,
        state=state,
        started=started,
        finished=light.finished or finished,
        best_model=light.best_model,
        metric=light.metric,
        value=light.value,
        gain=light.gain,
        overrides=overrides,
    )


def _state(status: RunStatus | None, light: _Light | None) -> str:
    if status is None:
        return "finished" if light else "broken"
    if status.state == "running" and not may_live(status.pid, status.host, status.last_started):
        return "stopped"
    return status.state


def _light(path: Path) -> _Light | None:
    """Return the line of the run folder at `path`; None without results to show."""
    try:
        found = parse_json(_bytes(path / "benchmark.json", NO_RESULTS))
    except (RunSpecError, ValueError):
        return None
    rows = found.get("results") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        return None
    finished, metric = _text(found.get("timestamp")), _text(found.get("metric"))
    best = rows[0] if rows and isinstance(rows[0], dict) else {}
    if best.get("status") != "ok":
        return _Light(finished, metric)
    scores = best.get("scores")
    value = _number(scores.get(metric)) if isinstance(scores, dict) else None
    return _Light(finished, metric, _text(best.get("model_name")), value, _number(best.get("gain")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    with suppress(OverflowError):  # a whole number may have any number of digits
        return float(value) if math.isfinite(value) else None
    return None


def _bytes(path: Path, absent: str) -> bytes:
    """Return the file's content. Raises StoreError with `absent` without a file, or for one too large."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise StoreError(f"{path.name}: this is no file")
        if info.st_size > LARGEST:
            raise StoreError(f"{path.name}: too large to be shown (more than {LARGEST:,} bytes)")
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
