"""The main job as a user meets it: run, run again, end it in every way, and go on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from projects import SPEC, Project

from runner.results.document import benchmark_schema

New = Callable[..., Project]
pytestmark = pytest.mark.slow  # each starts the program, and it its workers


def test_a_run_ends_with_a_document_that_its_schema_accepts(finished: Project) -> None:
    document = finished.document()
    jsonschema.validate(document, benchmark_schema())
    rows = {row["model_name"]: row for row in document["results"]}
    assert set(rows) == {"seasonal_naive", "lightgbm", "blend"}
    assert rows["lightgbm"]["trials"] == {"complete": 4}
    assert rows["seasonal_naive"]["gain"] == 0
    assert sum(rows["blend"]["weights"].values()) == pytest.approx(1)
    assert {row["n_cells"] for row in rows.values()} == {36}
    assert all(row["mape"] is not None and row["scores"]["pinball"] is not None for row in rows.values())


def test_a_run_leaves_a_folder_that_explains_itself(finished: Project) -> None:
    (run,) = finished.runs()
    assert (run / "spec.yaml").read_text() == SPEC
    assert json.loads((run / "plan.json").read_text())["fits"] == 13
    assert (run / "plots" / "scoreboard.png").read_bytes().startswith(b"\x89PNG")
    assert (run / "models" / "lightgbm" / "model.txt").read_text().startswith("tree")
    forecasts = pq.read_table(run / "forecasts" / "lightgbm.parquet")
    assert forecasts.num_rows == 5 * 3 * 4  # windows, series, steps
    assert {"series", "window", "cutoff", "time", "step", "y", "forecast", "q0.1", "q0.9"} <= set(
        forecasts.column_names
    )
    assert not list(finished.root.rglob("*.pkl"))


def test_the_same_command_again_fits_nothing_and_says_so(finished: Project) -> None:
    before = {path: path.stat().st_mtime_ns for path in (finished.runs()[0] / "studies").rglob("*")}
    done = finished("small.yaml")
    assert done.code == 0
    assert "Nothing to do: the run is finished" in done.out
    assert "blend" in done.out
    assert {path: path.stat().st_mtime_ns for path in (finished.runs()[0] / "studies").rglob("*")} == before


def test_derived_files_that_are_missing_are_made_again(finished: Project) -> None:
    document = finished.document()
    (finished.root / "results" / "benchmarks" / "small.json").unlink()
    done = finished("small.yaml")
    assert "made again: results/benchmarks/small.json" in done.out
    assert finished.document() == document


def test_a_run_that_was_tried_out_is_the_experiments_own_once_its_spec_says_the_same(new_project: New) -> None:
    project = new_project(SPEC + "tracking: {register: best}\n")
    assert project("small.yaml", "--set", "run.workers=2").code == 0
    (status,) = project.root.rglob("status.json")
    assert json.loads(status.read_text())["record"]["overrides"] == ["run.workers=2"]
    assert not (project.root / "results" / "benchmarks").exists()
    assert _versions(project) == 0
    done = project("small.yaml")
    assert "Nothing to do" in done.out
    assert json.loads(status.read_text())["record"]["overrides"] == []
    assert project.document()["run_id"] == status.parent.name
    assert _versions(project) == 1


def _versions(project: Project) -> int:
    """How many versions of models are registered."""
    with closing(sqlite3.connect(project.root / "mlruns" / "mlflow.db")) as store:
        return store.execute("SELECT COUNT(*) FROM model_versions").fetchone()[0]


def _harmed(finished: Project, tmp_path: Path, name: str, harm: str) -> tuple[Project, Path, bytes]:
    """A copy of a finished project with one file of its run gone or halved; that file, and what was in it."""
    project = Project(_copy(finished, tmp_path))
    file = project.runs()[0] / name
    before = file.read_bytes()
    file.unlink() if harm == "gone" else file.write_bytes(before[: len(before) // 2])
    return project, file, before


@pytest.mark.parametrize(("name", "harm"), [("scoreboard.json", "gone"), ("series_scores.parquet", "halved")])
def test_what_only_the_records_can_make_again_is_made_of_them_without_a_fit(
    finished: Project, tmp_path: Path, name: str, harm: str
) -> None:
    project, file, before = _harmed(finished, tmp_path, name, harm)
    done = project("small.yaml")
    assert done.code == 0, done.err
    assert json.loads(file.read_text()) == json.loads(before) if name.endswith("json") else file.read_bytes() == before
    assert project.trials() == finished.trials()
    assert [row["windows"] for row in project.document()["results"]] == [  # with the seconds of their fits
        row["windows"] for row in finished.document()["results"]
    ]
    assert "Nothing to do" in project("small.yaml").out


@pytest.mark.parametrize(
    ("name", "harm"),
    [("plan.json", "halved"), ("report.html", "halved"), ("plots/scoreboard.png", "gone"), ("derived.json", "halved")],
)
def test_a_damaged_file_of_a_finished_run_is_made_again_the_same(
    finished: Project, tmp_path: Path, name: str, harm: str
) -> None:
    project, file, before = _harmed(finished, tmp_path, name, harm)
    done = project("small.yaml")
    assert "Nothing to do" in done.out
    assert f"made again: results/runs/small/{file.parents[len(Path(name).parts) - 1].name}/" in done.out
    assert file.read_bytes() == before
    assert "made again" not in project("small.yaml").out


def test_of_a_damaged_environment_what_the_run_proves_is_kept_and_the_rest_said_to_be_lost(
    finished: Project, tmp_path: Path
) -> None:
    project = Project(_copy(finished, tmp_path))
    file = project.runs()[0] / "environment.json"
    before = json.loads(file.read_text())
    file.write_text("[]")
    assert "its Python, platform and commit are not known any more" in project("small.yaml").err
    now = json.loads(file.read_text())
    assert now == {
        **{key: before[key] for key in ("data", "code", "libraries", "plugins")},
        "versions": now["versions"],
    }
    assert now["versions"].items() < before["versions"].items()
    assert "python was absent" in project("reproduce", "small", "--check").out


def _copy(project: Project, root: Path) -> Path:
    return shutil.copytree(project.root, root / "copy")


def test_json_is_the_document_and_nothing_else(finished: Project) -> None:
    assert json.loads(finished("small.yaml", "--json").out) == finished.document()


def test_a_run_with_overrides_writes_only_its_own_folder(finished: Project) -> None:
    document = finished.document()
    done = finished("small.yaml", "--set", "forecast.horizon=3", "--set", "study.budget.trials=1")
    assert done.code == 0
    assert "results   none: a run with --set writes its own folder only" in done.out
    assert finished.document() == document
    assert len(finished.runs()) == 2
    shutil.rmtree(next(run for run in finished.runs() if run.name != document["run_id"]))


def test_a_grown_budget_goes_on_and_keeps_what_is_done(new_project: New, finished: Project) -> None:
    project = new_project(SPEC.replace("trials: 4", "trials: 2"))
    assert project("small.yaml").code == 0
    first = project.trials()
    project.spec.write_text(SPEC)
    assert project("small.yaml").code == 0
    assert len(project.runs()) == 1
    assert {number: record for number, record in project.trials().items() if number in first} == first
    assert project.trials() == finished.trials()


@pytest.mark.parametrize("trials", [1, 3])
def test_a_run_killed_after_any_trial_goes_on_to_the_same_records(
    new_project: New, finished: Project, trials: int
) -> None:
    project = new_project()
    process = project.start("small.yaml")
    _wait_for_trials(project, trials)
    process.kill()
    process.communicate()
    done = project("small.yaml")
    assert done.code == 0, done.err
    assert project.trials() == finished.trials()
    scores = [(row["model_name"], row["scores"]) for row in project.document()["results"]]
    assert scores == [(row["model_name"], row["scores"]) for row in finished.document()["results"]]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_changes_no_record_and_no_score(
    new_project: New, finished: Project, workers: int
) -> None:
    project = new_project(SPEC + f"run: {{workers: {workers}}}\n")
    assert project("small.yaml").code == 0
    assert project.trials() == finished.trials()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_softly_and_the_same_command_goes_on(
    new_project: New, finished: Project, number: int, code: int
) -> None:
    project = new_project()
    process = project.start("small.yaml")
    _wait_for_trials(project, 1)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "the same command resumes" in err
    status = json.loads((project.runs()[0] / "status.json").read_text())
    assert "interrupted" in json.dumps(status)
    assert project("small.yaml").code == 0
    assert project.trials() == finished.trials()


def test_a_signal_to_the_whole_group_is_no_fault_of_a_trial(new_project: New, finished: Project) -> None:
    project = new_project()
    process = project.start("small.yaml", own_group=True)
    _wait_for_trials(project, 1)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert project("small.yaml").code == 0
    assert project.trials() == finished.trials()


def test_a_smaller_budget_and_back_again_shows_the_results_of_each(new_project: New) -> None:
    project = new_project()
    assert project("small.yaml").code == 0
    whole = project.document()["results"]
    project.spec.write_text(SPEC.replace("trials: 4", "trials: 2"))
    assert project("small.yaml").code == 0
    assert {row["model_name"]: row["trials"] for row in project.document()["results"]}["lightgbm"] == {"complete": 2}
    project.spec.write_text(SPEC)
    assert project("small.yaml").code == 0
    assert [(r["model_name"], r["trials"]) for r in project.document()["results"]] == [
        (r["model_name"], r["trials"]) for r in whole
    ]


def test_a_second_run_of_the_same_name_is_told_who_is_at_it(new_project: New) -> None:
    project = new_project()
    process = project.start("small.yaml")
    _wait_for_trials(project, 0)
    second = project("small.yaml")
    assert second.code == 75
    assert f"pid {process.pid} on host" in second.err
    process.kill()
    process.communicate()


def test_a_model_that_cannot_be_fitted_is_a_hole_and_its_blend_too(new_project: New) -> None:
    project = new_project(SPEC.replace("params: {min_data_in_leaf: 3}", "params: {objective: poisson, max_bin: 1}"))
    done = project("small.yaml")
    assert done.code == 4
    rows = {row["model_name"]: row for row in project.document()["results"]}
    assert rows["lightgbm"]["status"] == rows["blend"]["status"] == "failed"
    assert rows["lightgbm"]["mape"] is None
    assert "trials failed" in rows["lightgbm"]["reason"]
    assert "lightgbm failed" in rows["blend"]["reason"]
    assert project("small.yaml").code == 4, "a no-op repeats the recorded code"


def test_a_model_whose_worker_was_killed_is_a_hole_until_the_next_command(new_project: New, finished: Project) -> None:
    other = "models:\n  other: {use: lightgbm, params: {min_data_in_leaf: 3, learning_rate: 0.1}}\n"
    project = new_project(SPEC.replace("models:\n", other) + "run: {workers: 1, retries: 0}\n")
    with project.start("small.yaml") as process:
        for line in process.stderr or ():
            if line.startswith("seasonal_naive on the test windows"):
                _kill_the_worker(process.pid)
    assert process.returncode == 3
    rows = {row["model_name"]: row for row in project.document()["results"]}
    assert [name for name, row in rows.items() if row["status"] == "failed"] == ["lightgbm", "blend"]
    assert "worker" in rows["lightgbm"]["reason"]
    again = project("small.yaml")
    assert again.code == 0, again.err
    assert " trial " not in again.err
    assert "seasonal_naive on the test" not in again.err
    scores = {row["model_name"]: row["scores"] for row in project.document()["results"]}
    assert scores.pop("other")
    assert scores == {row["model_name"]: row["scores"] for row in finished.document()["results"]}
    assert "Nothing to do" in project("small.yaml").out


def _kill_the_worker(parent: int) -> None:
    """The one process of that parent which fits models."""
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (place / "stat").read_text().rpartition(")")[2].split()
            if int(told[1]) == parent and b"spawn_main" in (place / "cmdline").read_bytes():
                os.kill(int(place.name), signal.SIGKILL)


def test_a_server_that_is_away_costs_a_line_and_the_next_command_delivers(new_project: New) -> None:
    project = new_project()
    done = project("small.yaml", MLFLOW_TRACKING_URI="http://user:hunter2@127.0.0.1:9")
    assert done.code == 0
    assert "events pending" in done.err
    assert "hunter2" not in done.out + done.err
    again = project("small.yaml")
    assert again.code == 0
    assert (project.root / "mlruns" / "mlflow.db").exists()
    assert not [path for path in project.root.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def _wait_for_trials(project: Project, count: int) -> None:
    until = time.monotonic() + 120
    while True:
        studies: list[Path] = list((project.root / "results" / "runs").rglob("studies/lightgbm/*"))
        found = len(list((project.root / "results" / "runs").rglob("trial-*.json")))
        if studies and found >= count:
            return
        assert time.monotonic() < until
        time.sleep(0.01)
