"""The scoreboard: the same cells for everyone, holes where something failed, and nothing fitted twice."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from benchmark_worlds import HORIZON, MODELS, SERIES, Fitter, KeptRows, plan_of

from runner.data.split import truth
from runner.run.benchmark.board import benchmark
from runner.run.benchmark.forecasts import decode, encode
from runner.run.benchmark.member import MemberJob, fit_member


def test_rows_are_ranked_by_tuned_metric(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path), KeptRows(tmp_path)
    board = benchmark(plan, {}, rows, Fitter(plan))
    values = [row.scores["mae"] for row in board.results]
    assert values == sorted(values, key=lambda v: v or 0)
    by_name = {row.model: row for row in board.results}
    base = by_name["seasonal_naive"].scores["mae"] or 0
    assert by_name["seasonal_naive"].gain == 0
    assert by_name["drift"].gain == pytest.approx((base - (by_name["drift"].scores["mae"] or 0)) / base)
    assert {row.n_cells for row in board.results} == {2 * SERIES * HORIZON - 1}
    assert {c.against for c in board.comparisons} == {board.results[0].model}
    assert len(board.comparisons) == 3


def test_second_benchmark_fits_nothing(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path), KeptRows(tmp_path)
    first, again = Fitter(plan), Fitter(plan)
    board = benchmark(plan, {}, rows, first)
    assert sorted(first.asked) == ["drift", "naive", "seasonal_naive"]
    assert benchmark(plan, {}, rows, again) == board
    assert again.asked == []


def test_resumed_benchmark_fits_only_missing_models(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path), KeptRows(tmp_path)
    board = benchmark(plan, {}, rows, Fitter(plan))
    del rows.kept["drift"], rows.kept["blend"]
    resumed = Fitter(plan)
    found = benchmark(plan, {}, rows, resumed)
    assert resumed.asked == ["drift"]
    for row, before in zip(found.results, board.results, strict=True):
        assert (row.model, row.scores, row.gain, row.weights) == (
            before.model, before.scores, before.gain, before.weights,
        )  # fmt: skip


def test_model_with_lost_worker_is_retried(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path), KeptRows(tmp_path)
    holed = benchmark(plan, {}, rows, Fitter(plan, broken=["drift"], lost=["naive"]))
    assert [row.model for row in holed.results if row.status == "failed"] == ["naive", "drift", "blend"]
    again = Fitter(plan)
    board = benchmark(plan, {}, rows, again)
    assert again.asked == ["naive"], "what failed by itself stays a hole"
    whole = benchmark(plan, {}, KeptRows(tmp_path), Fitter(plan, broken=["drift"]))
    for row, wanted in zip(board.results, whole.results, strict=True):
        assert (row.model, row.scores, row.weights) == (wanted.model, wanted.scores, wanted.weights)


def test_model_with_dying_workers_is_retried_twice(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path), KeptRows(tmp_path)
    for asked in (list(MODELS)[:3], ["naive"], ["naive"], []):
        fitter = Fitter(plan, lost=["naive"])
        board = benchmark(plan, {}, rows, fitter)
        assert fitter.asked == asked
    assert [row.model for row in board.results if row.status == "failed"] == ["naive", "blend"]
    assert not rows.kept["naive"].should_retry(None)


@pytest.mark.parametrize(("timeout", "asked"), [("5m", []), ("1m", []), ("10m", ["naive"]), (None, ["naive"])])
def test_timed_out_model_resumes_with_longer_limit(tmp_path: Path, timeout: str | None, asked: list[str]) -> None:
    first, rows = plan_of(tmp_path, timeout="5m"), KeptRows(tmp_path)
    benchmark(first, {}, rows, Fitter(first, slow=["naive"]))
    then = plan_of(tmp_path, timeout=timeout)
    fitter = Fitter(then)
    benchmark(then, {}, rows, fitter)
    assert fitter.asked == asked


def test_failed_member_fails_its_blend(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path), KeptRows(tmp_path)
    board = benchmark(plan, {}, rows, Fitter(plan, broken=["naive"]))
    by_name = {row.model: row for row in board.results}
    assert [row.model for row in board.results[-2:]] == ["naive", "blend"]
    assert by_name["naive"].reason == "test-1: it would not"
    assert by_name["blend"].reason == "it is a blend of naive, seasonal_naive, and naive failed"
    assert by_name["blend"].scores == {}
    assert by_name["blend"].gain is None


def test_failed_baseline_removes_gains_only(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path), KeptRows(tmp_path)
    board = benchmark(plan, {}, rows, Fitter(plan, broken=["seasonal_naive"]))
    assert all(row.gain is None for row in board.results)
    assert board.results[0].scores["mae"] is not None


def test_learnt_weights_use_tuning_windows_only(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    weights = benchmark(plan, {}, KeptRows(tmp_path), Fitter(plan)).results
    found = next(row.weights for row in weights if row.model == "blend")
    assert sum(found.values()) == pytest.approx(1)
    poisoned = plan_of(tmp_path)
    poisoned.setup.panel.y[:, poisoned.setup.windows.test[0].cutoff[0] :] *= 100
    again = benchmark(poisoned, {}, KeptRows(tmp_path), Fitter(poisoned)).results
    assert next(row.weights for row in again if row.model == "blend") == found


def test_quantiles_cover_about_their_level(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path, quantiles=[0.1, 0.5, 0.9]), KeptRows(tmp_path)
    benchmark(plan, {}, rows, Fitter(plan))
    found = decode(rows.forecasts_path("seasonal_naive").read_bytes(), plan)
    for window in plan.setup.windows.test:
        quantiles = found[window.name].quantiles
        assert quantiles is not None
        assert (np.diff(quantiles, axis=-1) >= 0).all()
        y = truth(plan.setup.panel, window)
        inside = (y >= quantiles[..., 0]) & (y <= quantiles[..., 2])
        assert inside[np.isfinite(y)].mean() > 0.5


def test_forecasts_come_back_from_parquet_as_they_were(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    run = fit_member(MemberJob(plan.member("naive").candidate({}), calibrate=True), plan)
    assert run.tuning is not None
    forecasts = {
        w.name: f
        for w, f in zip(
            (*plan.setup.windows.tuning, *plan.setup.windows.test),
            (*run.tuning.forecasts, *run.test.forecasts),
            strict=True,
        )
    }
    back = decode(encode(forecasts, plan), plan)
    assert set(back) == set(forecasts)
    for name, forecast in forecasts.items():
        np.testing.assert_array_equal(back[name].point, forecast.point)


def test_every_series_has_its_scores(tmp_path: Path) -> None:
    plan, rows = plan_of(tmp_path, {"naive": {}, "seasonal_naive": {}}), KeptRows(tmp_path)
    board = benchmark(plan, {}, rows, Fitter(plan))
    table = pq.read_table(io.BytesIO(rows.series)).to_pydict()
    assert table["id"] == ["0", "1", "2"] * 2
    naive = [v for v, model in zip(table["mae"], table["model"], strict=True) if model == "naive"]
    cells = np.array([8, 7, 8])
    overall = next(row.scores["mae"] for row in board.results if row.model == "naive")
    assert np.average(naive, weights=cells) == pytest.approx(overall)


def test_every_member_of_the_spec_has_a_row(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    board = benchmark(plan, {}, KeptRows(tmp_path), Fitter(plan))
    assert {row.model for row in board.results} == set(MODELS)
