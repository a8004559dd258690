"""Documents that were delivered with runs: results, spec, environment, and what was recorded of the trials."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient

from runner.errors import StoreError, UsageError
from runner.files.documents import parse_json
from runner.store.folder import is_run_id
from runner.track.client import PAGE, connect, pages
from runner.track.destination import Destination
from runner.track.reader import is_trial
from runner.track.tags import OVERRIDES, RUN_ID, STATE, TRIAL, of_kind, tagged

RESULTS: Final = "benchmark.json"
DOCUMENTS: Final = ("spec.yaml", "spec.resolved.json", "environment.json", RESULTS)
_FEW: Final = 5
_FINISHED: Final = f"{of_kind('run')} and attributes.status = 'FINISHED'"
_TAGS: Final = frozenset({"model_name", STATE})
_NOT_FACTS: Final = ("seconds", "attempts", "peak_memory_mb", "curve")
_BY: Final = {"[0-9a-f]{12}": f"tags.`{RUN_ID}`", "[0-9a-f]{32}": "attributes.run_id"}
"""Shape of an id -> what it identifies: a run of run-spec, or a run of MLflow."""


def experiments(place: Destination) -> list[str]:
    """Return the sorted names of experiments with results. Raises StoreError, UsageError when there are none."""
    _require(place)
    with connect(place) as client:
        names = sorted(
            experiment.name
            for experiment in pages(client.search_experiments)
            if any(finished(client, [experiment.experiment_id], size=_FEW))
        )
    if not names:
        raise UsageError(f"{place.label}: there are no results there yet")
    return names


def documents(place: Destination, name: str | None, run_id: str | None, every: bool) -> list[bytes]:
    """Return the latest results document of an experiment or a run id, or with `every` those of all runs, oldest first.

    Raises StoreError when the store cannot be read.
    """
    _require(place)
    with connect(place) as client:
        of_run = tagged(RUN_ID, run_id) if run_id else ""
        where = [e.experiment_id for e in pages(client.search_experiments) if name in (None, e.name)]
        runs = finished(client, where, of_run, PAGE if every else _FEW, by="end_time")
        return _latest(client, runs if every else _overridden_last(runs), every)


def document(client: MlflowClient, run: str) -> bytes | None:
    """Return the results document of an MLflow run; None when it has none. Raises what MLflow raises."""
    if RESULTS not in {file.path for file in client.list_artifacts(run)}:
        return None
    with tempfile.TemporaryDirectory() as folder:
        return Path(client.download_artifacts(run, RESULTS, folder)).read_bytes()


def fetch_run(place: Destination, run: str, folder: Path) -> dict[str, Any] | None:
    """Write the documents of a run into an existing folder; return what was recorded of its trials, by name.

    `run` is an id of run-spec or of MLflow, or the name of an experiment for its latest run. None when there is no
    finished run of that with its results. Raises StoreError when the store cannot be read.
    """
    if not place.present:
        return None
    try:
        with connect(place) as client:
            return _fetch(client, run, folder)
    except StoreError as error:
        raise StoreError(f"{error}; the run is not in results/runs either") from None


def finished(
    client: MlflowClient, where: Sequence[str], condition: str = "", size: int = PAGE, by: str = "start_time"
) -> Iterator[Any]:
    """Yield the finished parent runs of experiments, the last by that time first, without those of other programs."""
    if not where:
        return
    clause = f"{_FINISHED} and {condition}" if condition else _FINISHED
    order = [f"attributes.{by} DESC"]
    runs = pages(client.search_runs, size, experiment_ids=list(where), filter_string=clause, order_by=order)
    yield from (run for run in runs if is_run_id(run.data.tags.get(RUN_ID, "")))


def _require(place: Destination) -> None:
    if not place.present:
        raise StoreError(f"{place.label}: there is nothing there yet; `run-spec sync` delivers what is finished")


def _overridden_last(runs: Iterable[Any]) -> Iterator[Any]:
    """Yield runs with --set after all others: they are no results of their experiment where there are others."""
    overridden = []
    for run in runs:
        if OVERRIDES in run.data.tags:
            overridden.append(run)
        else:
            yield run
    yield from overridden


def _latest(client: MlflowClient, runs: Iterable[Any], every: bool) -> list[bytes]:
    """Return the first document of all, or of each run id, the first last; the newest runs come first."""
    contents: dict[str, bytes] = {}
    for run in runs:
        run_id = run.data.tags[RUN_ID]
        content = document(client, run.info.run_id) if run_id not in contents else None
        if content is not None:
            contents[run_id] = content
            if not every:
                break
    return list(reversed(contents.values()))


def _fetch(client: MlflowClient, run: str, folder: Path) -> dict[str, Any] | None:
    for parent in _parents(client, run):
        there = {file.path for file in client.list_artifacts(parent.info.run_id)}
        if RESULTS in there:
            for name in there.intersection(DOCUMENTS):
                client.download_artifacts(parent.info.run_id, name, str(folder))
            return _trial_facts(client, parent)
    return None


def _parents(client: MlflowClient, run: str) -> Iterator[Any]:
    """Yield the parent runs that `run` can mean, the newest first."""
    field = next((text for pattern, text in _BY.items() if re.fullmatch(pattern, run)), None)
    where = [e.experiment_id for e in pages(client.search_experiments) if field or e.name == run]
    yield from finished(client, where, f"{field} = '{run}'" if field else "", size=_FEW)


def _trial_facts(client: MlflowClient, parent: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for trial in _trials(client, parent.info.experiment_id, parent.data.tags[RUN_ID]):
        name = f"{trial.data.tags['model_name']} trial {trial.data.tags[TRIAL]}"
        facts[f"{name} state"] = trial.data.tags[STATE]
        facts |= {f"{name} {key}": _value(text) for key, text in trial.data.params.items()}
        facts |= {f"{name} {key}": value for key, value in trial.data.metrics.items() if _is_fact(key)}
    return facts


def _trials(client: MlflowClient, experiment: str, run_id: str) -> Iterator[Any]:
    """Yield the trials of a run by number, without those of other programs."""
    runs = pages(client.search_runs, experiment_ids=[experiment], filter_string=of_kind("trial", run_id))
    ours = (run for run in runs if is_trial(run.data.tags) and run.data.tags.keys() >= _TAGS)
    yield from sorted(ours, key=lambda run: (run.data.tags["model_name"], int(run.data.tags[TRIAL])))


def _is_fact(key: str) -> bool:
    return key not in _NOT_FACTS and "/" not in key


def _value(text: str) -> Any:
    """Return a parameter as it was before it became a text; one that was cut stays a text."""
    try:
        return parse_json(text)
    except ValueError:
        return text
