"""What each MLflow run says, as plain values made from records: one parent, a child a model, a grandchild a trial.

Keys name a run for good: they are written as a tag, and a run is looked for by its key before it is made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeGuard

from runner.files.checksum import digest
from runner.files.documents import canonical_json
from runner.track.descriptions import model_note, run_note, trial_note
from runner.track.tags import BEST_MODEL, DATA, EXECUTION, KIND, REASON, RUN_ID, STATE, TRIAL
from runner.values.records import ModelResult, RunSnapshot, RunState, Score, TrialRecord, TrialState, WindowScore

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]
LONGEST_PARAM: Final = 6000
"""MLflow cuts longer values off without a word."""
LONGEST_TAG: Final = 5000
_LONGEST_KEY: Final = 250
_CUT: Final = " ... (cut; whole in the run folder)"
NOTE: Final = "mlflow.note.content"
"""The tag that MLflow shows as a description, in Markdown."""
_COMMIT: Final = "mlflow.source.git.commit"
_SWITCH: Final = "=zero?"
"""Ends the name of the switch of a `zero_or` (see `tune.space`)."""
_OWN_SECTIONS: Final = ("features", "target", "training")
_NO_PARAMS: Final = ("description", "name")
"""What MLflow has already: as the note, and as the experiment."""
_OF_TRIAL: Final[Mapping[TrialState, Status]] = {"complete": "FINISHED", "pruned": "KILLED", "fail": "FAILED"}
_OF_RUN: Final[Mapping[RunState, Status]] = {
    "running": "RUNNING",
    "finished": "FINISHED",
    "failed": "FAILED",
    "interrupted": "KILLED",
}


PASSING: Final = re.compile(r"run_spec\.(exit_code|missing|best_model|reason|gates|gate\.\d+|overrides|superseded_by)")
"""Tags that are deleted where a later delivery of the same run does not have them."""


@dataclass(frozen=True)
class Point:
    """One value of a metric."""

    key: str
    value: float
    step: int = 0


@dataclass(frozen=True)
class RunContent:
    """One MLflow run, whole. Times are milliseconds since 1970, taken from records, so that a resend is the same."""

    key: str
    name: str
    parent: str | None
    status: Status
    start: int
    end: int
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[Point, ...] = ()


def parent_key(snapshot: RunSnapshot) -> str:
    return f"{snapshot.run_id}/run@{snapshot.execution}"


def model_key(snapshot: RunSnapshot, model: str) -> str:
    return f"{snapshot.run_id}/model/{model}@{snapshot.execution}"


def trial_key(snapshot: RunSnapshot, model: str, number: int) -> str:
    """Without the execution: a trial is run once, and a grown run takes it over."""
    return f"{snapshot.run_id}/trial/{model}/{number}"


def experiment_tags(snapshot: RunSnapshot) -> dict[str, str]:
    """Of the experiment where it is made: what it is, and that MLflow opens it on its runs (and not on LLM traces)."""
    tags = {NOTE: str(snapshot.params.get("description", "")), "mlflow.experimentKind": "custom_model_development"}
    return {key: _cut(value, LONGEST_TAG) for key, value in tags.items() if value}


def parent_content(snapshot: RunSnapshot) -> RunContent:
    """The run as a whole: the spec as parameters, and the scores of the best model."""
    start, end = _span(snapshot)
    status, best = snapshot.status, best_result(snapshot)
    tags = {
        **snapshot.tags,
        KIND: "run",
        "run_spec.seed": str(snapshot.seed),
        STATE: status.state,
        "run_spec.exit_code": "" if status.exit_code is None else str(status.exit_code),
        "run_spec.missing": ", ".join(status.missing),
        BEST_MODEL: best.model if best else "",
        "spec_sha256": digest(dict(snapshot.params)) if snapshot.params else "",
        "data_sha256": data_sha256(snapshot),
        NOTE: run_note(snapshot.board, snapshot.tags.get(NOTE, "")),
        **{f"{DATA}{name}": sha256 for name, sha256 in snapshot.digests.items()},
    }
    return RunContent(
        key=parent_key(snapshot),
        name=f"{snapshot.name}-{stamp(start)}",
        parent=None,
        status=_OF_RUN[status.state],
        start=start,
        end=end,
        tags=_tags(snapshot, tags),
        params=_params(dict(_without_repeats(snapshot.params))),
        metrics=_run_metrics(snapshot),
    )


def model_content(snapshot: RunSnapshot, model: str) -> RunContent:
    """A row of the scoreboard; while there is none, a place for its trials."""
    result = _results(snapshot).get(model)
    start, end = _span_of_model(snapshot, model, result)
    tags = {KIND: "model", "model_name": model}
    if result is not None:
        note = model_note(result, snapshot.board)
        tags |= {"model_kind": result.kind, STATE: result.status, REASON: result.reason or ""}
        tags |= {NOTE: note, TRIAL: "" if result.trial is None else str(result.trial)}
    return RunContent(
        key=model_key(snapshot, model),
        name=f"{model}-{stamp(_span(snapshot)[0])}",
        parent=parent_key(snapshot),
        status=_status_of_model(snapshot, result),
        start=start,
        end=end,
        tags=_tags(snapshot, tags),
        params=_params(_result_params(result)) if result else {},
        metrics=_result_metrics(result) if result else (),
    )


def trial_content(snapshot: RunSnapshot, model: str, trial: TrialRecord) -> RunContent:
    """One trial, with its scores by window and its curve by rounds."""
    start = milliseconds(trial.started) or _span(snapshot)[0]
    tags = {
        KIND: "trial",
        "model_name": model,
        TRIAL: str(trial.number),
        STATE: trial.state,
        REASON: trial.reason or "",
        NOTE: trial_note(trial),
    }
    single: dict[str, Score] = {
        "value": trial.value,
        **trial.scores,
        "seconds": trial.seconds,
        "rounds": trial.rounds,
        "attempts": trial.attempts,
        "peak_memory_mb": trial.peak_memory_mb,
    }
    curve = (Point("curve", point.value, point.rounds) for point in trial.curve if _sound(point.value))
    return RunContent(
        key=trial_key(snapshot, model, trial.number),
        name=f"{model}-{trial.number:04d}",
        parent=model_key(snapshot, model),
        status=_OF_TRIAL[trial.state],
        start=start,
        end=start + round(trial.seconds * 1000),
        tags=_tags(snapshot, tags),
        params=_params(trial.params),
        metrics=(*_points(single), *_window_points(trial.windows), *curve),
    )


def best_result(snapshot: RunSnapshot) -> ModelResult | None:
    """The first of the scoreboard, unless that failed."""
    results = snapshot.board.results if snapshot.board else ()
    return results[0] if results and results[0].status == "ok" else None


def delivered_trials(snapshot: RunSnapshot, model: str) -> tuple[TrialRecord, ...]:
    """Return the trials that become runs: all, the winner (once there is a scoreboard), or none."""
    trials = snapshot.studies.get(model, ())
    if snapshot.trials == "all":
        return trials
    result = _results(snapshot).get(model)
    winner = result.trial if result and snapshot.trials == "best" else None
    return tuple(trial for trial in trials if trial.number == winner)


def milliseconds(moment: str | None) -> int:
    """Since 1970; 0 for nothing, and for what is no ISO 8601: a wrong time must not stop a delivery."""
    try:
        return round(datetime.fromisoformat(moment).timestamp() * 1000) if moment else 0
    except (ValueError, OverflowError):
        return 0


def stamp(moment: int) -> str:
    """`20240131-235959` in UTC."""
    return datetime.fromtimestamp(moment / 1000, tz=UTC).strftime("%Y%m%d-%H%M%S")


def data_sha256(snapshot: RunSnapshot) -> str:
    """One name for all that was read: the sha256 of the only file, or of the names and sha256 of several."""
    digests = dict(snapshot.digests)
    return "" if not digests else next(iter(digests.values())) if len(digests) == 1 else digest(digests)


def safe_key(key: str) -> str:
    """A name that MLflow takes for a parameter or metric: other characters become `_`, no part is `.` or `..`."""
    parts = re.sub(r"[^\w\-./ :]", "_", key.replace(_SWITCH, " is zero")).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))[:_LONGEST_KEY]


def _results(snapshot: RunSnapshot) -> dict[str, ModelResult]:
    return {result.model: result for result in snapshot.board.results} if snapshot.board else {}


def _status_of_model(snapshot: RunSnapshot, result: ModelResult | None) -> Status:
    if result is None:
        return _OF_RUN[snapshot.status.state] if snapshot.status.state != "finished" else "FAILED"
    return "FINISHED" if result.status == "ok" else "FAILED"


def _span(snapshot: RunSnapshot) -> tuple[int, int]:
    """Return start and end; of a run that was killed, the end of its last trial."""
    start = milliseconds(snapshot.status.started)
    end = milliseconds(snapshot.status.finished)
    ends = () if end else (_trial_span(t)[1] for trials in snapshot.studies.values() for t in trials)
    return start, max(start, end, *ends)


def _span_of_model(snapshot: RunSnapshot, model: str, result: ModelResult | None) -> tuple[int, int]:
    """From its first trial to the end of the run; without trials, as long as its fits and forecasts took."""
    begin, end = _span(snapshot)
    trials = [trial for trial in snapshot.studies.get(model, ()) if trial.started]
    if trials:
        return max(begin, min(_trial_span(trial)[0] for trial in trials)), end
    seconds = result.fit_seconds + result.predict_seconds if result else 0.0
    return (max(begin, end - round(seconds * 1000)) if result else begin), end


def _trial_span(trial: TrialRecord) -> tuple[int, int]:
    start = milliseconds(trial.started)
    return start, start + round(trial.seconds * 1000)


def _tags(snapshot: RunSnapshot, own: Mapping[str, str]) -> dict[str, str]:
    ours = {
        RUN_ID: snapshot.run_id,
        EXECUTION: snapshot.execution,
        "run_spec.version": snapshot.status.code_version,
        "mlflow.source.name": "run-spec",
        "mlflow.source.type": "LOCAL",
        _COMMIT: snapshot.tags.get("git_commit", ""),
    }
    return {safe_key(key): _cut(value, LONGEST_TAG) for key, value in {**own, **ours}.items() if value}


def _without_repeats(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the spec without empty lists and what a model has unchanged from the common sections."""
    for key, value in params.items():
        head, _, rest = key.partition(".")
        section = rest.partition(".")[2] if head == "models" else ""
        common = section.partition(".")[0] in _OWN_SECTIONS and params.get(section) == value
        if not common and value not in ([], ()) and key not in _NO_PARAMS:
            yield key, value


def _result_params(result: ModelResult) -> dict[str, Any]:
    """What it was fitted with; of a blend the weights of its members."""
    weights = {f"weights.{member}": weight for member, weight in result.weights.items()}
    return {"use": result.kind, **weights, **result.params}


def _params(values: Mapping[str, Any]) -> dict[str, str]:
    return {safe_key(key): _cut(_text(value), LONGEST_PARAM) for key, value in values.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical_json(value).decode()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - len(_CUT)] + _CUT


def _run_metrics(snapshot: RunSnapshot) -> tuple[Point, ...]:
    """Of the best model what people compare runs by, and the sums over all models."""
    best, board = best_result(snapshot), snapshot.board
    results = board.results if board else ()
    single: dict[str, Score] = {
        **(best.scores if best else {}),
        "gain": best.gain if best else None,
        "n_series": snapshot.plan.get("n_series"),
        "n_cells": best.n_cells if best else None,
        "n_models": len(results) or None,
        "n_trials": sum(map(len, snapshot.studies.values())) or None,
        "test_looks": board.test_looks if board else None,
    }
    if board:
        single["total_tuning_time"] = math.fsum(result.tuning_seconds for result in results)
        single["total_training_time"] = math.fsum(result.fit_seconds for result in results)
        single["total_prediction_time"] = math.fsum(result.predict_seconds for result in results)
    return _points(single)


def _result_metrics(result: ModelResult) -> tuple[Point, ...]:
    """A count that means nothing for this kind of model is left out: what is not there is no 0."""
    single: dict[str, Score] = {
        **result.scores,
        **{f"tuning_{name}": score for name, score in result.tuning_scores.items()},
        "gain": result.gain,
        "rounds": result.rounds,
        "training_time": result.fit_seconds,
        "prediction_time": result.predict_seconds,
        "tuning_time": result.tuning_seconds if result.trials else None,
        "n_samples": result.n_samples or None,
        "n_cells": result.n_cells,
        "n_features": result.n_features or None,
        "fallbacks": result.fallbacks,
        **{f"trials_{state}": count for state, count in result.trials.items()},
    }
    return (*_points(single), *_window_points(result.windows), *_window_timings(result.windows))


def _points(values: Mapping[str, Score]) -> tuple[Point, ...]:
    return tuple(Point(safe_key(key), float(value)) for key, value in values.items() if _sound(value))


def _window_points(windows: Iterable[WindowScore]) -> Iterator[Point]:
    """`windows/<metric>`, with the number of the window as its step."""
    for number, window in enumerate(windows, start=1):
        for metric, value in window.scores.items():
            if _sound(value):
                yield Point(safe_key(f"windows/{metric}"), float(value), number)


def _window_timings(windows: Sequence[WindowScore]) -> Iterator[Point]:
    for number, window in enumerate(windows, start=1):
        yield Point("windows/training_time", window.fit_seconds, number)
        yield Point("windows/prediction_time", window.predict_seconds, number)


def _sound(value: Score) -> TypeGuard[float]:
    """MLflow stores infinity as 1.8e308 and NaN as a value that no filter finds."""
    return value is not None and math.isfinite(value)
