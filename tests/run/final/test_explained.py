"""What is kept beside a final model of its features: bounded, the same each time, in units of the target."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from forecast_worlds import World

from runner.data.split import Window, view
from runner.families.features.build import build as build_tables
from runner.families.features.table import FeatureTable
from runner.families.models import ModelError, restore
from runner.report.sections import Album
from runner.results.contributions import importance, kept_path
from runner.run.final import explain
from runner.run.final.explain import keep_contributions, rows_for, sampled
from runner.run.final.future_window import forecast_window, with_stand_ins
from runner.run.final.make import PAYLOAD
from runner.run.final.manifest import read_manifest
from runner.store.run_facts import run_facts


@pytest.fixture(scope="module")
def learnt(world: World) -> tuple[FeatureTable, Window]:
    """The rows that the final LightGBM has learnt from."""
    setup = world.plan.setup
    window = forecast_window(setup.panel, world.plan.spec)
    seen = view(with_stand_ins(setup.panel, window), window, setup.season)
    tables = read_manifest(world.session.folder.final_path("lightgbm") / PAYLOAD).parts[-1].tables
    assert tables is not None
    return build_tables(seen, tables).train, window


def folder_of(world: World, model: str) -> Path:
    return kept_path(world.session.folder.final_path(model), model).parent


@pytest.mark.parametrize("model", ["lightgbm", "catboost"])
def test_what_is_kept_is_the_mean_size_of_shap_values_in_units_of_the_target(
    world: World, learnt: tuple[FeatureTable, Window], model: str
) -> None:
    folder = folder_of(world, model)
    document = json.loads((folder / "contributions.json").read_text())
    rows = sampled(*learnt)
    found = restore(model, folder).contributions(rows)
    moved = found.values * rows.scale[:, None]
    forecast = rows.level + rows.scale * found.base + moved.sum(axis=1)
    assert forecast == pytest.approx(restore(model, folder).predict(rows))
    assert document["unit"] == "target"
    assert document["rows"] == len(rows)
    assert document["mean_abs"] == pytest.approx(dict(zip(rows.names, np.abs(moved).mean(axis=0), strict=True)))


def test_the_report_shows_them_for_every_model_that_has_trees_of_its_own(world: World) -> None:
    charts = Album(run_facts(world.session.folder)).models()
    assert {chart.key for chart in charts} == {"features-lightgbm", "features-catboost"}
    assert all("units of sold" in chart.x.title for chart in charts)
    assert importance("blend", world.session.folder.final_path("blend"), None) is None


def test_rows_are_of_the_last_horizon_and_never_more_than_the_bound(
    learnt: tuple[FeatureTable, Window],
) -> None:
    table, window = learnt
    all_of_them = sampled(table, window)
    target = all_of_them.origin + window.gap + all_of_them.step - 1
    assert (target >= window.cutoff[all_of_them.series] - window.horizon).all()
    assert np.isfinite(all_of_them.y).all()
    few = sampled(table, window, 10)
    assert len(few) == 10
    assert np.array_equal(few.x, sampled(table, window, 10).x, equal_nan=True)


@pytest.mark.parametrize("model", ["lightgbm", "catboost"])
def test_a_large_model_explains_fewer_rows_and_a_huge_one_none(
    world: World, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = restore(model, folder_of(world, model))
    assert rows_for(trees) == explain.MOST_ROWS
    assert trees.explainable(1) == 0
    monkeypatch.setattr(explain, "WORK", 1)
    with pytest.raises(ModelError, match="so large"):
        rows_for(trees)


def test_where_nothing_is_recent_older_rows_serve(learnt: tuple[FeatureTable, Window]) -> None:
    table, window = learnt
    old = np.where(table.origin < 20, table.y, np.nan)
    assert (sampled(replace(table, y=old), window).origin < 20).all()
    with pytest.raises(ModelError, match="no row"):
        sampled(replace(table, y=np.full(len(table), np.nan)), window)


def test_it_is_the_same_to_the_last_letter_when_made_again(
    world: World, learnt: tuple[FeatureTable, Window], tmp_path: Path
) -> None:
    for name in ("model.txt", "meta.json"):
        (tmp_path / name).write_bytes((folder_of(world, "lightgbm") / name).read_bytes())
    keep_contributions("lightgbm", tmp_path, *learnt)
    kept = folder_of(world, "lightgbm") / "contributions.json"
    assert (tmp_path / "contributions.json").read_bytes() == kept.read_bytes()


@pytest.mark.parametrize("error", [MemoryError(), ValueError("nan"), OSError(28, "no space left"), RuntimeError("x")])
def test_whatever_goes_wrong_the_fit_is_kept(
    learnt: tuple[FeatureTable, Window],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fail(*_: object) -> None:
        raise error

    (tmp_path / "model.txt").touch()
    monkeypatch.setattr(explain.models, "restore", fail)
    keep_contributions("lightgbm", tmp_path, *learnt)
    assert f"has no contributions: {type(error).__name__}" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["model.txt"]


def test_what_is_no_number_is_not_written(
    world: World, learnt: tuple[FeatureTable, Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "contributions_document", lambda *_: {"mean_abs": {"lag_1": float("nan")}})
    for name in ("model.txt", "meta.json"):
        (tmp_path / name).write_bytes((folder_of(world, "lightgbm") / name).read_bytes())
    keep_contributions("lightgbm", tmp_path, *learnt)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["meta.json", "model.txt"]


def test_a_model_that_cannot_say_is_kept_without(
    learnt: tuple[FeatureTable, Window], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        keep_contributions("lightgbm", tmp_path, *learnt)
    assert "has no contributions" in caplog.text
    assert not list(tmp_path.iterdir())
