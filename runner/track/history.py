"""Results documents as they were delivered: what was found out, read back from MLflow."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient

from runner.errors import StoreError, UsageError
from runner.track.client import asked
from runner.track.destination import Destination

DOCUMENT: Final = "benchmark.json"
_PAGE: Final = 1000
_OURS: Final = "tags.`run_spec.kind` = 'run'"


def experiments(place: Destination) -> list[str]:
    """Names of the experiments that hold runs of ours, sorted. Raises StoreError, UsageError when there are none."""
    _check(place)
    with asked(place) as client:
        found = [e for e in pages(client.search_experiments) if _finished(client, [e.experiment_id], "", most=1)]
        names = sorted(experiment.name for experiment in found)
    if not names:
        raise UsageError(f"{place.label}: there are no results there yet")
    return names


def documents(place: Destination, name: str | None, run_id: str | None, every: bool) -> list[bytes]:
    """The documents of an experiment or of a run id: the latest, or with `every` one of each run, the first first.

    Raises StoreError when the server cannot be asked.
    """
    _check(place)
    with asked(place) as client:
        wanted = f" and tags.`run_spec.run_id` = '{run_id}'" if run_id else ""
        where = [e.experiment_id for e in pages(client.search_experiments) if name in (None, e.name)]
        found = _finished(client, where, wanted) if where else []
        latest: dict[str, Any] = {run.data.tags["run_spec.run_id"]: run for run in found}
        chosen = list(latest.values()) if every else list(latest.values())[-1:]
        return [content for content in (document(client, run.info.run_id) for run in chosen) if content is not None]


def document(client: MlflowClient, run: str) -> bytes | None:
    """The results document that was delivered with a run; None when it has none. Raises what MLflow raises."""
    if DOCUMENT not in {file.path for file in client.list_artifacts(run)}:
        return None
    with tempfile.TemporaryDirectory() as folder:
        return Path(client.download_artifacts(run, DOCUMENT, folder)).read_bytes()


def pages(search: Any, size: int = _PAGE, **arguments: Any) -> Iterator[Any]:
    """All results of a search that answers in pages, each asked for when it is wanted."""
    token: str | None = None
    while True:
        page = search(**arguments, max_results=size, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _finished(client: MlflowClient, experiment_ids: list[str], more: str, most: int = _PAGE) -> list[Any]:
    """Finished parent runs, those that ended first first."""
    wanted = f"{_OURS} and attributes.status = 'FINISHED'{more}"
    if most < _PAGE:
        return list(client.search_runs(experiment_ids, wanted, max_results=most))
    return sorted(
        pages(client.search_runs, experiment_ids=experiment_ids, filter_string=wanted),
        key=lambda run: run.info.end_time,
    )


def _check(place: Destination) -> None:
    if not place.present:
        raise StoreError(f"{place.label}: there is nothing there yet; `run-spec sync` delivers what is finished")
