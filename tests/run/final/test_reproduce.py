"""A recorded run comes out again, and where it does not the first difference is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from forecast_worlds import SPEC, World, finish

from runner.cli import main
from runner.commands.reproduce.originals import board_facts, find_original, identity_differences, trial_facts
from runner.commands.reproduce.rerun import Difference, compare, reproduce
from runner.errors import DataError, UsageError
from runner.track.delivery import deliver, prepare_delivery
from runner.track.run_content import safe_key
from runner.values.records import TrialRecord


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A finished run with a space whose names MLflow does not take as they are, and a clock that did not matter."""
    text = SPEC.replace("learning_rate: {float: [0.05, 0.3]}", "lambda_l1: {zero_or: {float: [0.1, 1]}}")
    text = text.replace("budget: {trials: 2}", "budget: {trials: 2, time: 1h}") + "run: {workers: 1}\n"
    return finish(tmp_path_factory.mktemp("small"), text)


@pytest.fixture
def inside(small: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(small.session.store.root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return small


def test_fact_differences_are_named_in_order() -> None:
    then = {"a value": 0.1, "b": 1, "c": None}
    assert compare(then, dict(reversed(then.items()))) == ()
    first, second, third = compare(then, {"a value": 0.1, "b": 2, "d": 3})
    assert str(first) == "b: 1 then, 2 now"
    assert (second, third) == (Difference("c", None, "absent"), Difference("d", "absent", 3))


def test_reproduce_compares_to_the_last_bit() -> None:
    (found,) = compare({"x": 0.1 + 0.2}, {"x": 0.3})
    assert str(found) == "x: 0.30000000000000004 then, 0.3 now"


def test_compare_with_mlflow_uses_its_spelling() -> None:
    now = {"m trial 0 params.l1=zero?": True, "m trial 0 curve": 1}
    name = f"m trial 0 {safe_key('params.l1=zero?')}"
    assert compare({name: True}, now, whole=False) == ()
    assert len(compare({name: True}, now)) == 3
    assert len(compare({name: False}, now, whole=False)) == 1


def test_facts_exclude_durations_and_times(small: World) -> None:
    folder = small.session.folder
    facts = {**trial_facts({"lightgbm": folder.trials("lightgbm")}), **board_facts(folder.document("benchmark"))}
    assert not [name for name in facts if "seconds" in name or "time" in name.split() or "started" in name]
    assert {"lightgbm trial 1 value", "lightgbm trial 0 curve at 10 rounds", "blend weight of catboost"} <= set(facts)
    record = folder.trials("lightgbm")[0]
    slower = TrialRecord.model_validate({**dict(record), "seconds": 99.0, "attempts": 2, "peak_memory_mb": 1.0})
    assert trial_facts({"m": [slower]}) == trial_facts({"m": [record]})


def test_reproduce_accepts_run_id_and_name(inside: World) -> None:
    root = inside.session.store.root
    by_name = find_original("small", root)
    assert by_name == find_original(inside.session.run_id, root)
    assert by_name.run_id == inside.session.run_id
    assert by_name.trials == {"lightgbm": 2, "catboost": 1}
    with pytest.raises(UsageError, match="there is no run of this id or name"):
        find_original("0123456789ab", root)


def test_nothing_has_changed_right_after_the_run(inside: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "small", "--check"]) == 0
    assert "unchanged  code, data, libraries and Python" in capsys.readouterr().out


def test_each_change_is_named(inside: World) -> None:
    original = find_original("small", inside.session.store.root)
    then = json.loads(json.dumps(original.environment))
    then["code"], then["python"] = "0" * 64, "2.7.18"
    then["libraries"]["lightgbm"] = "1.0"
    then["data"]["history.csv"] = "1" * 64
    lines = identity_differences(replace(original, environment=then), inside.session.digests)
    assert len(lines) == 4
    assert lines[0].startswith("code: the modules that change numbers were 000000000000...")
    assert lines[1].startswith("data: history.csv had sha256 111111111111...")
    assert lines[2].startswith("library: lightgbm was 1.0, ")
    assert lines[3].startswith("python was 2.7.18, ")


def test_data_that_changed_is_named_by_its_file(inside: World, capsys: pytest.CaptureFixture[str]) -> None:
    history = inside.session.store.root / "history.csv"
    before = history.read_bytes()
    try:
        history.write_bytes(before + b"9,b,2015-01-01,1,FALSE,1,west\n")
        assert main(["reproduce", "small", "--check"]) == 1
        assert "changed    data: history.csv had sha256" in capsys.readouterr().out
        history.unlink()
        with pytest.raises(DataError, match=r"history\.csv"):
            reproduce("small", inside.session.store.root, check=True)
    finally:
        history.write_bytes(before)


def test_a_run_without_its_documents_is_a_sentence(inside: World) -> None:
    document = inside.session.folder.path / "environment.json"
    aside = document.rename(document.with_suffix(".aside"))
    try:
        with pytest.raises(DataError, match=r"environment\.json is absent or damaged"):
            reproduce("small", inside.session.store.root, check=True)
    finally:
        aside.rename(document)


def test_document_nested_too_deeply_is_refused(inside: World) -> None:
    path = inside.session.folder.path / "environment.json"
    before = path.read_bytes()
    try:
        path.write_text("[" * 100_000)
        with pytest.raises(DataError, match=r"environment\.json is absent or damaged"):
            find_original("small", inside.session.store.root)
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["spec.resolved", "benchmark"])
def test_a_document_of_another_shape_is_a_sentence(name: str, inside: World) -> None:
    path = inside.session.folder.path / f"{name}.json"
    before = path.read_bytes()
    try:
        path.write_text(json.dumps({"name": "small", "run_id": "0123456789ab", "rows": []}))
        with pytest.raises(DataError, match="its documents are of another version"):
            find_original("small", inside.session.store.root)
    finally:
        path.write_bytes(before)


@pytest.mark.slow
def test_reproduce_is_identical_and_leaves_nothing(
    inside: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(path for path in inside.session.store.root.rglob("*"))
    assert main(["reproduce", "small", "--quiet"]) == 0
    assert "identical  3 trials and 4 models" in capsys.readouterr().out
    assert sorted(path for path in inside.session.store.root.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_reproduce_names_both_values_of_difference(inside: World, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(inside.session.store.root, root)
    path = root / inside.session.folder.path.relative_to(inside.session.store.root) / "benchmark.json"
    document = json.loads(path.read_bytes())
    row = next(row for row in document["results"] if row["model_name"] == "lightgbm")
    row["scores"]["wape"] += 1.0
    path.write_text(json.dumps(document))
    verdict = reproduce("small", root, keep=True)
    assert not verdict.same
    (difference,) = verdict.differences
    assert difference.name == "lightgbm wape"
    assert difference.then == pytest.approx(difference.now + 1)
    assert verdict.kept is not None
    assert list(verdict.kept.glob("results/runs/small/*/benchmark.json"))
    shutil.rmtree(verdict.kept)


@pytest.mark.slow
def test_reproduce_without_folder_fetches_from_mlflow(inside: World, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(inside.session.store.root, root)
    store = type(inside.session.store)(root)
    (folder,) = store.runs("small")
    delivery = prepare_delivery(folder, store)
    assert delivery is not None
    assert deliver(delivery).pending == 0
    shutil.rmtree(root / "results")
    for run in ("small", inside.session.run_id):
        verdict = reproduce(run, root, check=run == "small")
        assert verdict.same, [str(difference) for difference in verdict.differences]
        assert verdict.original.place == "sqlite:///mlruns/mlflow.db"
    assert verdict.repeated
    assert verdict.compared > 100
