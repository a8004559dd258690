"""Delivery to MLflow: finished values in, a report of what arrived out. It cannot change or stop a run.

Exactly once: a run is looked for by its key before it is created, times come from the records, and what has arrived is
marked. Killed between any two calls, the next delivery continues without a duplicate. Of two clones that deliver the
same run, the last writer wins.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import singledispatchmethod
from itertools import zip_longest
from typing import Any, Final

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

from runner.files.redact import redact
from runner.track.client import one_line, open_client, pages, unreachable
from runner.track.dataset import Data
from runner.track.descriptions import shelf_note, version_note
from runner.track.destination import Destination
from runner.track.events import (
    MODEL_FOLDER,
    DeliveryReport,
    Event,
    LogData,
    LogFiles,
    LogRun,
    Register,
    Supersede,
    events,
)
from runner.track.registry import Offer, ignore_existing, register
from runner.track.run_content import (
    PASSING,
    RunContent,
    experiment_tags,
    milliseconds,
    model_content,
    parent_content,
    parent_key,
)
from runner.track.settings import mlflow_settings
from runner.track.tags import EXECUTION, KEY, KIND, PARENT, RUN_ID, SUPERSEDED_BY, of_kind, tagged
from runner.values.records import RunSnapshot

_CHUNK: Final = 100
"""Parameters or tags that MLflow takes at once; ten times as many metrics."""
_FAILURES_IN_A_ROW: Final = 3
_LOCKED: Final = "database is locked"
"""What sqlite says after MLflow has waited for twenty seconds: the next event would wait as long."""


def deliver_snapshot(
    snapshot: RunSnapshot,
    place: Destination,
    marks: Collection[str],
    mark: Callable[[Sequence[str]], None],
    *,
    seconds: float | None = None,
) -> DeliveryReport:
    """Deliver what is not marked, or everything to a store that has lost the run.

    `mark` is called with event keys as soon as they have arrived. After `seconds` the rest stays pending. Raises what
    `mark` raises (a full disk), and nothing that MLflow does.
    """
    give_up = time.monotonic() + (seconds or float("inf"))
    return MlflowSender(place).deliver(snapshot, marks, mark, lambda: time.monotonic() > give_up, check_store=True)


class MlflowSender:
    """Delivers the snapshots of one run to one place, as often as there is news, over one session."""

    def __init__(self, place: Destination) -> None:
        self.place = place
        self._session: MlflowSession | None = None

    def deliver(
        self,
        snapshot: RunSnapshot,
        marks: Collection[str],
        mark: Callable[[Sequence[str]], None],
        give_up: Callable[[], bool],
        check_store: bool = False,
    ) -> DeliveryReport:
        """Deliver as `deliver_snapshot` does; between any two events stop when `give_up` returns true.

        Without `check_store` marks are believed: the store behind an address may have been emptied since.
        """
        place, waiting = self.place, events(snapshot)
        with mlflow_settings():
            if place.present and all(event.key in marks for event in waiting):
                present, trouble = _has_run(place, snapshot) if check_store else (True, None)
                if present:
                    return DeliveryReport(0, 0, _sentence(place, trouble, "nothing is pending") if trouble else None)
            session, trouble = self._open(snapshot)
            if session is None:
                return _report(place, 0, sum(event.key not in marks for event in waiting), trouble)
            believed = frozenset(marks) if session.has_run(parent_key(snapshot)) else frozenset()
            waiting = tuple(event for event in waiting if event.key not in believed)
            delivered, trouble = _send(session, waiting, mark, give_up)
        self._session = None if trouble else session
        return _report(place, delivered, len(waiting) - delivered, trouble, session)

    def _open(self, snapshot: RunSnapshot) -> tuple[MlflowSession | None, str | None]:
        """Return a session, or why there is none."""
        if self._session is not None and self.place.present:
            self._session.snapshot = snapshot
            return self._session, None
        trouble = unreachable(self.place)
        if trouble is not None:
            return None, trouble
        try:
            return MlflowSession(snapshot, self.place), None
        except Exception as error:  # an MLflow store may raise anything, from any library below it
            return None, one_line(error)


def _has_run(place: Destination, snapshot: RunSnapshot) -> tuple[bool, str | None]:
    """Return whether a store has this execution or a later one, deleted ones included, and why that is unknown.

    Marks are believed where it is unknown.
    """
    try:
        client = open_client(place, writing=True)
        experiment = client.get_experiment_by_name(snapshot.name)
        if experiment is None:
            return False, None
        parents, order = of_kind("run", snapshot.run_id), ["attributes.start_time DESC"]
        newest = client.search_runs([experiment.experiment_id], parents, ViewType.ALL, 1, order)
        return any(run.info.start_time >= milliseconds(snapshot.status.started) for run in newest), None
    except Exception as error:  # an MLflow store may raise anything, from any library below it
        return True, unreachable(place) or one_line(error)


def _send(
    session: MlflowSession, waiting: Sequence[Event], mark: Callable[[Sequence[str]], None], give_up: Callable[[], bool]
) -> tuple[int, str | None]:
    """Return the number delivered and the first trouble. An event that MLflow refuses does not hold up the others."""
    delivered = failed_in_a_row = 0
    trouble: str | None = None
    for event in waiting:
        if failed_in_a_row == _FAILURES_IN_A_ROW or give_up():
            return delivered, trouble or "time is up"
        try:
            session.log(event)
        except Exception as error:  # of MLflow: `mark` stays outside, because its errors are raised
            failed_in_a_row += 1
            trouble = trouble or one_line(error)
            gone = _LOCKED if _LOCKED in str(error) else unreachable(session.place)
            if gone is not None:
                return delivered, gone
            continue
        failed_in_a_row = 0
        delivered += 1
        mark([event.key])
    return delivered, trouble


def _report(
    place: Destination, delivered: int, pending: int, trouble: str | None, session: MlflowSession | None = None
) -> DeliveryReport:
    waiting = f"{pending} events pending, `run-spec sync` delivers them"
    message = _sentence(place, trouble or "not delivered", waiting) if pending else None
    if session is None:
        return DeliveryReport(delivered, pending, message, trouble)
    return DeliveryReport(delivered, pending, message, trouble, session.url, session.parent)


def _sentence(place: Destination, trouble: str, rest: str) -> str:
    return redact(f"{place.label}: {trouble.removeprefix(f'{place.label}: ')}; {rest}")


class MlflowSession:
    """An open store, with the MLflow runs that it already has of a run."""

    def __init__(self, snapshot: RunSnapshot, place: Destination) -> None:
        self.place, self.snapshot = place, snapshot
        self._client = open_client(place, writing=True)
        self._experiment = _experiment(self._client, snapshot, place)
        of_run = tagged(RUN_ID, snapshot.run_id)
        runs = pages(self._client.search_runs, experiment_ids=[self._experiment], filter_string=of_run)
        self._runs: dict[str, Any] = {run.data.tags[KEY]: run for run in runs if KEY in run.data.tags}

    @property
    def parent(self) -> str | None:
        """Return the id of the parent run."""
        run = self._runs.get(parent_key(self.snapshot))
        return run.info.run_id if run else None

    @property
    def url(self) -> str | None:
        """Return the page of the parent run, where there is a server."""
        if not self.place.remote or self.parent is None:
            return None
        # Without its own parameter MLflow shows the pages that it has for language models.
        page = f"#/experiments/{self._experiment}/runs/{self.parent}?workflowType=machine_learning"
        return f"{self.place.label.rstrip('/')}/{page}"

    def has_run(self, key: str) -> bool:
        """Return whether the store has the MLflow run with this key."""
        return key in self._runs

    @singledispatchmethod
    def log(self, event: Event) -> None:
        """Deliver one event; a second time changes nothing."""
        raise TypeError(f"no way to deliver {type(event).__name__}")

    @log.register
    def _log_run(self, event: LogRun) -> None:
        content = event.content
        created = self._create(content)
        run = self._runs[content.key]
        tags = {} if created else self._tags_of(content)
        params = {key: value for key, value in content.params.items() if key not in run.data.params}
        stale = [] if created else [key for key in run.data.tags if PASSING.fullmatch(key) and key not in content.tags]
        tags |= {f"now.{key}": new for key, new in content.params.items() if run.data.params.get(key, new) != new}
        self._log_batches(run.info.run_id, content, params, tags)
        for key in stale:
            self._client.delete_tag(run.info.run_id, key)
            del run.data.tags[key]  # so that the next round does not delete it again
        if content.status == "RUNNING":
            self._client.update_run(run.info.run_id, status="RUNNING")
        else:
            self._client.set_terminated(run.info.run_id, content.status, content.end)

    @log.register
    def _log_files(self, event: LogFiles) -> None:
        run_id = self._run_id(event.run)
        if event.source.is_dir():
            self._client.log_artifacts(run_id, str(event.source), event.target or None)
        else:
            self._client.log_artifact(run_id, str(event.source), event.target or None)

    @log.register
    def _log_data(self, event: LogData) -> None:
        if event.inputs:
            self._client.log_inputs(self._run_id(event.run), [_dataset(data) for data in event.inputs])

    @log.register
    def _register(self, event: Register) -> None:
        run, snapshot = self._runs[event.run], self.snapshot
        offer = Offer(
            name=event.name,
            model=event.model,
            sha256=event.content,
            run_id=snapshot.run_id,
            execution=snapshot.execution,
            run=run.info.run_id,
            source=f"{run.info.artifact_uri}/{MODEL_FOLDER}",
            note=version_note(snapshot, event.model),
            about=shelf_note(str(snapshot.params.get("description", "")), event.name),
        )
        register(self._client, offer)

    @log.register
    def _supersede(self, event: Supersede) -> None:
        """Mark the parents of other executions as superseded, and close what they left running."""
        current = self._run_id(event.run)
        for run in self._runs.values():
            kind = run.data.tags.get(KIND)
            if run.data.tags.get(EXECUTION) == self.snapshot.execution or kind == "trial":
                continue  # a trial belongs to the execution that delivered it last
            if kind == "run":
                self._client.set_tag(run.info.run_id, SUPERSEDED_BY, current)
                self._client.set_tag(current, "run_spec.supersedes", run.info.run_id)
            if run.info.status == "RUNNING":
                self._client.set_terminated(run.info.run_id, "KILLED", run.info.start_time)

    def _create(self, content: RunContent) -> bool:
        """Return whether the run with this key is new; it is created with all its tags, so that it is found again."""
        if content.key in self._runs:
            return False
        tags = self._tags_of(content)
        self._runs[content.key] = self._client.create_run(self._experiment, content.start, tags, content.name)
        return True

    def _run_id(self, key: str) -> str:
        """Return the id of an MLflow run; the parent or a model's is created when something of it comes first."""
        if key not in self._runs:
            parent = parent_content(self.snapshot)
            model = key.rpartition("@")[0].rpartition("/")[2]
            self._create(parent if key == parent.key else model_content(self.snapshot, model))
        return str(self._runs[key].info.run_id)

    def _tags_of(self, content: RunContent) -> dict[str, str]:
        family = {PARENT: self._run_id(content.parent)} if content.parent else {}
        return {**content.tags, **family, KEY: content.key}

    def _log_batches(
        self, run_id: str, content: RunContent, params: Mapping[str, str], tags: Mapping[str, str]
    ) -> None:
        metrics = [Metric(point.key, point.value, content.end, point.step) for point in content.metrics]
        columns = (
            _chunks(metrics, 8 * _CHUNK),
            _chunks([Param(key, value) for key, value in params.items()], _CHUNK),
            _chunks([RunTag(key, value) for key, value in tags.items()], _CHUNK),
        )
        for batch in zip_longest(*columns, fillvalue=()):
            self._client.log_batch(run_id, *batch)


def _experiment(client: MlflowClient, snapshot: RunSnapshot, place: Destination) -> str:
    name, tags = snapshot.name, experiment_tags(snapshot)
    where = None if place.artifacts is None else (place.artifacts / name).as_uri()
    experiment: Any = client.get_experiment_by_name(name)
    if experiment is None:
        ignore_existing(lambda: client.create_experiment(name, where, tags))
        experiment = client.get_experiment_by_name(name)
    if experiment.lifecycle_stage == "deleted":
        raise MlflowException(f"the experiment {name} is deleted there; restore it with `mlflow experiments restore`")
    for key in tags.keys() - experiment.tags.keys():  # what a person wrote there stays
        client.set_experiment_tag(experiment.experiment_id, key, tags[key])
    return str(experiment.experiment_id)


def _dataset(data: Data) -> DatasetInput:
    dataset = Dataset(data.name, data.digest, "local", data.source, data.schema or None, data.profile or None)
    return DatasetInput(dataset, [InputTag("mlflow.data.context", data.context)])


def _chunks(items: Sequence[Any], size: int) -> list[Any]:
    return [items[at : at + size] for at in range(0, len(items), size)]
