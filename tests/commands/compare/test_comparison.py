"""One table over experiments, the same from files and from MLflow."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from runner.cli import main
from runner.commands.compare import Form, compare, rows, write_table
from runner.errors import StoreError, UsageError
from runner.results.document import BenchmarkDocument, benchmark_document
from runner.store.folder import Store
from runner.values.records import Comparison, ModelResult, RunStatus, Scoreboard
from runner.values.section import FrozenMap

METRICS = {"wape": 0.1, "mape": 0.2, "rmse": 30.0, "mae": 10.0, "directional_accuracy": 0.5}


def _document(name: str = "sales", run_id: str = "0123456789ab", wape: float = 0.1) -> BenchmarkDocument:
    best = ModelResult(
        model="lightgbm", kind="lightgbm", status="ok", scores={**METRICS, "wape": wape}, gain=1 - wape / 0.2,
        trials={"complete": 3, "pruned": 1}, tuning_seconds=8.0, fit_seconds=2.0, predict_seconds=0.5,
    )  # fmt: skip
    base = ModelResult(model="naive", kind="naive", status="ok", scores={**METRICS, "wape": 0.2}, gain=0.0)
    hole = ModelResult(model="cat|boost", kind="catboost", status="failed", reason="no memory")
    test = Comparison(model="naive", against="lightgbm", statistic=2.5, p_value=0.01, significant=True)
    board = Scoreboard(
        metric="wape", direction="lower", baseline="naive", results=(best, base, hole), comparisons=(test,)
    )
    return benchmark_document(
        board, timestamp="2024-03-01T12:00:00+00:00", name=name, description="", run_id=run_id, dataset="a.csv",
        n_series=3, windows=(),
    )  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two experiments, the first with an earlier run."""
    store = Store(tmp_path)
    for document, started in ((_document(run_id="a" * 12, wape=0.15), "2024-01"), (_document(), "2024-02")):
        folder = store.run("sales", document.run_id)
        folder.begin(RunStatus(state="finished", started=f"{started}-01T00:00:00+00:00"))
        folder.write_document("benchmark", document.model_dump(mode="json"))
    store.write_benchmark("sales", _document().model_dump(mode="json"))
    store.write_benchmark("rides", _document("rides").model_dump(mode="json"))
    return tmp_path


def test_rows_have_score_gain_significance_and_cost() -> None:
    best, base, hole = rows(_document())
    assert (best.rank, best.score, best.gain, best.trials) == (1, 0.1, 0.5, 4)
    assert (best.tuning_seconds, best.training_seconds, best.prediction_seconds) == (8.0, 2.0, 0.5)
    assert (base.p_value, base.significant, best.significant) == (0.01, True, None)
    assert (hole.rank, hole.score, hole.reason) == (None, None, "no memory")


def test_compare_without_targets_shows_every_experiment(root: Path) -> None:
    assert [(row.experiment, row.run_id) for row in compare(root, [])][::3] == [
        ("rides", "0123456789ab"), ("sales", "0123456789ab"),
    ]  # fmt: skip


def test_compare_with_every_lists_all_runs(root: Path) -> None:
    assert [row.run_id for row in compare(root, ["sales"], every=True)][::3] == ["a" * 12, "0123456789ab"]


def test_compare_accepts_run_ids_and_files(root: Path) -> None:
    assert {row.score for row in compare(root, ["a" * 12])} == {0.15, 0.2, None}
    file = root / "results" / "benchmarks" / "rides.json"
    assert {row.experiment for row in compare(root, [str(file)])} == {"rides"}


def test_compare_shows_repeated_targets_once(root: Path) -> None:
    assert len(compare(root, ["sales", "sales", "0123456789ab"])) == 3


def test_compare_without_results_raises(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(UsageError, match="weather: there are no results"):
        compare(root, ["weather"])
    with pytest.raises(UsageError, match="there are no results yet"):
        compare(tmp_path_factory.mktemp("empty"), [])
    (root / "results" / "benchmarks" / "broken.json").write_text("{}")
    with pytest.raises(StoreError, match="not a results document of this version"):
        compare(root, ["broken"])


def test_compare_after_only_set_runs_says_why(root: Path) -> None:
    budgets = (FrozenMap({"trials": 1}),)
    folder = Store(root).run("trips", "c" * 12)
    folder.finish(RunStatus(state="finished", budgets=budgets, overrides=("study.sampler.seed=9",)))
    folder.write_document("benchmark", _document("trips", "c" * 12).model_dump(mode="json"))
    with pytest.raises(UsageError, match=r"run cccccccccccc was made with --set.*run-spec compare --runs trips"):
        compare(root, ["trips"])
    assert {row.run_id for row in compare(root, ["trips"], every=True)} == {"c" * 12}


def test_write_table_json_and_csv_agree(root: Path) -> None:
    found = compare(root, [])
    as_json = json.loads(write_table(found, "json"))
    as_csv = list(csv.DictReader(io.StringIO(write_table(found, "csv"))))
    assert [float(row["wape"]) if row["wape"] else None for row in as_csv] == [r["scores"].get("wape") for r in as_json]
    assert [row["significant"] for row in as_csv][:3] == ["", "true", ""]
    assert as_csv[2]["reason"] == "no memory"


def test_write_table_markdown_escapes_names(root: Path) -> None:
    lines = write_table(compare(root, ["rides"]), "markdown").splitlines()
    assert {line.replace("\\|", "").count("|") for line in lines} == {lines[0].count("|")}
    assert "cat\\|boost" in lines[-1]


def test_write_table_text_shows_runs_where_needed(root: Path) -> None:
    one, several = write_table(compare(root, []), "text"), write_table(compare(root, ["sales"], every=True), "text")
    assert "0123456789ab" not in one
    assert several.count("0123456789ab") == 3
    assert "+50.0%" in one
    assert "0.01 *" in one


def test_compare_without_a_store_raises(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(StoreError, match="nothing there yet; `run-spec sync` delivers"):
        compare(root, [], source="mlflow")


def test_compare_reports_a_broken_document_and_continues(root: Path) -> None:
    folder = root / "results" / "benchmarks"
    for name, text in (("aa", "{"), ("bb", "[" * 100_000), ("cc", "[]")):
        (folder / f"{name}.json").write_text(text)
    told: list[StoreError] = []
    assert [row.experiment for row in compare(root, [], on_broken=told.append)][::3] == ["rides", "sales"]
    assert [str(error).partition(": ")[0] for error in told] == [
        str(folder / f"{name}.json") for name in ["aa", "bb", "cc"]
    ]
    with pytest.raises(
        StoreError, match=r"aa\.json: this is not a results document of this version; hint: run its spec"
    ):
        compare(root, [])


def test_compare_command_with_broken_document_returns_5(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "pyproject.toml").touch()
    (root / "results" / "benchmarks" / "aa.json").write_text("{")
    monkeypatch.chdir(root)
    assert main(["compare", "--format", "json"]) == 5
    out, err = capsys.readouterr()
    assert {row["experiment"] for row in json.loads(out)} == {"rides", "sales"}
    assert err.count("\n") == 1
    assert "aa.json" in err
    assert main(["compare", "aa"]) == 5
    assert capsys.readouterr().out == ""


def test_write_table_escapes_control_characters(root: Path) -> None:
    odd = "a\x1b[31m\0\n\u202eb\x9b\ud800"
    document = _document("odd").model_dump(mode="json")
    document["results"][0]["model_name"] = odd
    document["results"][1]["model_name"] = "x" * 10_000
    document["results"][1]["gain"] = 1e300
    document["name"] = odd
    (root / "results" / "benchmarks" / "odd.json").write_text(json.dumps(document))
    found = compare(root, ["odd"])
    forms: tuple[Form, ...] = ("text", "markdown", "csv", "json")
    for form in forms:
        text = write_table(found, form)
        assert all(sign.isprintable() or sign == "\n" for sign in text), form
        text.encode()
    assert len(write_table(found, "text").splitlines()) == 4
    assert max(map(len, write_table(found, "text").splitlines())) < 400
    assert len(write_table(found, "csv").splitlines()) == 4
    assert json.loads(write_table(found, "json"))[0]["model"] == odd
