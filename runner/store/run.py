"""Read and write the folder of one run.

spec.yaml spec.resolved.json plan.json environment.json   written once, for people and `reproduce`
status.json                                               state of the run
studies/<model>/                                          asks and trials
benchmark/<model>.json  forecasts/<model>.parquet         finished rows of the scoreboard
deliveries/<destination>.txt                              events that a tracking server has
final/<model>/                                            winners fitted on all history, as MLflow models
forecast/                                                 forecasts beyond the data
models/ plots/ run.log                                    written in place by other modules
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from runner.files.atomic import append_line, store_error, write_bytes, write_text
from runner.files.checksum import DamagedError, sha256_of, unwrap, wrap
from runner.files.documents import parse_json, write_json
from runner.store.study_records import StudyFolder
from runner.values.records import Generation, ModelResult, RunStatus, Scoreboard, TrialRecord, as_record, plain

R = TypeVar("R", RunStatus, ModelResult)


@dataclass(frozen=True)
class Damage:
    """A damaged file, and the name under which it was set aside."""

    path: Path
    moved_to: Path | None
    reason: str

    def __str__(self) -> str:
        copy = f"; kept as {self.moved_to.name}" if self.moved_to else ""
        return f"{self.path}: damaged ({self.reason}){copy}; its work is done again"


class RunFolder:
    """The records of one run. One process writes, under the lock of the name; any number may read."""

    def __init__(
        self,
        path: Path,
        name: str,
        run_id: str,
        *,
        on_damage: Callable[[Damage], None] | None = None,
        read_only: bool = False,
    ) -> None:
        self.path, self.name, self.run_id = path, name, run_id
        self.log_path = path / "run.log"
        self.damaged: list[Damage] = []
        self._on_damage, self._read_only = on_damage, read_only
        self._studies: dict[str, StudyFolder] = {}

    # documents

    def write_spec(self, text: str, resolved: Any) -> None:
        """Write the spec as written and as resolved."""
        write_text(self.path / "spec.yaml", text)
        write_json(self.path / "spec.resolved.json", resolved)

    def write_document(self, name: str, document: Any) -> Path:
        """Write `<name>.json`: `plan`, `environment` and other documents that can be made again."""
        path = self.path / f"{name}.json"
        write_json(path, document)
        return path

    def document(self, name: str, kind: type | tuple[type, ...] = dict) -> Any:
        """Return what `write_document` wrote; None when it is absent, damaged, or JSON of another type."""
        path = self.path / f"{name}.json"
        content = _content(path)
        if content is None:
            return None
        try:
            document = parse_json(content)
        except ValueError:
            self._set_aside(path, "not a JSON document")
            return None
        if isinstance(document, kind):
            return document
        self._set_aside(path, "a JSON document of another kind")
        return None

    def scoreboard(self) -> Scoreboard | None:
        """Return the scoreboard; None when it is absent, damaged or of another version."""
        document = self.document("scoreboard")
        try:
            return None if document is None else as_record(Scoreboard, document)
        except DamagedError:
            return None

    def write_model(self, model: str, files: Mapping[str, bytes]) -> None:
        """Write the native files of one model, name -> content."""
        for name, content in files.items():
            write_bytes(self.path / "models" / model / name, content)

    def final_path(self, model: str) -> Path:
        """Return the folder of a final model, which appears whole or not at all."""
        return self.path / "final" / model

    def finals(self) -> dict[str, Path]:
        """Return model -> folder of its final model."""
        folders = sorted(path for path in (self.path / "final").glob("[!.]*") if path.is_dir())
        return {path.name: path for path in folders}

    def future_path(self, stem: str, suffix: str) -> Path:
        """Return the file of a forecast beyond the data, such as `lightgbm-future.parquet`."""
        return self.path / "forecast" / f"{stem}-future.{suffix}"

    # the state

    def begin(self, status: RunStatus) -> None:
        """Write the status, and remove the unfinished files of a killed process."""
        for unfinished in self.path.rglob(".*.tmp"):
            unfinished.unlink(missing_ok=True)
        for unfinished in self.path.glob("final/.fit-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        self.finish(status)

    def finish(self, status: RunStatus) -> None:
        """Write the status."""
        write_bytes(self.path / "status.json", wrap(plain(status)))

    def archive(self) -> Path | None:
        """Rename the folder so that the run starts from nothing; return its new path, None when there was no folder."""
        if not self.path.exists():
            return None
        count = len(list(self.path.parent.glob(f"{self.run_id}.old-*")))
        target = self.path.with_name(f"{self.run_id}.old-{count + 1}")
        try:
            self.path.rename(target)
        except OSError as error:
            raise store_error(self.path, error) from error
        self._studies.clear()
        return target

    def status(self) -> RunStatus | None:
        """Return the status; None for a run that has not started or whose status is damaged."""
        document = self._unwrapped(self.path / "status.json")
        return None if document is None else self._record(RunStatus, self.path / "status.json", document)

    def is_finished(self) -> bool:
        """Return whether the last command finished."""
        status = self.status()
        return status is not None and status.state == "finished"

    def is_try_out(self) -> bool:
        """Return whether it was run with `--set`, so that its results are not those of its experiment."""
        status = self.status()
        return status is not None and bool(status.overrides)

    def has_finished(self) -> bool:
        """Return whether it has completed a budget at least once."""
        status = self.status()
        return status is not None and bool(status.budgets)

    # studies

    def add_generation(self, model: str, generation: Generation) -> None:
        """Write a generation to disk. Raises LateError when a different one has its number."""
        self._study(model).add_generation(generation)

    def generations(self, model: str) -> tuple[Generation, ...]:
        """Return the generations of a study in order of their numbers."""
        return self._study(model).generations()

    def add_trial(self, model: str, trial: TrialRecord) -> None:
        """Write a trial to disk. Raises LateError when a different one has its number."""
        self._study(model).add_trial(trial)

    def trials(self, model: str) -> tuple[TrialRecord, ...]:
        """Return the trials of a study in order of their numbers."""
        return self._study(model).trials()

    def compact(self, model: str) -> None:
        """Move all records of a study into one file; more can be added later."""
        self._study(model).compact()

    def models(self) -> tuple[str, ...]:
        """Return the models that have a study."""
        return tuple(sorted(path.name for path in (self.path / "studies").glob("*") if path.is_dir()))

    # the scoreboard

    def add_result(self, result: ModelResult, forecasts: bytes | None = None) -> None:
        """Write a scoreboard row and its forecasts, a parquet file; a second call replaces both."""
        if forecasts is not None:
            write_bytes(self.forecasts_path(result.model), forecasts)
        document = {"result": plain(result), "forecasts": forecasts and sha256_of(forecasts)}
        write_bytes(self._result_path(result.model), wrap(document))

    def write_series_scores(self, content: bytes) -> None:
        """Write `series_scores.parquet`: the scores of each model on each series."""
        write_bytes(self.path / "series_scores.parquet", content)

    def results(self) -> dict[str, ModelResult]:
        """Return model -> scoreboard row. A row whose forecasts are damaged or absent does not count."""
        results = (self._result(path) for path in sorted((self.path / "benchmark").glob("*.json")))
        return {result.model: result for result in results if result is not None}

    def forecasts_path(self, model: str) -> Path:
        """Return the file of a model's forecasts on the test windows."""
        return self.path / "forecasts" / f"{model}.parquet"

    # deliveries

    def mark(self, destination: str, events: Iterable[str]) -> None:
        """Record that a destination (an address without credentials) has these events."""
        lines = [json.dumps(event) for event in events]
        if lines:
            append_line(self._marks_path(destination), "\n".join(lines))

    @property
    def delivery_lock(self) -> Path:
        """Return the lock for delivering this run."""
        return self.path / "deliveries" / "lock"

    def marks(self, destination: str) -> frozenset[str]:
        """Return the events that a destination has. A damaged line is ignored: its event is delivered again."""
        lines = (_content(self._marks_path(destination)) or b"").splitlines()
        return frozenset(event for event in map(_mark, lines) if event is not None)

    def _marks_path(self, destination: str) -> Path:
        return self.path / "deliveries" / f"{sha256_of(destination.encode())[:16]}.txt"

    def _result_path(self, model: str) -> Path:
        return self.path / "benchmark" / f"{model}.json"

    def _study(self, model: str) -> StudyFolder:
        if model not in self._studies:
            self._studies[model] = StudyFolder(
                self.path / "studies" / model, self._set_aside, repair=not self._read_only
            )
        return self._studies[model]

    def _result(self, path: Path) -> ModelResult | None:
        document = self._unwrapped(path)
        if document is None:
            return None
        result: ModelResult | None = self._record(ModelResult, path, document.get("result"))
        if result is None or document.get("forecasts") is None:
            return result
        forecasts = _content(self.forecasts_path(result.model))
        if forecasts is not None and sha256_of(forecasts) == document["forecasts"]:
            return result
        self._set_aside(path, "its forecasts are damaged or absent")
        return None

    def _unwrapped(self, path: Path) -> Any:
        content = _content(path)
        try:
            return None if content is None else unwrap(content)
        except DamagedError as error:
            self._set_aside(path, str(error))
            return None

    def _record(self, kind: type[R], path: Path, document: Any) -> R | None:
        try:
            return as_record(kind, document)
        except DamagedError as error:
            self._set_aside(path, str(error))
            return None

    def _set_aside(self, path: Path, reason: str) -> None:
        if self._read_only and any(path == damage.path for damage in self.damaged):
            return
        damage = Damage(path, None if self._read_only else _move_aside(path), reason)
        self.damaged.append(damage)
        if self._on_damage is not None:
            self._on_damage(damage)


def _move_aside(path: Path) -> Path:
    count = len(list(path.parent.glob(f"{path.name}.damaged-*")))
    target = path.with_name(f"{path.name}.damaged-{count + 1}")
    try:
        path.rename(target)
    except OSError as error:
        raise store_error(path, error) from error
    return target


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise store_error(path, error) from error


def _mark(line: bytes) -> str | None:
    try:
        event = parse_json(line)
    except ValueError:
        return None
    return event if isinstance(event, str) else None
