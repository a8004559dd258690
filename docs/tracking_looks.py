"""What is looked at in MLflow for each line of the table in docs/tracking.md.

Each takes a run, returns what is found in the words of the page, and raises AssertionError or LookupError when it is
not as promised.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml
from tracking_run import Held

Look = Callable[[Held], str]


def names(run: Held) -> str:
    parent, name = run.parent.info.run_name, run.experiment.name
    stamp = parent.removeprefix(f"{name}-")
    assert re.fullmatch(r"\d{8}-\d{6}", stamp), parent
    assert {model.info.run_name for model in run.models.values()} == {f"{model}-{stamp}" for model in run.models}
    return f"`{parent}`, `{run.models[run.best].info.run_name}`, `{run.trial.info.run_name}`"


def nesting(run: Held) -> str:
    parent = run.parent.info.run_id
    assert {model.data.tags["mlflow.parentRunId"] for model in run.models.values()} == {parent}
    for name, trials in run.trials.items():
        assert {trial.data.tags["mlflow.parentRunId"] for trial in trials} <= {run.models[name].info.run_id}
    ranked = [row["model_name"] for row in run.results["results"]]
    assert sorted(ranked) == sorted(run.models)
    counts = {
        name: sum((row["trials"] or {}).values()) for name, row in zip(ranked, run.results["results"], strict=True)
    }
    assert counts == {name: len(run.trials[name]) for name in ranked}
    return f"1 parent, {len(run.models)} models, {sum(counts.values())} trials"


def statuses(run: Held) -> str:
    said = {"complete": "FINISHED", "pruned": "KILLED", "fail": "FAILED"}
    runs = [trial for trials in run.trials.values() for trial in trials]
    for trial in runs:
        assert trial.info.status == said[trial.data.tags["run_spec.state"]]
        assert trial.info.status == "FINISHED" or trial.data.tags["run_spec.reason"]
    for row in run.results["results"]:
        assert run.models[row["model_name"]].info.status == ("FINISHED" if row["status"] == "ok" else "FAILED")
    assert run.parent.info.status == "FINISHED"
    counts = Counter(trial.info.status for trial in runs)
    return ", ".join(f"{count} trials {status}" for status, count in sorted(counts.items()))


def durations(run: Held) -> str:
    for trials in run.trials.values():
        for trial in trials:
            assert abs(trial.info.end_time - trial.info.start_time - 1000 * trial.data.metrics["seconds"]) <= 1
            assert run.parent.info.start_time <= trial.info.start_time
    spans = {name: one.info.end_time - one.info.start_time for name, one in run.models.items()}
    whole = run.parent.info.end_time - run.parent.info.start_time
    assert 0 < max(spans.values()) <= whole
    return f"run {whole / 1000:.0f} s, `{run.tuned}` {spans[run.tuned] / 1000:.0f} s, its trial {_seconds(run.trial)}"


def _seconds(run: Any) -> str:
    return f"{(run.info.end_time - run.info.start_time) / 1000:.1f} s"


def spec_params(run: Held) -> str:
    params = run.parent.data.params
    assert params["forecast.horizon"] == str(run.spec["forecast"]["horizon"])
    assert params["study.budget.trials"] == str(run.spec["study"]["budget"]["trials"])
    assert {f"models.{name}.use" for name in run.models} <= params.keys()
    return f"{len(params)} parameters: `forecast.horizon` {params['forecast.horizon']}, ..."


def model_params(run: Held) -> str:
    won, asked = run.models[run.tuned].data.params, run.trial.data.params
    assert won["use"] == run.models[run.tuned].data.tags["model_kind"]
    assert all(won[key] == value for key, value in asked.items() if key in won)
    return ", ".join(f"`{key}` {value}" for key, value in sorted(asked.items()))


def scores(run: Held) -> str:
    for row in run.results["results"]:
        metrics = run.models[row["model_name"]].data.metrics
        assert {name: metrics[name] for name, value in row["scores"].items() if value is not None} == {
            name: value for name, value in row["scores"].items() if value is not None
        }
    best = run.models[run.best].data.metrics
    shared = {
        name: value
        for name, value in best.items()
        if name in run.parent.data.metrics and name in run.results["results"][0]["scores"]
    }
    assert shared
    assert all(run.parent.data.metrics[name] == value for name, value in shared.items())
    return ", ".join(f"`{name}` {value:.4g}" for name, value in shared.items())


def tuned(run: Held) -> str:
    metric = run.results["metric"]
    value = run.models[run.tuned].data.metrics[f"tuning_{metric}"]
    assert value == run.trial.data.metrics["value"] == run.trial.data.metrics[metric]
    return f"`tuning_{metric}` of `{run.tuned}` {value:.4g}, the `value` of its trial"


def windows(run: Held) -> str:
    key = f"windows/{run.results['metric']}"
    names = [window["name"] for window in run.results["windows"]]
    test = run.series(run.models[run.best], key)
    tuning = run.series(run.trial, key)
    assert test == list(range(1, 1 + sum(name.startswith("test") for name in names)))
    assert tuning == list(range(1, 1 + sum(name.startswith("tuning") for name in names)))
    return f"`{key}` at {test} and {tuning}"


def curve(run: Held) -> str:
    steps = run.series(run.trial, "curve")
    assert steps == sorted(set(steps))
    assert steps
    return f"{len(steps)} points from {steps[0]} to {steps[-1]} rounds"


def timings(run: Held) -> str:
    metrics = run.models[run.tuned].data.metrics
    known = {name: metrics[name] for name in ("tuning_time", "training_time", "prediction_time")}
    total = {name: run.parent.data.metrics[f"total_{name}"] for name in known}
    assert all(total[name] >= known[name] > 0 for name in known)
    assert run.series(run.models[run.tuned], "windows/training_time")
    return ", ".join(f"`{name}` {value:.3g} s" for name, value in known.items())


def data(run: Held) -> str:
    files = run.environment["data"]
    found = {i.dataset.name: i.dataset for i in run.parent.inputs.dataset_inputs}
    for name, sha256 in files.items():
        assert found[name].digest == sha256[:36]
        assert json.loads(found[name].source)["sha256"] == sha256
    return ", ".join(f"`{name}` `{sha256[:12]}...`" for name, sha256 in files.items())


def schema(run: Held) -> str:
    data = next(i.dataset for i in run.parent.inputs.dataset_inputs if i.dataset.schema)
    columns = {column["name"]: column["type"] for column in json.loads(data.schema)["mlflow_colspec"]}
    assert columns[run.spec["data"]["target"]] == "double"
    return f"{len(columns)} columns, {json.loads(data.profile)['num_rows']:,} rows"


def kind_of_experiment(run: Held) -> str:
    tags = run.experiment.tags
    assert tags["mlflow.note.content"] == run.spec["description"]
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    return tags["mlflow.note.content"]


def shelf(run: Held) -> str:
    name = run.experiment.name
    (version,) = run.client.search_model_versions(f"run_id='{run.models[run.best].info.run_id}'")
    assert run.client.get_registered_model(name).description
    assert version.tags["run_spec.model"] == run.best
    assert version.tags["run_spec.execution"] == run.parent.data.tags["run_spec.execution"]
    return version.description.replace("|", "\\|")


def tags(*names: str) -> Look:
    def look(run: Held) -> str:
        tags = run.parent.data.tags
        assert all(tags[name] for name in names)
        return ", ".join(f"`{_short(tags[name])}`" for name in names)

    return look


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:12]}..."


def dvc(run: Held) -> str:
    known = run.environment["dvc"]
    assert {key.removeprefix("dvc.") for key in run.parent.data.tags if key.startswith("dvc.")} == set(known)
    return ", ".join(f"`{_short(value)}`" for value in known.values()) or "none: its data is not under DVC"


def own_tags(run: Held) -> str:
    own = run.spec["tracking"]["tags"]
    assert own
    assert own.items() <= run.parent.data.tags.items()
    return ", ".join(f"`{key}: {value}`" for key, value in own.items())


def artifact(pattern: str) -> Look:
    def look(run: Held) -> str:
        folder = pattern.rpartition("/")[0] or None
        found = [file for file in run.files(run.parent, folder) if fnmatch(file, pattern)]
        assert found
        return f"`{found[0]}`" + (f" and {len(found) - 1} more" if len(found) > 1 else "")

    return look


def model(run: Held) -> str:
    for model in run.models.values():
        if model.info.status == "FINISHED":
            assert {"model/MLmodel", "model/requirements.txt", "model/input_example.json"} <= {
                *run.files(model, "model")
            }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(run.client.download_artifacts(run.models[run.best].info.run_id, "model", folder))
        document = yaml.safe_load((path / "MLmodel").read_text("utf-8"))
        files = [file for file in path.rglob("*") if file.is_file()]
        assert all("==" in line for line in (path / "requirements.txt").read_text("utf-8").split())
    assert document["signature"]["inputs"]
    assert document["signature"]["outputs"]
    assert document["saved_input_example_info"]
    assert not [file for file in files if file.suffix in (".pkl", ".pickle", ".joblib")]
    native = sorted(file.name for file in files if file.parent.parent.name == "members" and file.name != "meta.json")
    return f"`model/MLmodel`, {', '.join(f'`{name}`' for name in native)}, `manifest.json`"


def registered(run: Held) -> str:
    versions = run.client.search_model_versions(f"name='{run.experiment.name}'")
    mine = [version for version in versions if version.run_id == run.models[run.best].info.run_id]
    assert len(mine) == 1
    return f"version {mine[0].version} of `{mine[0].name}` is `{run.best}`"


def notes(run: Held) -> str:
    whole = run.parent.data.tags["mlflow.note.content"]
    assert whole.startswith(run.spec["description"])
    assert all(f"\n| {name}" in whole for name in (model.replace("_", "\\_") for model in run.models))
    return run.models[run.tuned].data.tags["mlflow.note.content"].replace("|", "\\|")


def user(run: Held) -> str:
    runs = [run.parent, *run.models.values(), run.trial]
    assert not [one for one in runs if "mlflow.user" in one.data.tags or one.info.user_id != "unknown"]
    return "not said; a team that wants it sets `tracking.tags`"
