"""A delivered run, fetched back: its documents as files, and what MLflow was told of its trials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient

from runner.errors import StoreError
from runner.files.documents import parse_json
from runner.track.client import one_line, open_client, quiet
from runner.track.destination import Destination
from runner.track.glance import is_trial
from runner.track.history import DOCUMENT, finished, pages
from runner.track.probe import unreachable
from runner.track.tags import RUN_ID, STATE, TRIAL, of_kind

DOCUMENTS: Final = ("spec.yaml", "spec.resolved.json", "environment.json", DOCUMENT)
_FEW: Final = 5
_TAGS: Final = frozenset({"model_name", STATE})
_NOT_FACTS: Final = ("seconds", "attempts", "peak_memory_mb", "curve")
_BY: Final = {"[0-9a-f]{12}": f"tags.`{RUN_ID}`", "[0-9a-f]{32}": "attributes.run_id"}
"""Shape of an id -> what of a run it is: ours, and MLflow's."""


def fetch_run(place: Destination, run: str, folder: Path) -> dict[str, Any] | None:
    """Write the documents of a run into an existing folder; what was recorded of its trials, by name.

    `run` is our id of it, MLflow's, or the name of an experiment for its latest. None when there is no finished run of
    that with its results. Raises StoreError when the store cannot be used.
    """
    if not place.present:
        return None
    trouble = unreachable(place)
    if trouble is not None:
        raise StoreError(f"{place.label}: {trouble}; the run is not in results/runs either")
    try:
        with quiet():
            return _fetch(open_client(place), run, folder)
    except Exception as error:  # an MLflow store may raise anything, from any library below it
        raise StoreError(f"{place.label}: {one_line(error)}") from None


def _fetch(client: MlflowClient, run: str, folder: Path) -> dict[str, Any] | None:
    for parent in _found(client, run):
        there = {file.path for file in client.list_artifacts(parent.info.run_id)}
        if DOCUMENT in there:
            for name in there.intersection(DOCUMENTS):
                client.download_artifacts(parent.info.run_id, name, str(folder))
            return _trials(client, parent)
    return None


def _found(client: MlflowClient, run: str) -> Iterator[Any]:
    """The parent runs that may be meant, the newest first."""
    wanted = next((text for pattern, text in _BY.items() if re.fullmatch(pattern, run)), None)
    experiments = [one.experiment_id for one in pages(client.search_experiments) if wanted or one.name == run]
    yield from finished(client, experiments, f"{wanted} = '{run}'" if wanted else "", size=_FEW)


def _trials(client: MlflowClient, parent: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for run in _children(client, parent.info.experiment_id, parent.data.tags[RUN_ID]):
        name = f"{run.data.tags['model_name']} trial {run.data.tags[TRIAL]}"
        facts[f"{name} state"] = run.data.tags[STATE]
        facts |= {f"{name} {key}": _value(text) for key, text in run.data.params.items()}
        facts |= {f"{name} {key}": value for key, value in run.data.metrics.items() if _is_fact(key)}
    return facts


def _children(client: MlflowClient, experiment: str, run_id: str) -> Iterator[Any]:
    """The trials of a run, by number. What others made is left out."""
    where = of_kind("trial", run_id)
    found = pages(client.search_runs, experiment_ids=[experiment], filter_string=where)
    ours = (run for run in found if is_trial(run.data.tags) and run.data.tags.keys() >= _TAGS)
    yield from sorted(ours, key=lambda run: (run.data.tags["model_name"], int(run.data.tags[TRIAL])))


def _is_fact(key: str) -> bool:
    return key not in _NOT_FACTS and "/" not in key


def _value(text: str) -> Any:
    """A parameter as it was before it became a text; one that was cut stays a text."""
    try:
        return parse_json(text)
    except ValueError:
        return text
