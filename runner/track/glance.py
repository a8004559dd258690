"""What lists and first pages need of a tracking store, asked for without MLflow, whose import takes seconds.

Two stores can be asked straight away: the project's own database and a server. Of another store, a schema or a way of
signing in that is not known here there is no glance, and `reading` asks through MLflow. Changes nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol, cast

from runner.files.documents import parse_json
from runner.track.tags import BEST_MODEL, NO_SCORES, OVERRIDES, REASON, RUN_ID, STATE, TRIAL
from runner.values.records import CurvePoint, TrialRecord, TrialState
from runner.values.section import FrozenMap

CHAMPION: Final = "champion"
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
STATES: Final[Mapping[str, str]] = {"RUNNING": "running", "FINISHED": "finished", "KILLED": "interrupted"}


@dataclass(frozen=True)
class TrackedRun:
    """A parent run as MLflow has it. Of executions of one run that `latest` has made one, see there."""

    key: str  # its id there
    name: str  # experiment
    run_id: str
    state: str
    started: str  # UTC, ISO 8601
    finished: str
    best_model: str
    scores: Mapping[str, float] = field(default_factory=dict)
    overrides: str = ""  # of a run that was tried out with --set

    @property
    def has_results(self) -> bool:
        """Whether a results document was delivered with it."""
        return bool(self.best_model) or self.state == "finished"


@dataclass(frozen=True)
class Glance:
    """The newest runs of an experiment, the newest first."""

    name: str
    runs: tuple[TrackedRun, ...] = ()
    n_runs: int = 0
    more: bool = False  # there are at least that many, and nobody has counted


class Glancer(Protocol):
    """Asks a store. Raises StoreError, in one sentence, when it cannot be asked."""

    def experiments(self) -> tuple[str, ...]:
        """Names, the newest first."""

    def glances(self, names: Sequence[str], most: int) -> Iterator[Glance]:
        """In the order of the names."""

    def runs(self, name: str, most: int) -> tuple[TrackedRun, ...]:
        """The newest first; executions of one run are one line (see `latest`)."""

    def trials(self, run: TrackedRun) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Model -> its trials as records, without windows; of their curves the end where the whole cannot be had."""

    def champions(self) -> Mapping[str, str]:
        """Registered model -> version with the champion's alias."""

    def artefact(self, key: str, path: str) -> bytes | None:
        """Content of a file that was delivered with a run; None when it cannot be had this way."""


def tracked_run(
    key: str,
    name: str,
    status: str,
    times: tuple[int | None, int | None],
    tags: Mapping[str, str],
    scores: Mapping[str, float],
) -> TrackedRun:
    """From what MLflow says; `times` are milliseconds since 1970."""
    return TrackedRun(
        key=key,
        name=name,
        run_id=tags.get(RUN_ID, key[:12]),
        state=STATES.get(status, "failed"),
        started=moment(times[0]),
        finished=moment(times[1]),
        best_model=tags.get(BEST_MODEL, ""),
        scores=scores,
        overrides=tags.get(OVERRIDES, ""),
    )


@dataclass(frozen=True)
class TrackedTrial:
    """A trial as MLflow has it."""

    started: int | None  # milliseconds since 1970
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    curve: Sequence[tuple[int, float]] = ()  # (boosting rounds, value), when it was asked for


def trials_by_model(found: Iterable[TrackedTrial]) -> dict[str, tuple[TrialRecord, ...]]:
    """Model -> its trials by number; models by name. What has no number was not made by run-spec, and is left out."""
    by_model: dict[str, list[TrialRecord]] = {}
    for trial in found:
        if not is_trial(trial.tags):
            continue
        by_model.setdefault(trial.tags.get("model_name", ""), []).append(_record(trial))
    return {model: tuple(sorted(by_model[model], key=lambda t: t.number)) for model in sorted(by_model)}


def is_trial(tags: Mapping[str, str]) -> bool:
    """Whether they are those of a trial of ours, which has a number."""
    return _NUMBER.fullmatch(tags.get(TRIAL, "")) is not None


def _record(trial: TrackedTrial) -> TrialRecord:
    tags, metrics = trial.tags, trial.metrics
    state = tags.get(STATE, "fail")
    return TrialRecord(
        number=int(tags[TRIAL]),
        state=cast(TrialState, state if state in ("complete", "pruned", "fail") else "fail"),
        params=FrozenMap({name: _value(text) for name, text in trial.params.items()}),
        value=metrics.get("value"),
        scores=FrozenMap({k: v for k, v in metrics.items() if k not in NO_SCORES and "/" not in k}),
        curve=tuple(CurvePoint(rounds=r, value=v) for r, v in sorted(trial.curve)) or _end_of_curve(metrics),
        rounds=_rounds(metrics),
        seconds=metrics.get("seconds", 0.0),
        started=moment(trial.started),
        reason=tags.get(REASON),
    )


def _end_of_curve(metrics: Mapping[str, float]) -> tuple[CurvePoint, ...]:
    """Which a search returns with the run."""
    if "curve" not in metrics:
        return ()
    return (CurvePoint(rounds=_rounds(metrics) or 0, value=metrics["curve"]),)


def _rounds(metrics: Mapping[str, float]) -> int | None:
    rounds = metrics.get("rounds")
    return None if rounds is None or not math.isfinite(rounds) else int(rounds)


def _value(text: str) -> Any:
    try:
        value = parse_json(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float | str) else text


def latest(runs: Sequence[TrackedRun]) -> tuple[TrackedRun, ...]:
    """One line for all executions of a run, in the place of the latest, and the newest first, as they came.

    It has the state and the start of the latest, and all else of the latest with results: an execution that goes on
    or was interrupted does not hide what an earlier one found out.
    """
    newest: dict[str, TrackedRun] = {}
    told: dict[str, TrackedRun] = {}
    for run in runs:
        newest.setdefault(run.run_id, run)
        if run.has_results:
            told.setdefault(run.run_id, run)
    return tuple(replace(told.get(run.run_id, run), state=run.state, started=run.started) for run in newest.values())


def moment(milliseconds: int | None) -> str:
    """ISO 8601 in UTC; empty for nothing."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds") if milliseconds else ""
