"""Results documents as they were delivered: what was found out, read back from MLflow."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient

from runner.errors import StoreError, UsageError
from runner.store.folder import is_run_id
from runner.track.client import asked
from runner.track.destination import Destination
from runner.track.tags import OVERRIDES, RUN_ID, of_kind, tagged

DOCUMENT: Final = "benchmark.json"
_PAGE: Final = 1000
_FEW: Final = 5
_OURS: Final = f"{of_kind('run')} and attributes.status = 'FINISHED'"


def experiments(place: Destination) -> list[str]:
    """Names of the experiments that hold runs of ours, sorted. Raises StoreError, UsageError when there are none."""
    _check(place)
    with asked(place) as client:
        found = [e for e in pages(client.search_experiments) if any(finished(client, [e.experiment_id], size=_FEW))]
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
        wanted = tagged(RUN_ID, run_id) if run_id else ""
        where = [e.experiment_id for e in pages(client.search_experiments) if name in (None, e.name)]
        found = finished(client, where, wanted, _PAGE if every else _FEW, by="end_time")
        return _latest(client, found if every else _own_first(found), every)


def _own_first(found: Iterable[Any]) -> Iterator[Any]:
    """What was tried out with --set is no result of its experiment as long as there is another."""
    tried_out = []
    for run in found:
        if OVERRIDES in run.data.tags:
            tried_out.append(run)
        else:
            yield run
    yield from tried_out


def _latest(client: MlflowClient, found: Iterable[Any], every: bool) -> list[bytes]:
    """Of runs, the newest first: the first document of all, or of each run id, the first last."""
    told: dict[str, bytes] = {}
    for run in found:
        run_id = run.data.tags[RUN_ID]
        content = document(client, run.info.run_id) if run_id not in told else None
        if content is not None:
            told[run_id] = content
            if not every:
                break
    return list(reversed(told.values()))


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


def finished(
    client: MlflowClient, where: Sequence[str], wanted: str = "", size: int = _PAGE, by: str = "start_time"
) -> Iterator[Any]:
    """Finished parent runs of these experiments, the last ones by that time first. What others made is left out."""
    if not where:
        return
    clause = f"{_OURS} and {wanted}" if wanted else _OURS
    order = [f"attributes.{by} DESC"]
    found = pages(client.search_runs, size, experiment_ids=list(where), filter_string=clause, order_by=order)
    yield from (run for run in found if is_run_id(run.data.tags.get(RUN_ID, "")))


def _check(place: Destination) -> None:
    if not place.present:
        raise StoreError(f"{place.label}: there is nothing there yet; `run-spec sync` delivers what is finished")
