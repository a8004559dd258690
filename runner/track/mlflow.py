"""Delivery to MLflow: finished values in, an account of what arrived out. It cannot change or stop a run.

Exactly once: a run is looked for by its key before it is made, times come from the records, and what has arrived is
marked. Killed between any two calls, the next delivery goes on without a duplicate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import singledispatchmethod
from itertools import zip_longest
from typing import Any, Final

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from runner.files.redact import redact
from runner.track.client import one_line, open_client, quiet
from runner.track.dataset import Data
from runner.track.descriptions import shelf_note, version_note
from runner.track.destination import Destination, destination
from runner.track.events import MODEL_FOLDER, Delivery, Event, LogData, LogFiles, LogRun, Register, Retire, events
from runner.track.executions import Executions, is_there
from runner.track.mapping import (
    PASSING,
    RunContent,
    delivered_trials,
    experiment_tags,
    model_content,
    model_key,
    parent_content,
    parent_key,
    trial_key,
)
from runner.track.probe import unreachable
from runner.track.registry import Offer, ignore_existing, register
from runner.track.tags import EXECUTION, KEY, PARENT, RUN_ID, SUPERSEDED_BY
from runner.values.records import Dossier

__all__ = ["Delivery", "Destination", "deliver", "destination"]

_CHUNK: Final = 100
"""Parameters or tags that MLflow takes at once; ten times as many metrics."""
_FAILURES_IN_A_ROW: Final = 3
_LOCKED: Final = "database is locked"
"""What sqlite says after MLflow has waited for twenty seconds: the next event would wait as long."""


def deliver(
    dossier: Dossier,
    place: Destination,
    marks: Collection[str],
    mark: Callable[[Sequence[str]], None],
    *,
    seconds: float | None = None,
) -> Delivery:
    """Deliver what is not marked, or everything to a store that has lost the run. Raises what `mark` raises (a full
    disk), and nothing that MLflow does.

    `mark` is called with event keys as soon as they have arrived. After `seconds` the rest stays pending.
    """
    give_up = time.monotonic() + (seconds or float("inf"))
    return Messenger(place).deliver(dossier, marks, mark, lambda: time.monotonic() > give_up, look=True)


class Messenger:
    """Takes the dossiers of one run to one place, as often as there is news; what it knows of the place it keeps."""

    def __init__(self, place: Destination) -> None:
        self.place = place
        self._courier: Courier | None = None

    def deliver(
        self,
        dossier: Dossier,
        marks: Collection[str],
        mark: Callable[[Sequence[str]], None],
        give_up: Callable[[], bool],
        look: bool = False,
    ) -> Delivery:
        """As the function of that name; between any two events it stops when `give_up` says so.

        Without `look` a place is believed to have what is marked: the one behind an address may be another by now.
        """
        place, waiting = self.place, events(dossier)
        if place.present and all(event.key in marks for event in waiting):
            there, trouble = _look(place, dossier) if look else (True, None)
            if there:
                return Delivery(0, 0, redact(f"{place.label}: {trouble}; nothing is pending") if trouble else None)
        with quiet():
            courier, trouble = self._open(dossier)
            if courier is None:
                return _account(place, 0, sum(event.key not in marks for event in waiting), trouble)
            known = frozenset(marks) if courier.knows(parent_key(dossier)) else frozenset()
            waiting = tuple(event for event in waiting if event.key not in known)
            delivered, trouble = _send(courier, waiting, mark, give_up)
        self._courier = None if trouble else courier
        return _account(place, delivered, len(waiting) - delivered, trouble, courier)

    def _open(self, dossier: Dossier) -> tuple[Courier | None, str | None]:
        """A courier, or why there is none."""
        if self._courier is not None and self.place.present:
            self._courier.renew(dossier)
            return self._courier, None
        trouble = unreachable(self.place)
        if trouble is not None:
            return None, trouble
        try:
            return Courier(dossier, self.place), None
        except Exception as error:  # an MLflow store may raise anything, from any library below it
            return None, one_line(error)


def _look(place: Destination, dossier: Dossier) -> tuple[bool, str | None]:
    """(whether the run is there, why that could not be seen); marks are believed then."""
    trouble = unreachable(place)
    if trouble is not None:
        return True, trouble
    try:
        with quiet():
            return is_there(open_client(place), dossier), None
    except Exception as error:  # an MLflow store may raise anything, from any library below it
        return True, one_line(error)


def _send(
    courier: Courier, waiting: Sequence[Event], mark: Callable[[Sequence[str]], None], give_up: Callable[[], bool]
) -> tuple[int, str | None]:
    """(delivered, first trouble). One event that MLflow will not take does not hold up the others."""
    delivered = failed_in_a_row = 0
    trouble: str | None = None
    for event in waiting:
        if failed_in_a_row == _FAILURES_IN_A_ROW or give_up():
            return delivered, trouble or "time is up"
        try:
            courier.log(event)
        except (
            Exception
        ) as error:  # an MLflow store may raise anything; mark stays outside, because its errors are ours
            failed_in_a_row += 1
            trouble = trouble or one_line(error)
            gone = _LOCKED if _LOCKED in str(error) else unreachable(courier.place)
            if gone is not None:
                return delivered, gone
            continue
        failed_in_a_row = 0
        delivered += 1
        mark([event.key])
    return delivered, trouble


def _account(
    place: Destination, delivered: int, pending: int, trouble: str | None, courier: Courier | None = None
) -> Delivery:
    message = None
    if pending:
        cause = f"{place.label}: {trouble or 'not delivered'}"
        message = redact(f"{cause}; {pending} events pending, `run-spec sync` delivers them")
    if courier is None:
        return Delivery(delivered, pending, message, trouble)
    return Delivery(delivered, pending, message, trouble, courier.url, courier.parent)


class Courier:
    """An open destination, with the runs of this dossier that it already has."""

    def __init__(self, dossier: Dossier, place: Destination) -> None:
        self.place = place
        self._dossier = dossier
        self._client = open_client(place, settle=True)
        self._experiment = _experiment(self._client, dossier, place)
        self._executions = Executions(self._client, self._experiment, dossier)
        self._runs = self._executions.runs

    def renew(self, dossier: Dossier) -> None:
        """Go on with what is known of the same run now."""
        self._dossier = dossier
        self._executions.renew()

    @property
    def parent(self) -> str | None:
        run = self._runs.get(parent_key(self._dossier))
        return run.info.run_id if run else None

    @property
    def url(self) -> str | None:
        if not self.place.remote or self.parent is None:
            return None
        # Without its own parameter MLflow shows the pages that it has for language models.
        page = f"#/experiments/{self._experiment}/runs/{self.parent}?workflowType=machine_learning"
        return f"{self.place.label.rstrip('/')}/{page}"

    def knows(self, key: str) -> bool:
        return key in self._runs

    @singledispatchmethod
    def log(self, event: Event) -> None:
        """Deliver one event; again is as good as once."""
        raise TypeError(f"no way to deliver {type(event).__name__}")

    @log.register
    def _log_run(self, event: LogRun) -> None:
        content = event.content
        made_here = self._make(content)
        run = self._runs[content.key]
        if self._executions.is_of_a_later(run):
            return
        tags = {} if made_here else self._tags_of(content)
        params = {key: value for key, value in content.params.items() if key not in run.data.params}
        stale = (
            [] if made_here else [key for key in run.data.tags if PASSING.fullmatch(key) and key not in content.tags]
        )
        tags |= {f"now.{key}": new for key, new in content.params.items() if run.data.params.get(key, new) != new}
        self._batches(run.info.run_id, content, params, tags)
        for key in stale:
            self._client.delete_tag(run.info.run_id, key)
            del run.data.tags[key]  # what is gone is not deleted again in the next round
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
        run, dossier = self._runs[event.run], self._dossier
        if self._executions.successor(self._executions.look()) and self._is_registered(event.name):
            return
        offer = Offer(
            name=event.name,
            model=event.model,
            sha256=event.content,
            run_id=dossier.run_id,
            execution=dossier.execution,
            run=run.info.run_id,
            source=f"{run.info.artifact_uri}/{MODEL_FOLDER}",
            note=version_note(dossier, event.model),
            about=shelf_note(str(dossier.params.get("description", "")), event.name),
        )
        register(self._client, offer)

    def _is_registered(self, name: str) -> bool:
        """Whether there is a version of this run, whichever execution made it."""
        versions = self._client.search_model_versions(f"name='{name}'")
        return any(version.tags.get(RUN_ID) == self._dossier.run_id for version in versions)

    @log.register
    def _retire(self, event: Retire) -> None:
        others, current = self._executions.look(), self._run_id(event.run)
        successor = self._executions.successor(others)
        if successor is not None:
            self._supersede(current, successor.info.run_id)
            return
        self._take_over(others)
        ended = self._executions.ended_before(others)
        for parent in ended:
            self._supersede(parent.info.run_id, current)
        names = {parent.data.tags[EXECUTION] for parent in ended}
        for run in others.values():
            if run.info.status == "RUNNING" and run.data.tags[EXECUTION] in names:
                self._client.set_terminated(run.info.run_id, "KILLED", run.info.start_time)

    def _supersede(self, old: str, new: str) -> None:
        self._client.set_tag(old, SUPERSEDED_BY, new)
        self._client.set_tag(new, "run_spec.supersedes", old)

    def _take_over(self, others: Mapping[str, Any]) -> None:
        """Trials of this execution that another clone delivered first, and that are below a run of it."""
        dossier = self._dossier
        for model in dossier.studies:
            keys = {trial_key(dossier, model, trial.number) for trial in delivered_trials(dossier, model)}
            for key in sorted(keys & others.keys()):
                tags = {PARENT: self._run_id(model_key(dossier, model)), EXECUTION: dossier.execution}
                self._client.log_batch(self._run_id(key), tags=[RunTag(name, text) for name, text in tags.items()])

    def _make(self, content: RunContent) -> bool:
        """Whether the run with this key is new; it is made with all its tags, so that it can be found again."""
        tags = {} if content.key in self._runs else self._tags_of(content)
        if content.key not in self._runs:
            self._executions.refresh()
        if content.key in self._runs:
            return False
        self._runs[content.key] = self._client.create_run(self._experiment, content.start, tags, content.name)
        return True

    def _run_id(self, key: str) -> str:
        """Of a run that is there; the parent or a model's is opened when something that belongs to it comes first."""
        if key not in self._runs:
            parent = parent_content(self._dossier)
            model = key.rpartition("@")[0].rpartition("/")[2]
            self._make(parent if key == parent.key else model_content(self._dossier, model))
        return str(self._runs[key].info.run_id)

    def _tags_of(self, content: RunContent) -> dict[str, str]:
        family = {PARENT: self._run_id(content.parent)} if content.parent else {}
        return {**content.tags, **family, KEY: content.key}

    def _batches(self, run_id: str, content: RunContent, params: Mapping[str, str], tags: Mapping[str, str]) -> None:
        metrics = [Metric(point.key, point.value, content.end, point.step) for point in content.metrics]
        columns = (
            _chunks(metrics, 8 * _CHUNK),
            _chunks([Param(key, value) for key, value in params.items()], _CHUNK),
            _chunks([RunTag(key, value) for key, value in tags.items()], _CHUNK),
        )
        for batch in zip_longest(*columns, fillvalue=()):
            self._client.log_batch(run_id, *batch)


def _experiment(client: MlflowClient, dossier: Dossier, place: Destination) -> str:
    name, tags = dossier.name, experiment_tags(dossier)
    where = None if place.artifacts is None else (place.artifacts / name).as_uri()
    found: Any = client.get_experiment_by_name(name)
    if found is None:
        ignore_existing(lambda: client.create_experiment(name, where, tags))
        found = client.get_experiment_by_name(name)
    if found.lifecycle_stage == "deleted":
        raise MlflowException(f"the experiment {name} is deleted there; restore it with `mlflow experiments restore`")
    for key in tags.keys() - found.tags.keys():  # what a person wrote there stays
        client.set_experiment_tag(found.experiment_id, key, tags[key])
    return str(found.experiment_id)


def _dataset(data: Data) -> DatasetInput:
    dataset = Dataset(data.name, data.digest, "local", data.source, data.schema or None, data.profile or None)
    return DatasetInput(dataset, [InputTag("mlflow.data.context", data.context)])


def _chunks(items: Sequence[Any], size: int) -> list[Any]:
    return [items[at : at + size] for at in range(0, len(items), size)]
