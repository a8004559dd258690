"""What is looked at of a tracking store through MLflow: runs, trials and artefacts. Changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Final

from runner.errors import StoreError
from runner.store.folder import is_run_id
from runner.track.client import asked
from runner.track.destination import Destination
from runner.track.glance import CHAMPION, Glance, TrackedRun, TrackedTrial, latest, tracked_run, trials_by_model
from runner.track.history import pages
from runner.track.succession import current
from runner.track.tags import of_kind
from runner.values.records import TrialRecord

_NEWEST: Final = ["attributes.start_time DESC"]


class ClientGlance:
    """A glance through MLflow, at stores that cannot be asked otherwise."""

    def __init__(self, place: Destination) -> None:
        self._place = place

    def experiments(self) -> tuple[str, ...]:
        """The one that was changed last first."""
        with asked(self._place) as client:
            found = pages(client.search_experiments, order_by=["last_update_time DESC"])
            return tuple(experiment.name for experiment in found if experiment.name != "Default")

    def glances(self, names: Sequence[str], most: int) -> Iterator[Glance]:
        """One question for each."""
        for name in names:
            runs, more = self._newest(name, most)
            yield Glance(name, runs, len(runs), more)

    def runs(self, name: str, most: int) -> tuple[TrackedRun, ...]:
        """Parent runs of an experiment, the newest first; of executions of one run only the latest."""
        return self._newest(name, most)[0]

    def _newest(self, name: str, most: int) -> tuple[tuple[TrackedRun, ...], bool]:
        """(runs, whether there are more)."""
        with asked(self._place) as client:
            experiment = client.get_experiment_by_name(name)
            if experiment is None:
                return (), False
            where: dict[str, Any] = {"experiment_ids": [experiment.experiment_id], "filter_string": of_kind("run")}
            found = pages(client.search_runs, size=most + 1, order_by=_NEWEST, **where)
            runs = list(islice(current((run.info.run_id, run.data.tags, run) for run in found), most + 1))
            return latest([_run(run, name) for run in runs[:most]]), len(runs) > most

    def trials(self, run: TrackedRun) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Those of all executions of the run."""
        if not is_run_id(run.run_id):
            return {}
        with asked(self._place) as client:
            experiment = client.get_experiment_by_name(run.name)
            if experiment is None:
                return {}
            wanted = of_kind("trial", run.run_id)
            found = pages(client.search_runs, experiment_ids=[experiment.experiment_id], filter_string=wanted)
            return trials_by_model(
                TrackedTrial(one.info.start_time, one.data.tags, one.data.params, one.data.metrics) for one in found
            )

    def champions(self) -> Mapping[str, str]:
        """Registered model -> version with the champion's alias."""
        with asked(self._place) as client:
            models = list(pages(client.search_registered_models))
            return {model.name: str(model.aliases[CHAMPION]) for model in models if CHAMPION in model.aliases}

    def artefact(self, key: str, path: str) -> bytes | None:
        """Fetched by MLflow."""
        with tempfile.TemporaryDirectory() as folder:
            found = artefact(self._place, key, path, Path(folder))
            return None if found is None else found.read_bytes()


def artefact(place: Destination, key: str, path: str, folder: Path) -> Path | None:
    """An artefact of a run, copied below `folder`; None when the run has none of that name. Raises StoreError."""
    parts = PurePosixPath(path).parts
    if not parts or any(part in ("..", "/") for part in parts):
        raise StoreError(f"{path!r} is no name of an artefact")
    with asked(place) as client:
        listed = client.list_artifacts(key, str(PurePosixPath(*parts[:-1])) if len(parts) > 1 else None)
        if path not in {item.path for item in listed}:
            return None
        return Path(client.download_artifacts(key, path, str(folder)))


def _run(run: Any, name: str) -> TrackedRun:
    times = (run.info.start_time, run.info.end_time)
    return tracked_run(run.info.run_id, name, run.info.status, times, run.data.tags, dict(run.data.metrics))
