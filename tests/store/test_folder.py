"""The store of a project."""

import subprocess
import sys

import pytest

from runner.errors import StoreError
from runner.store.folder import Store
from runner.values.records import RunStatus


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path)


def test_run_folder_has_the_name_and_id(store, tmp_path):
    assert store.run("sales", "0123456789ab").path == tmp_path / "results/runs/sales/0123456789ab"
    assert store.benchmark_path("sales") == tmp_path / "results/benchmarks/sales.json"


def test_store_reads_create_nothing(store, tmp_path):
    store.run("sales", "0123456789ab")
    assert store.runs("sales") == ()
    assert store.names() == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "A", "a b", "x" * 101, "a\n", "-x", ".x"])
def test_run_with_an_unsafe_name_raises(store, name):
    with pytest.raises(StoreError, match="cannot name a folder"):
        store.run(name, "0123456789ab")


def test_runs_are_ordered_by_their_start(store):
    for run_id, started in (("b" * 12, "2024-01-01"), ("a" * 12, "2024-02-01")):
        store.run("sales", run_id).finish(RunStatus(state="finished", started=started))
    assert [run.run_id for run in store.runs("sales")] == ["b" * 12, "a" * 12]
    assert store.names() == ("sales",)


def test_archived_runs_keep_their_ids(store):
    for started in ("2024-01-01", "2024-02-01"):
        store.run("sales", "a" * 12).finish(RunStatus(state="finished", started=started))
        store.run("sales", "a" * 12).archive()
    assert [(run.run_id, run.path.name) for run in store.archived("sales")] == [
        ("a" * 12, f"{'a' * 12}.old-1"),
        ("a" * 12, f"{'a' * 12}.old-2"),
    ]
    assert store.runs("sales") == ()


def test_count_look_counts_each_run_once(store):
    looks = [store.count_look("sales", "k1", run) for run in ("a", "a", "b", "a", "c")]
    assert looks == [1, 1, 2, 2, 3]
    assert store.count_look("sales", "k2", "a") == 1


def test_preflight_on_a_good_folder_leaves_nothing(store, tmp_path):
    store.preflight()
    assert list((tmp_path / "results").iterdir()) == []


def test_preflight_on_a_full_disk_names_the_sizes(store):
    with pytest.raises(StoreError, match=r"results: too little space on the disk \(needed 1e\+06 TB, free "):
        store.preflight(needed=10**18)


def test_preflight_on_a_readonly_folder_names_it(store, tmp_path):
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written or read"):
        store.preflight()


def test_the_store_is_light():
    script = (
        "import sys, runner.store.folder, runner.store.identity, runner.files.redact, runner.track\n"
        "print([m for m in ('numpy', 'pandas', 'mlflow', 'optuna', 'filelock') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"


def test_store_tells_finished_benchmarked_and_with_results_apart(store):
    def make(run_id, started, state, budgets, timestamp=None):
        run = store.run("sales", run_id)
        run.finish(RunStatus(state=state, started=started, budgets=budgets))
        if timestamp:
            run.write_document("benchmark", {"timestamp": timestamp})

    make("a" * 12, "2026-01-01", "finished", ({"trials": 2},), "2026-01-09")
    make("b" * 12, "2026-01-02", "interrupted", ({"trials": 2},), "2026-01-03")
    make("c" * 12, "2026-01-04", "failed", ())
    assert [run.run_id[0] for run in store.finished("sales")] == ["a"]
    assert [run.run_id[0] for run in store.benchmarked("sales")] == ["a", "b"]
    assert [run.run_id[0] for run in store.with_results("sales")] == ["b", "a"]


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\udcff"])
def test_benchmark_of_invalid_json_is_none(store, text):
    path = store.write_benchmark("sales", {"a": 1})
    (path.parent / "Not ours.json").write_text("{}")
    (path.parent / "folder.json").mkdir()
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert store.benchmark("sales") is None
    assert store.benchmark_names() == ("sales",)


def test_document_nested_too_deep_is_set_aside(store):
    run = store.run("sales", "a" * 12)
    path = run.write_document("benchmark", {})
    path.write_text("[" * 100_000)
    assert run.document("benchmark") is None
    assert run.damaged[0].path == path


def test_with_results_ignores_a_document_that_is_a_list(store):
    store.run("sales", "a" * 12).write_document("benchmark", [])
    assert store.with_results("sales") == []
