"""The folder of one run.

spec.yaml spec.resolved.json plan.json environment.json   written once, for people and for `reproduce`
status.json                                               where it stands
studies/<model>/                                          asks and trials
benchmark/<model>.json  forecasts/<model>.parquet         finished rows of the scoreboard
deliveries/<destination>.txt                              what a tracking server has
final/<model>/                                            winners fitted on all history, as MLflow models
forecast/                                                 what they say of the future
models/ plots/ run.log                                    made by others, in place
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
from runner.store.study import StudyFolder
from runner.values.records import Generation, ModelResult, RunStatus, Scoreboard, TrialRecord, as_record, plain

R = TypeVar("R", RunStatus, ModelResult)


@dataclass(frozen=True)
class Damage:
    """A file that was not what had been written, and the name under which it was set aside."""

    path: Path
    moved_to: Path | None
    reason: str

    def __str__(self) -> str:
        kept = f"; kept as {self.moved_to.name}" if self.moved_to else ""
        return f"{self.path}: damaged ({self.reason}){kept}; its work is done again"


class RunFolder:
    """One run. One process writes, under the lock of its name; any number may read."""

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
        """The spec as written and as resolved."""
        write_text(self.path / "spec.yaml", text)
        write_json(self.path / "spec.resolved.json", resolved)

    def write_document(self, name: str, document: Any) -> Path:
        """`<name>.json`, for `plan`, `environment` and other documents that can be made again."""
        path = self.path / f"{name}.json"
        write_json(path, document)
        return path

    def document(self, name: str, kind: type | tuple[type, ...] = dict) -> Any:
        """What `write_document` wrote; None when it is absent or damaged, as JSON of another kind is."""
        path = self.path / f"{name}.json"
        content = _content(path)
        if content is None:
            return None
        try:
            found = parse_json(content)
        except ValueError:
            self._set_aside(path, "not a JSON document")
            return None
        if isinstance(found, kind):
            return found
        self._set_aside(path, "a JSON document of another kind")
        return None

    def scoreboard(self) -> Scoreboard | None:
        """None when it is absent, damaged or of another version."""
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
        """Folder of the winner that was fitted on all history; it appears whole or not at all."""
        return self.path / "final" / model

    def finals(self) -> dict[str, Path]:
        """Model -> folder of its final model, of those that have one."""
        found = sorted(path for path in (self.path / "final").glob("[!.]*") if path.is_dir())
        return {path.name: path for path in found}

    def future_path(self, stem: str, suffix: str) -> Path:
        """The forecast beyond the data of one model, such as `lightgbm-future.parquet`."""
        return self.path / "forecast" / f"{stem}-future.{suffix}"

    # where it stands

    def begin(self, status: RunStatus) -> None:
        """Write where it stands, and clear away what a killed process was writing."""
        for torn in self.path.rglob(".*.tmp"):
            torn.unlink(missing_ok=True)
        for torn in self.path.glob("final/.fit-*"):
            shutil.rmtree(torn, ignore_errors=True)
        self.finish(status)

    def finish(self, status: RunStatus) -> None:
        """Write where it stands."""
        write_bytes(self.path / "status.json", wrap(plain(status)))

    def archive(self) -> Path | None:
        """Move the run aside, so that it begins anew; where it is now. None when there was nothing."""
        if not self.path.exists():
            return None
        taken = len(list(self.path.parent.glob(f"{self.run_id}.old-*")))
        target = self.path.with_name(f"{self.run_id}.old-{taken + 1}")
        try:
            self.path.rename(target)
        except OSError as error:
            raise store_error(self.path, error) from error
        self._studies.clear()
        return target

    def status(self) -> RunStatus | None:
        """None for a run that has not begun, or whose status is damaged."""
        document = self._sealed(self.path / "status.json")
        return None if document is None else self._record(RunStatus, self.path / "status.json", document)

    def is_finished(self) -> bool:
        """Whether nothing has been begun since a command came to its end."""
        status = self.status()
        return status is not None and status.state == "finished"

    def is_try_out(self) -> bool:
        """Whether it was made with `--set`, so that its experiment's results are not its."""
        status = self.status()
        return status is not None and bool(status.overrides)

    def has_finished(self) -> bool:
        """Whether it has worked through a budget, once at least."""
        status = self.status()
        return status is not None and bool(status.budgets)

    # studies

    def add_generation(self, model: str, generation: Generation) -> None:
        """On disk when this returns; an equal one is there once. Raises LateError for a different one."""
        self._study(model).add_generation(generation)

    def generations(self, model: str) -> tuple[Generation, ...]:
        """In order of their numbers."""
        return self._study(model).generations()

    def add_trial(self, model: str, trial: TrialRecord) -> None:
        """On disk when this returns; an equal one is there once. Raises LateError for a different one."""
        self._study(model).add_trial(trial)

    def trials(self, model: str) -> tuple[TrialRecord, ...]:
        """In order of their numbers."""
        return self._study(model).trials()

    def compact(self, model: str) -> None:
        """All records of a finished study in one file; it can go on growing."""
        self._study(model).compact()

    def models(self) -> tuple[str, ...]:
        """Models that have a study."""
        return tuple(sorted(path.name for path in (self.path / "studies").glob("*") if path.is_dir()))

    # the scoreboard

    def add_result(self, result: ModelResult, forecasts: bytes | None = None) -> None:
        """One finished row, and its forecasts as a parquet file. Written again, the last one counts."""
        if forecasts is not None:
            write_bytes(self.forecasts_path(result.model), forecasts)
        document = {"result": plain(result), "forecasts": forecasts and sha256_of(forecasts)}
        write_bytes(self._result_path(result.model), wrap(document))

    def write_series_scores(self, content: bytes) -> None:
        """`series_scores.parquet`: the scores of each model on each series."""
        write_bytes(self.path / "series_scores.parquet", content)

    def results(self) -> dict[str, ModelResult]:
        """Model -> its finished row. A row whose forecasts are damaged or gone is not finished."""
        found = (self._result(path) for path in sorted((self.path / "benchmark").glob("*.json")))
        return {result.model: result for result in found if result is not None}

    def forecasts_path(self, model: str) -> Path:
        return self.path / "forecasts" / f"{model}.parquet"

    # deliveries

    def mark(self, destination: str, events: Iterable[str]) -> None:
        """Remember that these events are at that destination (an address without credentials)."""
        lines = [json.dumps(event) for event in events]
        if lines:
            append_line(self._marks_path(destination), "\n".join(lines))

    @property
    def delivery_lock(self) -> Path:
        """Held by the one who delivers this run."""
        return self.path / "deliveries" / "lock"

    def marks(self, destination: str) -> frozenset[str]:
        """Events that are at that destination. A torn mark is no mark: its event is delivered again, to no harm."""
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
        document = self._sealed(path)
        if document is None:
            return None
        result: ModelResult | None = self._record(ModelResult, path, document.get("result"))
        if result is None or document.get("forecasts") is None:
            return result
        forecasts = _content(self.forecasts_path(result.model))
        if forecasts is not None and sha256_of(forecasts) == document["forecasts"]:
            return result
        self._set_aside(path, "its forecasts are damaged or gone")
        return None

    def _sealed(self, path: Path) -> Any:
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
        if self._read_only and any(path == known.path for known in self.damaged):
            return
        damage = Damage(path, None if self._read_only else _move_aside(path), reason)
        self.damaged.append(damage)
        if self._on_damage is not None:
            self._on_damage(damage)


def _move_aside(path: Path) -> Path:
    taken = len(list(path.parent.glob(f"{path.name}.damaged-*")))
    target = path.with_name(f"{path.name}.damaged-{taken + 1}")
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
