"""A delivered run, fetched back: its documents as files, and what MLflow was told of its trials."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient

from runner.errors import StoreError
from runner.track.client import one_line, open_client, quiet
from runner.track.destination import Destination
from runner.track.history import pages
from runner.track.probe import unreachable

DOCUMENTS: Final = ("spec.yaml", "spec.resolved.json", "environment.json", "benchmark.json")
_NOT_FACTS: Final = ("seconds", "attempts", "peak_memory_mb", "curve")
_BY: Final = {"[0-9a-f]{12}": "tags.`run_spec.run_id`", "[0-9a-f]{32}": "attributes.run_id"}
"""Shape of an id -> what of a run it is: ours, and MLflow's."""


def fetch_run(place: Destination, run: str, folder: Path) -> dict[str, Any] | None:
    """Write the documents of a run into an existing folder; what was recorded of its trials, by name.

    `run` is our id of it, MLflow's, or the name of an experiment for its latest. None when there is no finished run of
    that. Raises StoreError when the store cannot be used.
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
    found = _found(client, run)
    if not found:
        return None
    parent: Any = found[0]
    there = {file.path for file in client.list_artifacts(parent.info.run_id)}
    for name in DOCUMENTS:
        if name in there:
            client.download_artifacts(parent.info.run_id, name, str(folder))
    return _trials(client, parent)


def _found(client: MlflowClient, run: str) -> list[Any]:
    """The parent run that is meant, or none."""
    wanted = next((text for pattern, text in _BY.items() if re.fullmatch(pattern, run)), None)
    experiments = [one.experiment_id for one in pages(client.search_experiments) if wanted or one.name == run]
    if not experiments:
        return []
    where = "tags.`run_spec.kind` = 'run' and attributes.status = 'FINISHED'"
    where += f" and {wanted} = '{run}'" if wanted else ""
    return list(client.search_runs(experiments, where, max_results=1, order_by=["attributes.start_time DESC"]))


def _trials(client: MlflowClient, parent: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    tags = parent.data.tags
    for run in _children(client, parent.info.experiment_id, tags["run_spec.run_id"]):
        name = f"{run.data.tags['model_name']} trial {run.data.tags['run_spec.trial']}"
        facts[f"{name} state"] = run.data.tags["run_spec.state"]
        facts |= {f"{name} {key}": _value(text) for key, text in run.data.params.items()}
        facts |= {f"{name} {key}": value for key, value in run.data.metrics.items() if _is_fact(key)}
    return facts


def _children(client: MlflowClient, experiment: str, run_id: str) -> Iterator[Any]:
    """The trials of a run, by number."""
    where = f"tags.`run_spec.run_id` = '{run_id}' and tags.`run_spec.kind` = 'trial'"
    found = pages(client.search_runs, experiment_ids=[experiment], filter_string=where)
    yield from sorted(found, key=lambda run: (run.data.tags["model_name"], int(run.data.tags["run_spec.trial"])))


def _is_fact(key: str) -> bool:
    return key not in _NOT_FACTS and "/" not in key


def _value(text: str) -> Any:
    """A parameter as it was before it became a text; one that was cut stays a text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
