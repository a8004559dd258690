"""A run as MLflow has it, with the documents that were delivered, for the table in docs/tracking.md."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from runner.track.client import pages
from runner.track.tags import BEST_MODEL, KIND, RUN_ID, TRIAL


@dataclass(frozen=True)
class Held:
    """A run as MLflow has it, and the documents that were delivered with it."""

    client: MlflowClient
    experiment: Any
    parent: Any
    models: dict[str, Any]
    trials: dict[str, list[Any]]
    spec: dict[str, Any]
    environment: dict[str, Any]
    results: dict[str, Any]

    @property
    def best(self) -> str:
        return str(self.parent.data.tags[BEST_MODEL])

    @property
    def tuned(self) -> str:
        """A model that was tuned."""
        return next(name for name, trials in self.trials.items() if trials)

    @property
    def trial(self) -> Any:
        """The trial of that model that won."""
        number = self.models[self.tuned].data.tags[TRIAL]
        return next(run for run in self.trials[self.tuned] if run.data.tags[TRIAL] == number)

    def files(self, run: Any, folder: str | None = None) -> list[str]:
        return sorted(file.path for file in self.client.list_artifacts(run.info.run_id, folder))

    def series(self, run: Any, key: str) -> list[int]:
        """Steps of a metric."""
        return [point.step for point in self.client.get_metric_history(run.info.run_id, key)]


def held(root: Path, name: str) -> Held:
    """The latest finished run of an experiment, from the local store of a project."""
    client = MlflowClient(f"sqlite:///{(root / 'mlruns' / 'mlflow.db').resolve().as_posix()}")
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None, f"no experiment {name}"
    runs = list(pages(client.search_runs, experiment_ids=[experiment.experiment_id]))
    parent = max((run for run in runs if _kind(run) == "run"), key=lambda run: run.info.start_time)
    mine = [run for run in runs if run.data.tags[RUN_ID] == parent.data.tags[RUN_ID]]
    models = {run.data.tags["model_name"]: run for run in mine if _kind(run) == "model"}
    trials = {
        name: [run for run in mine if _kind(run) == "trial" and run.data.tags["model_name"] == name] for name in models
    }
    wanted = ("spec.resolved.json", "environment.json", "benchmark.json")
    documents = [_document(client, parent.info.run_id, file) for file in wanted]
    return Held(client, experiment, client.get_run(parent.info.run_id), models, trials, *documents)


def _document(client: MlflowClient, run_id: str, file: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = json.loads(Path(client.download_artifacts(run_id, file, folder)).read_text("utf-8"))
    return found


def _kind(run: Any) -> str:
    return str(run.data.tags.get(KIND, ""))
