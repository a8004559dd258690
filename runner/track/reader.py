"""Experiments, runs, trials and champions of a tracking store, as the dashboard shows them. Changes nothing."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast

from mlflow import MlflowClient

from runner.errors import StoreError
from runner.files.documents import parse_json
from runner.store.folder import is_run_id
from runner.track.client import connect, pages
from runner.track.destination import Destination
from runner.track.tags import BEST_MODEL, CHAMPION, NO_SCORES, OVERRIDES, REASON, RUN_ID, STATE, TRIAL, of_kind
from runner.values.records import CurvePoint, TrialRecord, TrialState
from runner.values.section import FrozenMap

STATES: Final[Mapping[str, str]] = {"RUNNING": "running", "FINISHED": "finished", "KILLED": "interrupted"}
MOST_CURVES: Final = 200
"""Trials whose whole curve is read, each by a request of its own; a search returns the last point of the others."""
_NEWEST: Final = ["attributes.start_time DESC"]
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_READERS: Final = 4
"""Curves that are read at the same time."""


@dataclass(frozen=True)
class TrackedRun:
    """A parent run as MLflow has it; `merge_executions` makes one of the executions of a run."""

    key: str  # its id there
    name: str  # experiment
    run_id: str
    state: str
    started: str  # UTC, ISO 8601
    finished: str
    best_model: str
    scores: Mapping[str, float] = field(default_factory=dict)
    overrides: str = ""  # of a run with --set

    @property
    def has_results(self) -> bool:
        """Whether a results document was delivered with it."""
        return bool(self.best_model) or self.state == "finished"


@dataclass(frozen=True)
class NewestRuns:
    """The newest runs of an experiment, the newest first, and whether there are more."""

    name: str
    runs: tuple[TrackedRun, ...] = ()
    more: bool = False


class Reader:
    """Reads a tracking store. Every method raises StoreError, in one sentence, when the store cannot be read."""

    def __init__(self, place: Destination) -> None:
        """Ask nothing yet."""
        self._place = place
        self._curves: dict[str, tuple[CurvePoint, ...]] = {}  # of ended trials, which do not change any more

    def experiments(self) -> tuple[str, ...]:
        """Return the names of experiments: those of the newest runs first, then the others."""
        with connect(self._place) as client:
            experiments = list(pages(client.search_experiments, order_by=["last_update_time DESC"]))
            names = {e.experiment_id: e.name for e in experiments if e.name != "Default"}
            newest = client.search_runs(list(names), of_kind("run"), max_results=100, order_by=_NEWEST) if names else ()
            return tuple(dict.fromkeys([*(names[run.info.experiment_id] for run in newest), *names.values()]))

    def newest_runs(self, names: Sequence[str], most: int) -> Iterator[NewestRuns]:
        """Yield the newest runs of each experiment, in the order of the names."""
        for name in names:
            with connect(self._place) as client:
                experiment = client.get_experiment_by_name(name)
                where = [experiment.experiment_id] if experiment else []
                page = client.search_runs(where, of_kind("run"), max_results=most, order_by=_NEWEST) if where else None
            runs = merge_executions([tracked_run(run, name) for run in page or ()])
            yield NewestRuns(name, runs, bool(page and page.token))

    def runs(self, name: str, most: int) -> tuple[TrackedRun, ...]:
        """Return the parent runs of an experiment, the newest first; the executions of one run are one."""
        return next(self.newest_runs([name], most)).runs

    def trials(self, run: TrackedRun) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Return model -> trials of all executions of a run as records, without their windows."""
        if not is_run_id(run.run_id):
            return {}
        with connect(self._place) as client:
            experiment = client.get_experiment_by_name(run.name)
            if experiment is None:
                return {}
            where = [experiment.experiment_id]
            runs = pages(client.search_runs, experiment_ids=where, filter_string=of_kind("trial", run.run_id))
            trials = [trial for trial in runs if is_trial(trial.data.tags)]
            curves = self._read_curves(client, trials)
        return trials_by_model(trials, curves)

    def champions(self) -> Mapping[str, str]:
        """Return registered model -> version with the champion's alias."""
        with connect(self._place) as client:
            models = list(pages(client.search_registered_models, 100))
            return {model.name: str(model.aliases[CHAMPION]) for model in models if CHAMPION in model.aliases}

    def artifact(self, key: str, path: str) -> bytes | None:
        """Return the content of an artifact of an MLflow run; None when the run has none of that name."""
        parts = PurePosixPath(path).parts
        if not parts or any(part in ("..", "/") for part in parts):
            raise StoreError(f"{path!r} is no name of an artifact")
        with connect(self._place) as client, tempfile.TemporaryDirectory() as folder:
            listed = client.list_artifacts(key, "/".join(parts[:-1]) or None)
            if path not in {item.path for item in listed}:
                return None
            return Path(client.download_artifacts(key, path, folder)).read_bytes()

    def _read_curves(self, client: MlflowClient, trials: Sequence[Any]) -> Mapping[str, tuple[CurvePoint, ...]]:
        """Return id of a trial's MLflow run -> its whole curve, of as many trials as are read."""
        keys = [trial.info.run_id for trial in trials if "curve" in trial.data.metrics][:MOST_CURVES]
        absent = [key for key in keys if key not in self._curves]
        with ThreadPoolExecutor(_READERS) as pool:
            curves = dict(zip(absent, pool.map(lambda key: _read_curve(client, key), absent), strict=True))
        ended = {trial.info.run_id for trial in trials if trial.info.status != "RUNNING"}
        self._curves |= {key: curve for key, curve in curves.items() if key in ended}
        return {key: curves.get(key) or self._curves[key] for key in keys}


def tracked_run(run: Any, name: str) -> TrackedRun:
    """Return an MLflow run of the experiment `name` as a value."""
    info, tags = run.info, run.data.tags
    return TrackedRun(
        key=info.run_id,
        name=name,
        run_id=tags.get(RUN_ID, info.run_id[:12]),
        state=STATES.get(info.status, "failed"),
        started=_moment(info.start_time),
        finished=_moment(info.end_time),
        best_model=tags.get(BEST_MODEL, ""),
        scores=dict(run.data.metrics),
        overrides=tags.get(OVERRIDES, ""),
    )


def merge_executions(runs: Sequence[TrackedRun]) -> tuple[TrackedRun, ...]:
    """Return one run for all its executions, in the place of the latest. The newest come first, as they came.

    It has the state and the start of the latest, and all else of the latest with results: an execution that is running
    or was interrupted does not hide the results of an earlier one.
    """
    latest: dict[str, TrackedRun] = {}
    with_results: dict[str, TrackedRun] = {}
    for run in runs:
        latest.setdefault(run.run_id, run)
        if run.has_results:
            with_results.setdefault(run.run_id, run)
    return tuple(
        replace(with_results.get(run.run_id, run), state=run.state, started=run.started) for run in latest.values()
    )


def trials_by_model(
    trials: Sequence[Any], curves: Mapping[str, tuple[CurvePoint, ...]]
) -> dict[str, tuple[TrialRecord, ...]]:
    """Return model -> its trials by number, models by name, of MLflow runs that are trials."""
    by_model: dict[str, list[TrialRecord]] = {}
    for trial in trials:
        record = _record(trial, curves.get(trial.info.run_id, ()))
        by_model.setdefault(trial.data.tags.get("model_name", ""), []).append(record)
    return {model: tuple(sorted(by_model[model], key=lambda t: t.number)) for model in sorted(by_model)}


def is_trial(tags: Mapping[str, str]) -> bool:
    """Return whether these are the tags of a trial of run-spec, which has a number."""
    return _NUMBER.fullmatch(tags.get(TRIAL, "")) is not None


def _record(trial: Any, curve: tuple[CurvePoint, ...]) -> TrialRecord:
    tags, metrics = trial.data.tags, trial.data.metrics
    state, rounds = tags.get(STATE, "fail"), _rounds(metrics)
    last = _curve([(rounds or 0, metrics["curve"])]) if "curve" in metrics else ()
    return TrialRecord(
        number=int(tags[TRIAL]),
        state=cast(TrialState, state if state in ("complete", "pruned", "fail") else "fail"),
        params=FrozenMap({name: _value(text) for name, text in trial.data.params.items()}),
        value=metrics.get("value"),
        scores=FrozenMap({k: v for k, v in metrics.items() if k not in NO_SCORES and "/" not in k}),
        curve=curve or last,
        rounds=rounds,
        seconds=metrics.get("seconds", 0.0),
        started=_moment(trial.info.start_time),
        reason=tags.get(REASON),
    )


def _read_curve(client: MlflowClient, key: str) -> tuple[CurvePoint, ...]:
    return _curve((point.step, point.value) for point in client.get_metric_history(key, "curve"))


def _curve(points: Any) -> tuple[CurvePoint, ...]:
    return tuple(CurvePoint(rounds=rounds, value=value) for rounds, value in sorted(points))


def _rounds(metrics: Mapping[str, float]) -> int | None:
    rounds = metrics.get("rounds")
    return None if rounds is None or not math.isfinite(rounds) else int(rounds)


def _value(text: str) -> Any:
    """Return a parameter as it was before it became a text, where that was a single value."""
    try:
        value = parse_json(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float | str) else text


def _moment(milliseconds: int | None) -> str:
    """Return ISO 8601 in UTC; empty for nothing."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds") if milliseconds else ""
