"""What is old and of no more use goes; what counts, or what nobody can judge, stays."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType

from runner.cli import main
from runner.commands.tidy import Item, Survey, clear, parse_age, survey
from runner.errors import StoreError, UsageError
from runner.store.folder import Store
from runner.store.lock import lock
from runner.track.client import open_client
from runner.track.destination import Destination, destination
from runner.values.records import RunStatus, Scoreboard

DAY = timedelta(days=1)
OLD, NEW = "0123456789ab", "ba9876543210"


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _run(store: Store, run_id: str, state: str = "finished", days: float = 60, **more: object) -> Path:
    moment = (datetime.now(UTC) - days * DAY).isoformat(timespec="seconds")
    folder = store.run("sales", run_id)
    folder.begin(RunStatus(state=state, started=moment, finished=moment if state == "finished" else None, **more))
    return folder.path


def _found(store: Store, days: float = 30) -> list[tuple[str, str]]:
    return [(item.path.name if item.path else item.name, item.reason) for item in _survey(store, days).items]


def _survey(store: Store, days: float = 30) -> Survey:
    return survey(store.root, days * DAY)


def test_old_interrupted_run_is_listed(store: Store) -> None:
    _run(store, OLD, "interrupted")
    _run(store, NEW, "interrupted", days=20)
    _run(store, "c" * 12, "running", pid=os.getpid())
    _run(store, "d" * 12, "running", pid=2**22 + 1)
    assert _found(store) == [(OLD, "interrupted"), ("d" * 12, "interrupted")]


def test_superseded_run_is_listed(store: Store) -> None:
    _run(store, OLD)
    _run(store, NEW)
    store.write_benchmark("sales", {"run_id": NEW})
    assert _found(store) == [(OLD, "superseded by a later run")]


def test_run_with_set_is_not_called_superseded(store: Store) -> None:
    _run(store, OLD)
    _run(store, NEW, overrides=("study.sampler.seed=9",))
    store.write_benchmark("sales", {"run_id": OLD})
    assert _found(store) == [(NEW, f"a run with --set; the results are of {OLD}")]


def test_run_with_newer_results_is_not_superseded(store: Store) -> None:
    for run_id, day in ((OLD, "01"), (NEW, "02")):
        _run(store, run_id)
        store.run("sales", run_id).write_document("benchmark", {"run_id": run_id, "timestamp": f"2024-01-{day}"})
    store.write_benchmark("sales", {"run_id": OLD, "timestamp": "2024-01-01"})
    assert _found(store) == [(NEW, f"the results are of {OLD}")]


def test_last_finished_run_without_document_stays(store: Store) -> None:
    _run(store, OLD, days=60)
    _run(store, NEW, days=50)
    assert _found(store) == [(OLD, "superseded by a later run")]


def _archived(store: Store, run_id: str, state: str = "finished", **more: object) -> Path:
    path = _run(store, run_id, state, **more)
    return path.rename(path.with_name(f"{run_id}.old-1"))


def test_archived_run_with_later_results_is_listed(store: Store) -> None:
    _archived(store, OLD)
    assert _found(store) == [], "these are the only results there are"
    _run(store, NEW)
    assert _found(store) == [(f"{OLD}.old-1", "archived by --force")]


def test_archived_run_with_current_results_stays(store: Store) -> None:
    before = _archived(store, OLD)
    (before / "benchmark.json").write_text('{"timestamp": "2024-01-01"}')
    after = _run(store, OLD, "interrupted")
    store.write_benchmark("sales", {"run_id": OLD, "timestamp": "2024-01-01"})
    assert _found(store) == [(OLD, "interrupted")]
    (after / "benchmark.json").write_text('{"timestamp": "2024-02-02"}')
    store.write_benchmark("sales", {"run_id": OLD, "timestamp": "2024-02-02"})
    assert _found(store) == [(f"{OLD}.old-1", "archived by --force")]


def test_interrupted_larger_budget_with_results_stays(store: Store) -> None:
    _run(store, OLD, "interrupted", budgets=({"trials": 2},))
    assert _found(store) == [], "without a results document its own are the last"
    store.write_benchmark("sales", {"run_id": OLD})
    assert _found(store) == []
    _run(store, NEW)
    store.write_benchmark("sales", {"run_id": NEW})
    assert _found(store) == [(OLD, "superseded by a later run")]


def test_run_on_other_machine_stays(store: Store) -> None:
    _run(store, OLD, "running", pid=2**22 + 1, host="somewhere.else")
    assert _found(store) == []
    _run(store, OLD, "interrupted", pid=2**22 + 1, host="somewhere.else")
    assert _found(store) == [(OLD, "interrupted")]


SPEC = {
    "study": {"sampler": {"seed": 1}},
    "run": {"engine": "local", "workers": 1},
    "tracking": {"tags": {}, "trials": "all", "register": "none", "server": {"env": "MLFLOW_TRACKING_URI"}},
}
BOARD = Scoreboard(metric="mae", direction="lower", baseline="naive", results=())


def test_what_is_not_delivered_stays_whatever_its_kind(store: Store) -> None:
    paths = [_archived(store, OLD), _run(store, OLD, "interrupted"), _run(store, "c" * 12)]
    _run(store, NEW)
    store.write_benchmark("sales", {"run_id": NEW})
    for path in paths:
        (path / "spec.resolved.json").write_text(json.dumps(SPEC))
        (path / "scoreboard.json").write_text(BOARD.model_dump_json())
    found = _survey(store)
    assert found.items == ()
    assert [note.partition(" events pending; ")[2] for note in found.notes] == [
        "delete it by hand, since an archived run is not delivered",
        "`run-spec sync` delivers them",
        "`run-spec sync` delivers them",
    ]


def test_run_with_unreadable_records_stays(store: Store) -> None:
    folder = store.run("sales", OLD)
    _run(store, OLD)
    folder.write_document("spec.resolved", SPEC)
    folder.write_document("scoreboard", {"results": "of an older shape"})
    _run(store, NEW)
    store.write_benchmark("sales", {"run_id": NEW})
    found = _survey(store)
    assert found.items == ()
    assert f"{folder.path}: its records are of another version (ValidationError: " in found.notes[0]


def test_what_is_tagged_keep_stays(store: Store) -> None:
    (_run(store, OLD, "interrupted") / "keep").touch()
    _run(store, NEW, "interrupted")
    store.run("sales", NEW).write_document("spec.resolved", {"tracking": {"tags": {"keep": "yes"}}})
    assert _found(store) == []


def test_cache_entry_unused_for_long_is_deleted(store: Store) -> None:
    for name, days in (("old", 60), ("fresh", 1)):
        entry = store.cache / "tables" / name
        entry.mkdir(parents=True)
        (entry / "x.npy").write_bytes(b"12345")  # a backup has just read it: its access time is now
        then = time.time() - days * 86_400
        os.utime(entry, (then, then))
    (item,) = _survey(store).items
    assert (item.kind, item.path.name if item.path else "", item.bytes) == ("cache", "old", 5)


def test_survey_deletes_nothing_and_clear_everything_listed(store: Store) -> None:
    path, kept = _run(store, OLD, "interrupted"), _run(store, NEW)
    found = _survey(store)
    assert path.exists()
    gone, notes = clear(found)
    assert ([item.path for item in gone], notes) == ([path], [])
    assert not path.exists()
    assert kept.exists()
    assert not list(path.parent.glob(".*"))
    assert _survey(store).items == ()


def test_locked_name_is_not_cleared(store: Store) -> None:
    path = _run(store, OLD, "interrupted")
    with lock(store.lock_path("sales")):
        gone, notes = clear(_survey(store))
    assert gone == []
    assert "1 of sales kept: pid" in notes[0]
    assert path.exists()


@pytest.mark.parametrize("text", ["", "30", "30 days", "-1d", "1w"])
def test_an_age_is_written_with_its_unit(text: str) -> None:
    with pytest.raises(UsageError, match="write 30d, 12h or 10m"):
        parse_age(text)


@pytest.mark.parametrize("text", ["1000000d", "99999999999999d", f"{'9' * 400}d"])
def test_parse_age_too_large_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no age: nothing here is older than 36500d"):
        parse_age(text)


def test_ages_are_what_they_say() -> None:
    assert [parse_age(text) for text in ("30d", "1.5h", "10m", "0s")] == [
        30 * DAY, timedelta(hours=1.5), timedelta(minutes=10), timedelta(),
    ]  # fmt: skip


class Tracked:
    """Runs at a tracking store, each two days old."""

    def __init__(self, client: MlflowClient, artifacts: Path | None = None) -> None:
        self.client = client
        self.experiment = client.create_experiment("sales", (artifacts / "sales").as_uri() if artifacts else None)
        self.long_ago = round((time.time() - 2 * 86_400) * 1000)

    def run(self, kind: str, parent: str | None = None, status: str = "FINISHED", **tags: str) -> str:
        ours = {"run_spec.kind": kind, "run_spec.run_id": OLD, **{k.replace("__", "."): v for k, v in tags.items()}}
        if parent:
            ours["mlflow.parentRunId"] = parent
        run = self.client.create_run(self.experiment, self.long_ago, ours)
        if status != "RUNNING":
            self.client.set_terminated(run.info.run_id, status, self.long_ago)
        return str(run.info.run_id)

    def family(self, status: str = "FINISHED", **tags: str) -> tuple[str, str, str]:
        parent = self.run("run", None, status, **tags)
        child = self.run("model", parent, status)
        return parent, child, self.run("trial", child, status)

    def register(self, run: str, alias: str | None = None, **tags: str) -> None:
        if not self.client.search_registered_models():
            self.client.create_registered_model("sales")
        source = f"{self.client.get_run(run).info.artifact_uri}/model"
        said = {key.replace("__", "."): value for key, value in tags.items()}
        version = self.client.create_model_version("sales", source, run, said, await_creation_for=0)
        if alias:
            self.client.set_registered_model_alias("sales", alias, version.version)

    def alive(self, view: int = ViewType.ACTIVE_ONLY) -> set[str]:
        return {str(run.info.run_id) for run in self.client.search_runs([self.experiment], run_view_type=view)}


def _tracked(place: Destination) -> Tracked:
    return Tracked(open_client(place), place.artifacts)


def _mlflow_items(root: Path) -> list[Item]:
    return [item for item in survey(root, DAY).items if item.kind == "mlflow"]


def _members(items: list[Item]) -> set[str]:
    return {member for item in items if item.family for member in item.family.members}


@pytest.mark.slow
def test_clear_deletes_old_families_except_champions(tmp_path: Path) -> None:
    tracked = _tracked(destination({}, tmp_path))
    current = tracked.family()
    superseded = tracked.family(run_spec__superseded_by=current[0])
    killed, zombie = tracked.family("KILLED"), tracked.family("RUNNING")
    kept = tracked.family("KILLED", keep="yes")
    champion = tracked.family(run_spec__superseded_by=current[0])
    tracked.register(champion[1], "champion")
    tracked.register(superseded[1])
    other = str(tracked.client.create_run(tracked.experiment, tracked.long_ago).info.run_id)
    tracked.client.delete_experiment(tracked.client.create_experiment("deleted by hand"))

    found = survey(tmp_path, DAY)
    assert _members(list(found.items)) == {*superseded, *killed, *zombie}
    assert "1 registered version without alias" in next(i.reason for i in found.items if "superseded" in i.reason)
    assert len(tracked.alive()) == 19

    clear(found)
    assert tracked.alive() == {*current, *kept, *champion, other}
    assert [str(v.version) for v in tracked.client.search_model_versions("name='sales'")] == ["1"]
    names = {e.name for e in tracked.client.search_experiments(view_type=ViewType.DELETED_ONLY)}
    assert names == {"deleted by hand"}, "what others have deleted is theirs to restore"
    assert _mlflow_items(tmp_path) == []


def _grown(tracked: Tracked) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """An execution that was superseded, and the one after it, whose best model is the version of the first."""
    later = tracked.family(run_spec__execution="2")
    first = tracked.family(run_spec__execution="1", run_spec__superseded_by=later[0])
    tracked.register(first[1], run_spec__run_id=OLD, run_spec__execution="2")
    return first, later


@pytest.mark.slow
def test_version_of_grown_run_keeps_its_files(tmp_path: Path) -> None:
    tracked = _tracked(destination({}, tmp_path))
    first, later = _grown(tracked)
    clear(survey(tmp_path, DAY))
    assert tracked.alive() == {*first, *later}
    third = tracked.family(run_spec__execution="3")
    tracked.client.set_tag(later[0], "run_spec.superseded_by", third[0])
    clear(survey(tmp_path, DAY))
    assert tracked.alive() == set(third), "the third has another best model, so nobody needs the version"
    assert tracked.client.search_model_versions("name='sales'") == []


@pytest.mark.slow
def test_family_of_locked_name_stays(store: Store) -> None:
    tracked = _tracked(destination({}, store.root))
    zombie = tracked.family("RUNNING")
    _run(store, NEW)
    with lock(store.lock_path("sales")):
        gone, notes = clear(survey(store.root, DAY))
    assert gone == []
    assert "1 of sales in MLflow kept: pid" in notes[0]
    assert tracked.alive() == set(zombie)
    gone, notes = clear(survey(store.root, DAY))
    assert _members(gone) == set(zombie)


@pytest.mark.slow
def test_remote_run_age_is_that_of_youngest_child(tmp_path: Path) -> None:
    tracked = _tracked(destination({}, tmp_path))
    resumed, killed = tracked.family("KILLED"), tracked.family("KILLED")
    tracked.client.update_run(resumed[0], "RUNNING")
    assert tracked.client.get_run(resumed[0]).info.end_time == tracked.long_ago
    trial = tracked.run("trial", resumed[1])
    tracked.client.set_terminated(trial, "FINISHED", round(time.time() * 1000))
    assert _members(_mlflow_items(tmp_path)) == set(killed)


@pytest.mark.slow
def test_run_resumed_after_survey_stays(tmp_path: Path) -> None:
    tracked = _tracked(destination({}, tmp_path))
    killed = tracked.family("KILLED")
    found = survey(tmp_path, DAY)
    tracked.client.update_run(killed[0], "RUNNING")
    gone, notes = clear(found)
    assert gone == []
    assert "resumed meanwhile" in notes[0]
    assert tracked.alive() == set(killed)


@pytest.mark.slow
def test_tidy_deletes_runs_and_prints_the_gc_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    tracked = _tracked(destination({}, tmp_path))
    (tmp_path / "note.txt").write_text("12345")
    killed = tracked.family("KILLED")
    for run in killed:
        tracked.client.log_artifact(run, str(tmp_path / "note.txt"))
    assert main(["tidy", "--older-than", "1d", "--yes"]) == 0
    command = capsys.readouterr().out.rpartition("; `")[2].partition("` frees 15 B in MLflow")[0]
    assert tracked.alive(ViewType.DELETED_ONLY) == set(killed)
    assert len(list((tmp_path / "mlruns" / "artifacts").rglob("note.txt"))) == 3
    gc = [sys.executable, "-m", "mlflow", *command.split()[1:]]
    subprocess.run(gc, check=True, capture_output=True, timeout=120)
    assert tracked.alive(ViewType.ALL) == set()
    assert not list((tmp_path / "mlruns" / "artifacts").rglob("note.txt"))


@pytest.mark.slow
def test_tidy_copied_project_is_refused(tmp_path: Path) -> None:
    tracked = _tracked(destination({}, tmp_path / "one"))
    killed = tracked.family("KILLED")
    shutil.copytree(tmp_path / "one" / "mlruns", tmp_path / "two" / "mlruns")
    with pytest.raises(StoreError, match="the project was copied or moved"):
        clear(survey(tmp_path / "two", DAY))
    assert tracked.alive() == set(killed)


@pytest.mark.slow
def test_a_champions_folder_stays_although_it_is_superseded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _run(store, OLD)
    _run(store, NEW)
    store.write_benchmark("sales", {"run_id": NEW})
    tracked = _tracked(destination({}, tmp_path))
    run = tracked.run("model")
    tracked.client.create_registered_model("sales")
    version = tracked.client.create_model_version(
        "sales", "file:///nowhere", run, {"run_spec.run_id": OLD}, await_creation_for=0
    )
    assert _found(store) == [(OLD, "superseded by a later run")]
    tracked.client.set_registered_model_alias("sales", "champion", version.version)
    assert _found(store) == []


@pytest.mark.slow
def test_champion_on_server_of_spec_stays(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    folder = store.run("sales", OLD)
    _run(store, OLD)
    folder.write_document("spec.resolved", {"tracking": {"server": {"env": "OTHER_SERVER"}}})
    _run(store, NEW)
    store.write_benchmark("sales", {"run_id": NEW})
    monkeypatch.setenv("OTHER_SERVER", f"sqlite:///{tmp_path_factory.mktemp('other')}/theirs.db")
    monkeypatch.setattr("runner.commands.tidy.prepare_delivery", lambda *_: None)  # all is delivered
    other = _tracked(destination(os.environ, tmp_path, "OTHER_SERVER"))
    other.register(other.run("model"), run_spec__run_id=OLD)
    assert _found(store) == [(OLD, "superseded by a later run")]
    other.client.set_registered_model_alias("sales", "previous", "1")
    assert _found(store) == []
    monkeypatch.setenv("OTHER_SERVER", "http://127.0.0.1:9")
    found = _survey(store)
    assert found.items == ()
    assert "the champion among them is unknown" in found.notes[0]


def test_unreachable_server_keeps_runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(store, OLD)
    _run(store, NEW, "interrupted")
    store.write_benchmark("sales", {"run_id": "c" * 12})
    entry = store.cache / "tables" / "old"
    entry.mkdir(parents=True)
    os.utime(entry, (0, 0))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:hunter2@127.0.0.1:9")
    found = _survey(store)
    assert [item.kind for item in found.items] == ["cache"]
    assert "the champion among them is unknown" in found.notes[0]
    assert "hunter2" not in found.notes[0]
