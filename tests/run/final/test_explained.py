"""What is kept beside a final model of its features: bounded, the same each time, in units of the target."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forecast_worlds import World

from runner.data.split import Window, view
from runner.families.features.build import TableBuilder
from runner.families.features.table import FeatureTable
from runner.families.models import ModelError, load
from runner.files.atomic import read_files
from runner.report.sections import Sections
from runner.results.contributions import importance, kept_path
from runner.run.final import explain
from runner.run.final.explain import explain_fit, rows_for, sampled
from runner.run.final.future_window import forecast_window, with_stand_ins
from runner.run.final.make import PAYLOAD
from runner.run.final.manifest import read_manifest
from runner.store.run_facts import run_facts


@pytest.fixture(scope="module")
def source(world: World) -> tuple[TableBuilder, Window]:
    """Where the rows come from that the final LightGBM has learnt from."""
    setup = world.plan.setup
    window = forecast_window(setup.panel, world.plan.spec)
    seen = view(with_stand_ins(setup.panel, window), window, setup.season)
    tables = read_manifest(world.session.folder.final_path("lightgbm") / PAYLOAD).parts[-1].tables
    assert tables is not None
    return TableBuilder(seen, tables), window


@pytest.fixture(scope="module")
def learnt(source: tuple[TableBuilder, Window]) -> tuple[FeatureTable, Window]:
    """The rows that the final LightGBM has learnt from."""
    return source[0].tables().train, source[1]


def folder_of(world: World, model: str) -> Path:
    return kept_path(world.session.folder.final_path(model), model).parent


@pytest.mark.parametrize("model", ["lightgbm", "catboost"])
def test_explanation_is_mean_absolute_shap_value(
    world: World, source: tuple[TableBuilder, Window], learnt: tuple[FeatureTable, Window], model: str
) -> None:
    folder = folder_of(world, model)
    document = json.loads((folder / "contributions.json").read_text())
    rows = sampled(*learnt)
    saved: Any = load(model, read_files(folder))
    found, factor = saved.contributions(rows), source[0].factor(rows.rows)
    assert factor is not None
    moved = found.values * factor[:, None]
    assert factor * found.base + moved.sum(axis=1) == pytest.approx(factor * saved.predict(rows))
    assert document["unit"] == "target"
    assert document["rows"] == len(rows)
    assert document["mean_abs"] == pytest.approx(dict(zip(rows.names, np.abs(moved).mean(axis=0), strict=True)))


def test_report_shows_contributions_of_tree_models(world: World) -> None:
    charts = Sections(run_facts(world.session.folder)).models()
    assert {chart.key for chart in charts} == {"features-lightgbm", "features-catboost"}
    assert all("units of sold" in json.dumps(chart.spec) for chart in charts)
    assert importance("blend", world.session.folder.final_path("blend"), None) is None


def test_explained_rows_are_bounded_and_recent(
    learnt: tuple[FeatureTable, Window],
) -> None:
    table, window = learnt
    all_of_them = sampled(table, window)
    target = all_of_them.rows.target
    assert (target >= window.cutoff[all_of_them.series] - window.horizon).all()
    assert np.isfinite(all_of_them.y).all()
    few = sampled(table, window, 10)
    assert len(few) == 10
    assert np.array_equal(few.x, sampled(table, window, 10).x, equal_nan=True)


@pytest.mark.parametrize("model", ["lightgbm", "catboost"])
def test_large_model_explains_fewer_rows(world: World, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trees: Any = load(model, read_files(folder_of(world, model)))
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


def explained(world: World, source: tuple[TableBuilder, Window]) -> dict[str, bytes]:
    return explain_fit("lightgbm", read_files(folder_of(world, "lightgbm")), *source)


def test_explaining_again_gives_the_same_bytes(world: World, source: tuple[TableBuilder, Window]) -> None:
    kept = folder_of(world, "lightgbm") / "contributions.json"
    assert explained(world, source) == {"contributions.json": kept.read_bytes()}


@pytest.mark.parametrize("error", [MemoryError(), ValueError("nan"), OSError(28, "no space left"), RuntimeError("x")])
def test_an_error_costs_the_explanation_only(
    world: World,
    source: tuple[TableBuilder, Window],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(explain.models, "load", fail)
    assert explained(world, source) == {}
    assert f"has no contributions: {type(error).__name__}" in caplog.text


def test_nonfinite_contribution_is_not_written(
    world: World, source: tuple[TableBuilder, Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "contributions_document", lambda *_: {"mean_abs": {"lag_1": float("nan")}})
    assert explained(world, source) == {}


def test_model_without_contributions_is_logged(
    source: tuple[TableBuilder, Window], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        assert explain_fit("lightgbm", {}, *source) == {}
    assert "has no contributions" in caplog.text
