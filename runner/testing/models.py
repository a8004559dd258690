"""What every model promises. The author of a model subclasses this with a `kind` fixture and runs pytest."""

from __future__ import annotations

import pickletools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.families.models import ModelError, build, load
from runner.testing.worlds import HORIZON, ORIGINS, changed_from, dated, fitted, mixed, panel, tables, task, view
from runner.values.panel import Forecast, View, last_observed


def forecast(kind: str, of: View, chunks: tuple[int, ...] = (10,)) -> Forecast:
    return fitted(kind, task(of), chunks).forecast()


def forecast_or_reason(kind: str, of: View) -> Forecast | str:
    try:
        return forecast(kind, of)
    except ModelError as error:
        return str(error)


def one_line(reason: str) -> bool:
    return bool(reason) and "\n" not in reason


VIEWS = {
    "one cut-off": view(mixed(), 28),
    "own cut-offs": view(mixed(), [28, 20, 24, 28, 28, 22]),
    "a gap": view(mixed(), 28, gap=2),
    "beyond the data": view(mixed()),
    "horizon one": view(mixed(), 30, horizon=1),
    "no season": view(mixed(), 28, season=1),
    "a season longer than the past": view(mixed(), 28, season=100),
}


class ModelConformance:
    """Inherit with a `kind` fixture."""

    @pytest.mark.parametrize("of", VIEWS.values(), ids=VIEWS)
    def test_a_forecast_has_a_finite_point_wherever_there_is_history(self, kind: str, of: View) -> None:
        answer = forecast(kind, of)
        has_history = np.isfinite(last_observed(of.panel.y))
        assert answer.point.shape == of.targets.shape
        assert answer.point.dtype == np.float64
        assert np.isfinite(answer.point[has_history]).all()

    @pytest.mark.parametrize("of", VIEWS.values(), ids=VIEWS)
    def test_a_fallback_is_marked_per_cell(self, kind: str, of: View) -> None:
        marks = forecast(kind, of).fallback
        assert marks is None or (marks.shape == of.targets.shape and marks.dtype == bool)

    def test_the_same_seed_gives_the_same_forecast_to_the_last_bit(self, kind: str) -> None:
        of = VIEWS["one cut-off"]
        np.testing.assert_array_equal(forecast(kind, of).point, forecast(kind, of).point)

    @pytest.mark.parametrize("origin", ORIGINS)
    def test_paths_ignore_values_from_an_origin_on(self, kind: str, origin: int) -> None:
        """A model with `paths` can be the base of a target, where each origin is in the past of others."""
        rule: Any = build(kind, {}, 3)
        if not hasattr(rule, "paths"):
            pytest.skip("it is no rule")
        clean = dated()
        origins = np.repeat([[origin], [origin - 5]], clean.n_series, axis=1)
        before, after = (rule.paths(view(of, 40), origins) for of in (clean, changed_from(clean, origin)))
        assert before.shape == (*origins.shape, HORIZON)
        np.testing.assert_array_equal(before, after)

    @pytest.mark.parametrize("chunks", [(12, 12, 12), (1, 35), (30, 6)])
    def test_growing_in_chunks_is_growing_at_once(self, kind: str, chunks: tuple[int, ...]) -> None:
        of = VIEWS["one cut-off"]
        np.testing.assert_array_equal(forecast(kind, of, chunks).point, forecast(kind, of, (36,)).point)

    def test_looking_at_the_forecast_on_the_way_changes_nothing(self, kind: str) -> None:
        of = VIEWS["one cut-off"]
        fit = build(kind, {}, 3).start(task(of))
        for _ in range(3):
            fit.grow(12)
            fit.forecast()
        np.testing.assert_array_equal(fit.forecast().point, forecast(kind, of, (36,)).point)

    def test_a_booster_without_a_tree_says_nothing_and_a_baseline_is_complete(self, kind: str) -> None:
        fit = build(kind, {}, 3).start(task(VIEWS["one cut-off"]))
        assert np.isfinite(fit.forecast().point).any() == (not build(kind, {}, 3).grows)

    def test_a_constant_series_is_forecast_by_a_constant(self, kind: str) -> None:
        answer = forecast(kind, view(panel(np.full((2, 20), 5.0))))
        expected = 0.0 if kind == "zero" else 5.0
        np.testing.assert_allclose(answer.point, expected, rtol=1e-6)

    def test_a_series_of_zeros_is_forecast_by_zero(self, kind: str) -> None:
        answer = forecast(kind, view(panel(np.zeros((2, 20)))))
        np.testing.assert_allclose(answer.point, 0.0, atol=1e-9)

    @pytest.mark.parametrize("values", [np.full((2, 20), np.nan), np.full((1, 3), np.nan)])
    def test_a_panel_without_any_observation_gives_nothing_or_a_reason_in_one_line(
        self, kind: str, values: np.ndarray
    ) -> None:
        answer = forecast_or_reason(kind, view(panel(values)))
        assert one_line(answer) if isinstance(answer, str) else np.isnan(answer.point).all()

    @pytest.mark.parametrize("position", [0, 9, 19])
    def test_one_observation_in_all_is_enough_or_a_reason_is_given(self, kind: str, position: int) -> None:
        y = np.full((1, 20), np.nan)
        y[0, position] = 4.0
        answer = forecast_or_reason(kind, view(panel(y)))
        expected = 0.0 if kind == "zero" else 4.0
        assert one_line(answer) if isinstance(answer, str) else np.allclose(answer.point, expected)

    def test_saved_files_are_never_pickles(self, kind: str) -> None:
        files = fitted(kind, task(VIEWS["one cut-off"])).save()
        assert files
        assert {Path(name).suffix for name in files} <= {".json", ".txt", ".cbm", ".npz"}
        assert not any(is_pickle(content) for content in files.values())

    def test_saving_twice_gives_the_same_bytes(self, kind: str) -> None:
        fit = fitted(kind, task(VIEWS["one cut-off"]))
        assert fit.save() == fit.save()

    @pytest.mark.parametrize("of", VIEWS.values(), ids=VIEWS)
    def test_loaded_model_forecasts_the_same_bits(self, kind: str, of: View) -> None:
        fit = fitted(kind, task(of))
        again = load(kind, fit.save()).forecast(task(of))
        np.testing.assert_array_equal(again.point, fit.forecast().point)

    @pytest.mark.parametrize("files", [{}, {"meta.json": b"{"}, {"meta.json": b'{"kind": "other", "params": {}}'}])
    def test_loading_damaged_files_is_a_reason(self, kind: str, files: dict[str, bytes]) -> None:
        with pytest.raises(ModelError, match=r"meta\.json"):
            load(kind, files)

    def test_a_fit_writes_nothing_but_what_it_is_told_to_save(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        forecast(kind, VIEWS["one cut-off"])
        assert list(tmp_path.iterdir()) == []

    def test_a_fit_prints_nothing(self, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
        forecast(kind, VIEWS["one cut-off"], (10, 10))
        assert capfd.readouterr() == ("", "")

    def test_a_fit_leaves_its_view_and_its_tables_as_they_were(self, kind: str) -> None:
        of = view(mixed(), 28)
        made = tables(of)
        before = [of.panel.y.copy(), made.train.x.copy(), made.train.y.copy(), made.ahead.x.copy()]
        fitted(kind, task(of, made)).forecast()
        for now, then in zip([of.panel.y, made.train.x, made.train.y, made.ahead.x], before, strict=True):
            np.testing.assert_array_equal(now, then)

    def test_a_fit_says_how_much_it_learnt_from(self, kind: str) -> None:
        rows, columns = fitted(kind, task(VIEWS["one cut-off"])).shape
        assert (type(rows), type(columns)) == (int, int)
        assert (columns > 0) == (build(kind, {}, 3).inputs == "rows")

    def test_a_parameter_nobody_knows_is_refused_or_left_to_the_library(self, kind: str) -> None:
        if build(kind, {}, 3).inputs == "rows":
            return
        with pytest.raises(ModelError, match="no_such_thing"):
            build(kind, {"no_such_thing": 1}, 3)


def is_pickle(content: bytes) -> bool:
    """Whether some pickle protocol would take it."""
    try:
        list(pickletools.genops(content))
    except (ValueError, IndexError, UnicodeDecodeError):
        return False
    return True
