"""Windows are derived from a few numbers; what they promise is that the test is never seen by the search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.data.split import future_window, keep_series, split, truth, view
from runner.errors import DataError
from runner.language.sections.experiment import Experiment
from runner.values.panel import Panel
from runner.values.section import as_values


def panel(y: np.ndarray, start: list[int] | None = None, stop: list[int] | None = None) -> Panel:
    n, t = y.shape
    return Panel(
        ("id",),
        tuple((str(i),) for i in range(n)),
        np.arange(t + 10),
        None,
        y.astype(float),
        np.array(start or [0] * n),
        np.array(stop or [t] * n),
    )


def spec(horizon: int = 3, gap: int = 0, short: str = "keep", **evaluation: Any) -> Experiment:
    return Experiment.model_validate(
        as_values(
            {
                "version": 1,
                "name": "x",
                "data": {"source": {"synthetic": {}}, "time": {"integer": "t"}, "target": "y", "short_series": short},
                "forecast": {"horizon": horizon, "gap": gap},
                "evaluation": evaluation,
                "models": {"naive": {}},
            }
        )
    )


def test_windows_are_counted_back_from_the_last_step() -> None:
    found = split(panel(np.ones((1, 30))), spec(3, tuning={"windows": 2, "step": 2}, test={"windows": 2, "step": 3}))
    assert [int(w.cutoff[0]) for w in found.test] == [24, 27]
    assert [int(w.cutoff[0]) for w in found.tuning] == [19, 21]
    assert [w.name for w in found.tuning] == ["tuning-1", "tuning-2"]


def test_min_horizon_shortens_late_tuning_windows() -> None:
    found = split(panel(np.ones((1, 30))), spec(4, tuning={"windows": 3, "step": 1, "min_horizon": 2}))
    assert [(int(w.cutoff[0]), w.horizon) for w in found.tuning] == [(22, 4), (23, 3), (24, 2)]


@given(
    horizon=st.integers(1, 6),
    gap=st.integers(0, 3),
    windows=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    steps=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    min_horizon=st.none() | st.integers(1, 6),
    anchor=st.sampled_from(["calendar", "series_end"]),
)
def test_tuning_targets_precede_all_test_targets(
    horizon: int, gap: int, windows: tuple[int, int], steps: tuple[int, int], min_horizon: int | None, anchor: str
) -> None:
    tuning = {"windows": windows[0], "step": steps[0]} | ({"min_horizon": min_horizon} if min_horizon else {})
    found = split(
        panel(np.ones((2, 80)), stop=[80, 70]),
        spec(horizon, gap, tuning=tuning, test={"windows": windows[1], "step": steps[1]}, anchor=anchor),
    )
    first_test = found.test[0].cutoff
    for window in found.tuning:
        assert (window.cutoff + gap + window.horizon <= first_test).all()
        assert window.horizon >= 1


def test_series_end_counts_back_from_each_end() -> None:
    found = split(panel(np.ones((2, 30)), stop=[30, 25]), spec(3, anchor="series_end"))
    assert found.test[0].cutoff.tolist() == [27, 22]


def test_cell_without_truth_or_history_does_not_count() -> None:
    y = np.ones((3, 12))
    y[0, 10] = np.nan  # no truth at the second step
    y[1, :9] = np.nan  # new: nothing before the cut-off
    window = split(panel(y), spec(3)).test[0]
    assert window.cells.tolist() == [[True, False, True], [False] * 3, [True] * 3]
    assert np.isnan(truth(panel(y), window)[1]).all()


def test_a_sliding_window_hides_what_lies_before_it() -> None:
    p = panel(np.arange(30.0)[None])
    window = split(p, spec(3, test={"windows": 1, "history": 5})).test[0]
    seen = view(p, window, season=1).panel.y[0]
    assert np.flatnonzero(np.isfinite(seen)).tolist() == [22, 23, 24, 25, 26]


def test_split_short_history_names_steps_and_series() -> None:
    with pytest.raises(DataError, match=r"too short by 3 steps, even for the longest series 0 \(4 steps\)"):
        split(panel(np.ones((1, 4))), spec(3))


@pytest.mark.parametrize(("short", "kept"), [("keep", 2), ("drop", 1)])
def test_short_series_are_kept_or_dropped_as_declared(short: str, kept: int) -> None:
    y = np.ones((2, 12))
    y[1, :10] = np.nan
    assert keep_series(panel(y), spec(3, short=short)).n_series == kept


def test_short_series_error_names_them() -> None:
    y = np.ones((2, 12))
    y[1, :10] = np.nan
    with pytest.raises(DataError, match="1 of 2 series have no cell that counts in any test window: 1;"):
        keep_series(panel(y), spec(3, short="error"))


def test_the_future_window_begins_where_the_data_ends() -> None:
    window = future_window(panel(np.ones((2, 30)), stop=[30, 25]), spec(3, anchor="series_end"))
    assert window.cutoff.tolist() == [30, 25]
    assert not window.cells.any()
